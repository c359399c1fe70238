"""macOS's counters, as numbers that grow: what is counted of them, and what they cannot tell."""

from __future__ import annotations

from collections import Counter

import pytest

from tracker.capture.quartz import QuartzIdle, QuartzInput
from tracker.capture.tally import Tally
from tracker.model.counts import Counts

KEY_DOWN, KEY_UP, MODIFIERS = 10, 11, 12
LEFT, RIGHT, OTHER, LEFT_UP = 1, 3, 25, 2
SCROLL, MOVED, DRAGGED = 22, 5, 6


class Session:
    """Counters that begin shortly before they are full."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._counted: Counter[int] = Counter()

    def happens(self, **times: int) -> None:
        self._counted.update({globals()[name]: number for name, number in times.items()})

    def count(self, kind: int) -> int:
        return (2**32 - 2 + self._counted[kind]) % 2**32

    def silence_s(self) -> float:
        return self.seconds


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def source(session: Session, tally: Tally) -> QuartzInput:
    session.happens(KEY_UP=1, LEFT=1)  # before anybody counts
    source = QuartzInput(session)
    source.start(tally, pytest.fail)
    return source


def test_keys_clicks_and_scrolls_are_counted_over_the_end_of_the_counters(
    session: Session, tally: Tally, source: QuartzInput
) -> None:
    session.happens(KEY_DOWN=5, KEY_UP=5, LEFT=2, LEFT_UP=2, RIGHT=1, OTHER=1, SCROLL=7, MOVED=900)
    source.poll()
    assert tally.take() == Counts(keys=5, clicks=4, scrolls=7, active=True)
    source.poll()
    assert tally.take() == Counts()


def test_a_held_key_counts_once_and_is_activity_all_the_time(
    session: Session, tally: Tally, source: QuartzInput
) -> None:
    session.happens(KEY_DOWN=30, KEY_UP=1)
    source.poll()
    assert tally.take().keys == 1
    session.happens(MODIFIERS=1)
    source.poll()
    assert tally.take() == Counts(active=True)
    session.happens(MODIFIERS=1)
    source.poll()
    assert tally.take() == Counts(keys=1, active=True)


@pytest.mark.parametrize("motion", ["MOVED", "DRAGGED"])
def test_motion_is_activity_and_no_count(
    session: Session, tally: Tally, source: QuartzInput, motion: str
) -> None:
    session.happens(**{motion: 1})
    source.poll()
    assert tally.take() == Counts(active=True)


def test_what_came_last_counts_and_nothing_after_it(
    session: Session, tally: Tally, source: QuartzInput
) -> None:
    session.happens(KEY_UP=1)
    source.stop()
    assert tally.take().keys == 1
    session.happens(KEY_UP=1)
    source.poll()
    assert tally.take() == Counts()


def test_the_silence_is_told_in_milliseconds(session: Session) -> None:
    session.seconds = 12.3456
    assert QuartzIdle(session).idle_ms() == 12_346
