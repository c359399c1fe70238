"""The tally is told that something happened, and could not be told what."""

from __future__ import annotations

import inspect
import threading

from tracker.capture.tally import Tally
from tracker.model.counts import SILENCE, Counts


def test_nothing_can_be_said_to_a_tally_but_that_it_happened() -> None:
    methods = inspect.getmembers(Tally(), inspect.ismethod)
    assert {name for name, _ in methods} == {"__init__", "key", "click", "scroll", "move", "take"}
    assert [name for name, method in methods if inspect.signature(method).parameters] == []


def test_a_tally_holds_numbers_only() -> None:
    tally = Tally()
    tally.key()
    held = [value for name, value in vars(tally).items() if name != "_lock"]
    assert {type(value) for value in held} <= {int, bool}


def test_taking_empties_it() -> None:
    tally = Tally()
    for tell in (tally.key, tally.key, tally.click, tally.scroll):
        tell()
    assert tally.take() == Counts(2, 1, 1, active=True)
    assert tally.take() == SILENCE


def test_motion_is_activity_without_a_count() -> None:
    tally = Tally()
    tally.move()
    assert tally.take() == Counts(active=True)
    assert tally.take() == SILENCE


def test_no_press_is_lost_between_threads() -> None:
    tally = Tally()
    threads = [threading.Thread(target=lambda: [tally.key() for _ in range(20_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    taken = 0
    while any(thread.is_alive() for thread in threads):
        taken += tally.take().keys or 0
    for thread in threads:
        thread.join()
    assert taken + (tally.take().keys or 0) == 80_000
