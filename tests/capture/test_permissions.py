"""macOS's permissions: looked up without a question, and asked for by the system's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tracker.capture.permissions import ACCESSIBILITY, FOR_PYNPUT, LISTENING, SCREEN, Permission, require
from tracker.errors import CaptureUnavailable


class Library:
    """A framework whose functions are called by their names, and answer alike."""

    def __init__(self, *, answer: bool) -> None:
        self.called: list[str] = []
        self._answer = answer

    def __getattr__(self, name: str) -> Callable[[], bool]:
        def function() -> bool:
            self.called.append(name)
            return self._answer

        return function

    def of(self, _name: str) -> Any:
        return self


@pytest.mark.parametrize("granted", [False, True])
@pytest.mark.parametrize("one", [SCREEN, LISTENING, ACCESSIBILITY])
def test_looking_asks_nobody(one: Permission, granted: bool) -> None:
    library = Library(answer=granted)
    assert one.granted(library.of) is granted
    assert library.called == [one.check]
    assert not [name for name in library.called if "Request" in name]


def test_the_system_asks_its_user_where_it_can() -> None:
    library = Library(answer=False)
    assert not SCREEN.ask_user(library.of)
    assert not ACCESSIBILITY.ask_user(library.of)
    assert library.called == ["CGRequestScreenCaptureAccess", "AXIsProcessTrusted"]


def test_each_has_a_page_of_its_own() -> None:
    pages = {one.page.partition("?")[2] for one in (SCREEN, LISTENING, ACCESSIBILITY)}
    assert pages == {"Privacy_ScreenCapture", "Privacy_ListenEvent", "Privacy_Accessibility"}


def test_what_is_not_allowed_is_named_with_its_page_and_its_purpose() -> None:
    require(SCREEN, *FOR_PYNPUT, load=Library(answer=True).of)
    with pytest.raises(CaptureUnavailable, match="Screen Recording") as refusal:
        require(SCREEN, *FOR_PYNPUT, load=Library(answer=False).of)
    assert "Privacy & Security, Screen Recording" in refusal.value.advice
    assert SCREEN.purpose in refusal.value.advice
