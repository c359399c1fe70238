"""What Windows itself knows of input, beside the hooks that count it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tracker.capture.tally import Tally
from tracker.capture.win32 import Win32Idle, Win32Input
from tracker.model.counts import Counts


@pytest.fixture
def _display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A display for pynput's hooks, where they need one."""
    if sys.platform in {"win32", "darwin"}:
        yield
        return
    import desktop  # noqa: PLC0415  # Windows has no Xlib

    with desktop.xvfb() as display:
        monkeypatch.setenv("DISPLAY", display.name)
        yield


@pytest.mark.usefixtures("_display")
def test_input_that_no_hook_sees_is_activity() -> None:
    ticks = iter([2**32 - 5, 2**32 - 5, 3, 3])
    tally, source = Tally(), Win32Input(lambda: next(ticks))
    source.start(tally, pytest.fail)
    seen = []
    for _ in range(3):
        source.poll()
        seen.append(tally.take())
    source.stop()
    assert seen == [Counts(), Counts(active=True), Counts()]


def test_the_silence_is_told_over_the_end_of_the_ticks() -> None:
    assert Win32Idle(last=lambda: 2**32 - 40, now=lambda: 60).idle_ms() == 100
