"""Who can be at the desk, as the desktop tells it and as hands show it."""

from __future__ import annotations

from tracker.model.counts import SILENCE, Counts
from tracker.recording.attendance import Attendance

TYPING = Counts(keys=3, clicks=1, scrolls=2, active=True)


def locked(*, sure: bool) -> Attendance:
    one = Attendance()
    one.lock(locked=True, sure=sure)
    return one


def test_input_at_a_locked_screen_is_nobodys_until_it_is_unlocked() -> None:
    one = locked(sure=True)
    assert [one.let_through(TYPING) for _ in range(100)] == [SILENCE] * 100
    assert one.let_through(None) is SILENCE, "nor is somebody there who cannot be heard"

    one.lock(locked=False, sure=True)
    assert one.let_through(TYPING) is TYPING


def test_a_lock_whose_end_nobody_tells_gives_way_to_half_a_minute_of_input() -> None:
    one = locked(sure=False)
    assert [one.let_through(SILENCE) for _ in range(100)] == [SILENCE] * 100

    heard = [one.let_through(TYPING) for _ in range(31)]

    assert heard == [SILENCE] * 29 + [TYPING] * 2


def test_each_lock_asks_for_its_own_half_minute() -> None:
    one = locked(sure=False)
    for _ in range(29):
        one.let_through(TYPING)
    one.lock(locked=True, sure=False)

    assert [one.let_through(TYPING) for _ in range(30)] == [SILENCE] * 29 + [TYPING]


def test_input_while_asleep_is_nobodys() -> None:
    one = Attendance(asleep=True)

    assert one.let_through(TYPING) is SILENCE
