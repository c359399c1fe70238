"""The Recorder while nobody is there: what it takes back, how it goes on, and where it stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta, timezone, tzinfo
from functools import partial
from itertools import count
from random import Random

import pytest
from doubles import NINE

from tracker.model.counts import SILENCE, Counts
from tracker.model.question import Question
from tracker.model.segment import ClosedBy, Key, Segment, Shot, ShotState, until
from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, next_midnight, parse_instant
from tracker.recording.events import Event, QuestionEnded, SegmentClosed, ShotDue, SilenceEnded, WentAway
from tracker.recording.recorder import Recorder
from tracker.recording.run import Track
from tracker.recording.shots import ShotPlan

NORTHBEAM, FENNEL = (Key("embedded:home", "me", name) for name in ("northbeam", "fennel"))
TYPING = Counts(keys=3, clicks=1, scrolls=2, active=True)
NEPAL = timezone(timedelta(hours=5, minutes=45))  # its midnight is 18:15 UTC, inside a slot


def on(text: str) -> int:
    """An instant of that Thursday; the night after it goes on counting hours."""
    hour, rest = int(text[:2]), text[2:]
    return parse_instant(f"2026-11-19T{hour % 24:02}{rest}Z") + hour // 24 * DAY


def running(
    at: int = NINE,
    *,
    limit: int = 10 * MINUTE,
    zone: tzinfo = UTC,
    shots: int = 0,
    source: str | None = "x11-record",
    seed: int = 1,
) -> Recorder:
    """A run of Northbeam's that has just begun."""
    numbers = count(1)
    plan, midnight = ShotPlan(Random(seed)), partial(next_midnight, zone=zone)
    one = Recorder(plan, lambda: f"s{next(numbers)}", midnight)
    one.begin(at, Track(NORTHBEAM, "Review PR 412", source, shots, limit), cell_ms=0, shots_taken=0)
    return one


def asked(events: list[Event]) -> Question:
    (event,) = (event for event in events if isinstance(event, WentAway))
    return event.question


def ended(events: list[Event]) -> Question:
    (event,) = (event for event in events if isinstance(event, QuestionEnded))
    return event.question


def holds(events: list[Event]) -> list[int | None]:
    return [event.silent_until for event in events if isinstance(event, SegmentClosed)]


@pytest.mark.parametrize(
    ("last", "limit", "gone", "begin", "closing"),
    [
        # the limit passes inside the slot, beyond its end, at its end, and beyond two
        ("09:02:30", 5, "09:07:30", "09:02:30", []),
        ("09:03:20", 10, "09:13:20", "09:03:20", ["09:13:20"]),
        ("09:05:00", 5, "09:10:00", "09:05:00", ["09:10:00"]),
        ("09:03:20", 20, "09:23:20", "09:03:20", ["09:23:20", "09:23:20"]),
        # a tail of a minute is held, one that is a millisecond shorter stays with its slot
        ("09:09:00", 10, "09:19:00", "09:09:00", ["09:19:00"]),
        ("09:09:00.001", 10, "09:19:00.001", "09:10:00", [None]),
        ("09:09:01", 10, "09:19:01", "09:10:00", [None]),
        ("09:10:00", 10, "09:20:00", "09:10:00", [None, "09:20:00"]),
        # nobody came at all
        ("09:00:00", 10, "09:10:00", "09:00:00", ["09:10:00"]),
    ],
)
def test_silence_is_in_question_from_the_second_of_the_last_input(
    last: str, limit: int, gone: str, begin: str, closing: list[str | None]
) -> None:
    one = running(limit=limit * MINUTE)
    before = one.advance(on(last), TYPING) if on(last) > NINE else []

    before += one.advance(on(gone) - 1, SILENCE)
    assert one.question is None
    after = one.advance(on(gone), SILENCE)

    question = asked(after)
    assert (question.begin, question.end, question.why) == (on(begin), on(gone), ClosedBy.AWAY)
    assert holds([*before, *after]) == [text and on(text) for text in closing]


def test_the_open_segment_is_cut_at_the_last_input_and_keeps_its_counts() -> None:
    one = running(limit=5 * MINUTE)
    one.advance(on("09:02:30"), TYPING)

    (event,) = (e for e in one.advance(on("09:30:00"), SILENCE) if isinstance(e, WentAway))

    assert event.closed is not None
    assert (event.closed.end, event.closed.closed_by) == (on("09:02:30"), ClosedBy.AWAY)
    assert [(m.tracked_ms, m.keys) for m in event.closed.minutes] == [(MINUTE, 0), (MINUTE, 0), (30_000, 3)]


@pytest.mark.parametrize(("silent", "away"), [(9 * MINUTE + 59 * SECOND, False), (10 * MINUTE, True)])
def test_input_in_the_last_second_of_the_limit_keeps_the_silence(silent: int, away: bool) -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)

    events = one.advance(on("09:03:20") + silent + SECOND, TYPING)

    assert any(isinstance(e, WentAway) for e in events) is away
    assert any(isinstance(e, SilenceEnded) for e in events) is not away


@pytest.mark.parametrize(
    "command",
    [
        lambda one: one.hear(),
        lambda one: one.change_memo("Fix PR 412"),
        lambda one: one.change_memo("Review PR 412"),
        lambda one: one.end(ClosedBy.STOP),
        lambda one: one.end(ClosedBy.SWITCH),
        lambda one: one.end(ClosedBy.QUIT),
        lambda one: one.call(on("10:00:00")),
    ],
    ids=["start", "memo", "same-memo", "stop", "switch", "quit", "call"],
)
def test_any_command_is_input(command: Callable[[Recorder], list[Event]]) -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)
    one.advance(on("09:13:00"), SILENCE)

    events = command(one)

    assert isinstance(events[0], SilenceEnded)
    assert [e for e in one.advance(on("09:22:59"), SILENCE) if isinstance(e, WentAway)] == []


@pytest.mark.parametrize(
    ("zone", "begin", "last", "found", "end"),
    [
        (UTC, "09:00:00", "09:03:20", "12:00:00", "10:03:20"),  # an hour after the last input
        (UTC, "09:00:00", "09:09:30", "12:00:00", "10:09:30"),  # not after the question's begin at 09:10
        (UTC, "23:20:00", "23:25:00", "23:59:59", None),
        (UTC, "23:20:00", "23:25:00", "24:00:00", "24:00:00"),
        (UTC, "23:50:00", "23:55:00", "24:30:00", "24:00:00"),  # midnight passed before the limit did
        (UTC, "23:55:00", "23:59:30", "25:30:00", "24:59:30"),  # the short tail is the old day's
        (NEPAL, "18:00:00", "18:02:00", "18:30:00", "18:15:00"),
        (NEPAL, "18:10:00", "18:12:00", "18:30:00", "18:15:00"),
    ],
)
def test_the_run_stops_an_hour_after_the_last_input_or_at_local_midnight(
    zone: tzinfo, begin: str, last: str, found: str, end: str | None
) -> None:
    one = running(on(begin), zone=zone)
    one.advance(on(last), TYPING)

    events = one.advance(on(found), SILENCE)

    if end is None:
        assert one.question is not None
        return
    assert ended(events).end == on(end)
    assert (one.track, one.upto, one.question) == (None, None, None)


def test_back_in_time_the_run_goes_on_in_a_new_segment_from_the_second_of_the_input() -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)
    one.advance(on("09:40:00"), SILENCE)

    events = one.advance(on("09:41:07"), TYPING)

    assert ended(events).end == on("09:41:06")
    assert one.segment is not None
    assert (one.segment.start, one.segment.memo) == (on("09:41:06"), "Review PR 412")


@pytest.mark.parametrize("why", [ClosedBy.LOCK, ClosedBy.SLEEP])
def test_lock_and_sleep_are_away_at_once_from_the_last_input_on(why: ClosedBy) -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)
    one.advance(on("09:05:00"), SILENCE)

    question = asked(one.leave(why))

    assert (question.begin, question.end, question.why) == (on("09:03:20"), on("09:05:00"), why)
    assert one.leave(why) == [], "who is away cannot leave"


def test_the_memo_of_time_away_is_that_of_what_follows() -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)
    one.leave(ClosedBy.LOCK)
    one.advance(on("09:20:00"), SILENCE)

    question = ended(one.change_memo("Fix PR 412"))

    assert (question.memo, question.end) == ("Review PR 412", on("09:20:00"))
    assert one.track is not None
    assert one.track.memo == "Fix PR 412"


@pytest.mark.parametrize(
    ("until", "back", "kept", "in_question"),
    [
        ("10:00:00", "09:45:00", ("09:03:20", "09:45:00"), None),  # back before its end
        ("10:00:00", "10:09:00", ("09:03:20", "10:09:00"), None),  # overrun by less than the limit
        ("10:00:00", "10:30:00", ("09:03:20", "10:00:00"), ("10:00:00", "10:30:00")),
        ("10:00:00", "11:30:00", ("09:03:20", "10:00:00"), ("10:00:00", "11:00:00")),
        ("09:05:00", "09:14:00", None, None),  # no longer silent than the limit after its end
        ("09:05:00", "09:30:00", None, ("09:05:00", "09:30:00")),
    ],
)
def test_silence_in_a_call_is_kept_without_a_question(
    until: str, back: str, kept: tuple[str, str] | None, in_question: tuple[str, str] | None
) -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)
    one.call(on(until))

    events = [*one.advance(on(back), SILENCE), *one.come_back()]

    ends = [event.question for event in events if isinstance(event, QuestionEnded)]
    found = [(one.begin, one.end, one.answered) for one in ends]
    wanted = [(on(a), on(b), True) for a, b in filter(None, [kept])]
    assert found == wanted + [(on(a), on(b), False) for a, b in filter(None, [in_question])]


def test_who_cannot_be_heard_is_there_until_the_screen_is_locked() -> None:
    one = running(source=None)
    assert not [e for e in one.advance(on("15:00:00"), None) if isinstance(e, WentAway)]

    assert asked(one.leave(ClosedBy.LOCK)).begin == on("15:00:00")
    one.advance(on("15:20:00"), SILENCE)
    assert ended(one.advance(on("15:20:01"), None)).end == on("15:20:00")


@pytest.mark.parametrize("seed", range(40))
def test_for_half_a_minute_after_coming_back_no_shot_is_due(seed: int) -> None:
    one = running(shots=1, seed=seed)
    one.advance(on("09:00:10"), TYPING)
    shots = [e for e in one.leave(ClosedBy.LOCK) if isinstance(e, ShotDue)]
    one.advance(on("09:05:00"), SILENCE)

    events = [e for s in range(300) for e in one.advance(on("09:05:01") + s * SECOND, TYPING)]
    shots += [e for e in events if isinstance(e, ShotDue)]

    assert len(shots) == 1
    assert on("09:05:30") <= shots[0].at <= on("09:10:00")


def test_at_the_end_of_a_slot_there_may_be_no_room_for_a_shot() -> None:
    one = running(shots=1, seed=3)
    one.advance(on("09:00:10"), TYPING)
    one.leave(ClosedBy.LOCK)
    one.advance(on("09:09:40"), SILENCE)

    events = [*one.advance(on("09:09:45"), TYPING), *one.advance(on("09:10:00"), TYPING)]

    assert not [e for e in events if isinstance(e, ShotDue)]
    assert one.shot_pending, "the next slot's"


def test_a_shot_of_the_silence_goes_into_question_and_one_before_stays() -> None:
    one = running(limit=5 * MINUTE)
    before, after = (Shot(str(n), on(f"09:0{n}:00"), ShotState.KEPT) for n in (2, 4))
    one.advance(on("09:03:20"), TYPING)
    one.attach("s1", before)
    one.advance(on("09:04:00"), SILENCE)
    one.attach("s1", after)

    (event,) = (e for e in one.advance(on("09:08:20"), SILENCE) if isinstance(e, WentAway))

    assert event.closed is not None
    assert (event.closed.shots, event.question.shots) == ((before,), (after,))


@pytest.mark.parametrize("at", ["09:03:20", "09:06:00", "09:12:00", "09:20:00"])
def test_what_the_clock_did_in_silence_is_told_once_by_what_goes_on(at: str) -> None:
    one = running()
    one.advance(on("09:03:20"), TYPING)
    events = one.advance(on(at), SILENCE)
    one.note_clock(HOUR)
    events += one.advance(on("09:30:00"), SILENCE)
    events += [*one.advance(on("09:31:00"), TYPING), *one.end(ClosedBy.STOP)]

    left = [e.closed for e in events if isinstance(e, WentAway)]
    left += [_left(e, asked(events)) for e in events if isinstance(e, SegmentClosed)]
    assert [fact.moved_ms for one in left if one for fact in one.clock_facts] == [HOUR]


def _left(event: SegmentClosed, question: Question) -> Segment | None:
    """What the outbox leaves of a segment once the silence in which it closed is in question."""
    held = event.silent_until is not None
    return until(event.segment, question.begin, question.why) if held else event.segment
