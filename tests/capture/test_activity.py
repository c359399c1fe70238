"""Seconds with input where nobody may count it: what a witness says becomes activity, once, and no counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.capture import activity
from tracker.capture.activity import ActivityIdle, ActivityInput, LastInput
from tracker.capture.idle_notify import Told
from tracker.capture.tally import Tally
from tracker.errors import CaptureUnavailable

IDLED, RESUMED = 0, 1


@dataclass
class Said:
    """A witness that says what the test has written down, then that it is gone."""

    words: Iterator[LastInput | None]
    limits: str = ""
    closed: int = 0

    def look(self) -> LastInput | None:
        try:
            return next(self.words)
        except StopIteration:
            raise CaptureUnavailable("The desktop is gone.") from None

    def close(self) -> None:
        self.closed += 1


@dataclass
class Heard:
    """A source that began at 1,000, and what it told."""

    witness: Said
    reasons: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.source = ActivityInput({"said-idle": lambda: self.witness})
        self.source.start(self.tally, self.reasons.append)

    def seconds(self, polls: int) -> list[bool]:
        found = []
        for _ in range(polls):
            self.source.poll()
            counts = self.tally.take()
            assert (counts.keys, counts.clicks, counts.scrolls) == (0, 0, 0)
            found.append(counts.active)
        return found


@pytest.fixture(autouse=True)
def _at_1000(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "instant", lambda: 1_000)


def said(*words: tuple[int, int, int] | None) -> Heard:
    return Heard(Said(iter([LastInput(*one) if one else None for one in words])))


def test_input_makes_the_second_active_in_which_it_came_and_no_other() -> None:
    heard = said((400, 402, 2_000), (2_300, 2_301, 3_000), (2_299, 2_301, 4_000), (4_100, 4_100, 5_000))
    assert heard.seconds(4) == [False, True, False, True]


def test_what_came_before_the_start_is_not_told() -> None:
    assert said((999, 1_001, 1_001)).seconds(1) == [False]


def test_an_uncertain_word_is_settled_by_the_next() -> None:
    heard = said((2_000, 2_500, 2_500), (1_600, 2_600, 2_600), (2_000, 3_000, 3_000), (3_100, 4_000, 4_000))
    assert heard.seconds(4) == [True, False, False, True]


def test_a_witness_that_cannot_say_now_is_asked_again() -> None:
    assert said(None, (1_500, 1_500, 3_000), None).seconds(3) == [False, True, False]


def test_a_witness_that_is_gone_is_told_once() -> None:
    heard = said((1_500, 1_500, 2_000))
    assert heard.seconds(3) == [True, False, False]
    heard.source.stop()
    assert (heard.reasons, heard.witness.closed) == (["The desktop is gone."], 1)


def test_nothing_is_told_after_the_stop() -> None:
    heard = said((1_500, 1_500, 2_000))
    heard.source.stop()
    assert heard.seconds(1) == [False]
    assert not heard.reasons


def refuse() -> Said:
    raise CaptureUnavailable("Not here.")


def test_the_first_that_answers_gives_the_name() -> None:
    source = ActivityInput({"one-idle": refuse, "two-idle": lambda: Said(iter([]), "Not all.")})
    source.start(Tally(), lambda _: None)
    assert (source.name, activity.limits(source)) == ("two-idle", "Not all.")


def test_where_none_answers_that_is_said_with_what_helps() -> None:
    with pytest.raises(CaptureUnavailable, match="does not tell") as refusal:
        ActivityInput({"one-idle": refuse}).start(Tally(), lambda _: None)
    assert "X11" in refusal.value.advice


def test_the_time_since_the_last_input_is_told_at_the_most() -> None:
    witness = Said(iter([LastInput(400, 900, 2_000), None]))
    idle = ActivityIdle({"one": refuse, "two": lambda: witness})
    assert [idle.idle_ms() for _ in range(3)] == [1_600, None, None]
    assert witness.closed == 1
    assert ActivityIdle({"one": refuse}).idle_ms() is None


def told(*events: tuple[int, int], since: int = 10_000) -> Told:
    made = Told(since)
    for which, at in events:
        made = made.then(which, at)
    return made


def test_what_was_before_the_first_word_is_unknown() -> None:
    assert told().last(11_000) is None
    assert told((IDLED, 11_002)).last(60_000) is None, "silent from the beginning: since when is unknown"


def test_without_a_word_of_silence_there_was_input_within_a_second() -> None:
    assert told().last(11_100) == (10_200, 11_100, 11_100)
    assert told((IDLED, 11_002), (RESUMED, 20_000)).last(60_000) == (59_100, 60_000, 60_000)


def test_use_after_silence_is_known_to_the_millisecond_and_so_is_its_end() -> None:
    resumed = told((IDLED, 11_002), (RESUMED, 20_000))
    assert resumed.last(20_050) == (20_000, 20_050, 20_050)
    assert resumed.then(IDLED, 21_500).last(30_000) == (20_500, 20_500, 30_000)


def test_what_is_not_of_the_protocol_changes_nothing() -> None:
    assert told((7, 10_500)) == told()


@dataclass
class Replayed:
    """What a compositor would tell of these inputs, looked at when the test says it is `now`."""

    inputs: list[int]
    now: int = 0
    limits: str = ""

    def look(self) -> LastInput | None:
        told, last = Told(0), 0
        for at in [one for one in self.inputs if one <= self.now] + [None]:
            if (self.now if at is None else at) >= last + 1_000:
                told = told.then(IDLED, last + 1_000)
                if at is not None:
                    told = told.then(RESUMED, at)
            last = last if at is None else at
        return told.last(self.now)

    def close(self) -> None:
        """Nothing is held."""


@given(st.lists(st.integers(3_001, 40_000), unique=True).map(sorted))
def test_exactly_the_seconds_with_input_are_active(inputs: list[int]) -> None:
    witness, tally = Replayed(inputs), Tally()
    source = ActivityInput({"replayed-idle": lambda: witness})
    source.start(tally, lambda _: None)
    active = set()
    for second in range(1, 43):
        witness.now = 1_000 * second
        source.poll()
        if tally.take().active:
            active.add(second)
    assert active == {-(-at // 1_000) for at in inputs}
