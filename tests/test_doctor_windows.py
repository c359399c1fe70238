"""The doctor tells whether privacy rules are kept, and names no window."""

from __future__ import annotations

import pytest
from cameras import FakeWindows, blind

from tracker.capture.base import Area, Window, Windows
from tracker.capture.camera import BLIND, BROKEN_SETTINGS
from tracker.doctor import examine_windows
from tracker.errors import BadValue, CaptureUnavailable
from tracker.settings import Settings

VAULT = Windows((Window("KeePassXC", "the vault of Anna", Area(0, 0, 16, 16)),))


def test_the_doctor_tells_whether_rules_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.doctor.choose_windows", lambda: FakeWindows([VAULT]))
    works = examine_windows(Settings)
    assert (works.state, works.source, works.why) == (
        "works",
        "fake",
        "1 on the screen. Privacy rules are kept.",
    )
    monkeypatch.setattr("tracker.doctor.choose_windows", blind)
    missing = examine_windows(Settings)
    assert (missing.state, missing.why) == ("missing", f"{BLIND} So shots are withheld.")
    limited = examine_windows(lambda: Settings(shots_without_rules=True))
    assert limited.state == "limited"
    assert "show everything" in limited.why
    none = examine_windows(lambda: Settings(password_managers="show", private_windows="show"))
    assert none.state == "works"


def test_settings_that_cannot_be_read_are_told_without_what_they_say() -> None:
    def broken() -> Settings:
        raise BadValue("'the vault of Anna' is nothing", advice="Correct it.")

    found = examine_windows(broken)
    assert (found.state, found.why, found.advice) == ("missing", BROKEN_SETTINGS, "Correct it.")


def test_a_desktop_that_fails_to_tell_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(FakeWindows):
        def look(self) -> Windows:
            raise CaptureUnavailable("The display is gone.", advice="Start again.")

    monkeypatch.setattr("tracker.doctor.choose_windows", Failing)
    found = examine_windows(Settings)
    assert (found.state, found.why, found.advice) == ("missing", "The display is gone.", "Start again.")
