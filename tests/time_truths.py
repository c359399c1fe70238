"""What must hold after every step, whatever was done before it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from time_device import NOTICE, Asked, TimeDevice
from time_model import TimeModel
from time_pieces import MINUTE, SECOND, SLOT, Piece

from tracker.model.segment import Segment, ShotState
from tracker.model.slot import instant
from tracker.model.week import WEEK, week_of

REST = 30 * SECOND


def stored(one: Segment) -> tuple[object, ...]:
    """A segment as it can be told from outside."""
    minutes = [(m.at, m.tracked_ms, m.active_s, m.keys) for m in one.minutes]
    return (one.start, one.end, one.key.contract, one.memo, one.idle_kept, bool(one.source), minutes)


def expected(one: Piece) -> tuple[object, ...]:
    return (one.start, one.end, one.contract, one.memo, one.idle, one.source, one.minutes())


def time_is_exact(device: TimeDevice, model: TimeModel) -> None:
    """Every millisecond of a run is in a segment, in question, discarded, or lost, and in one only."""
    recorder = device.bench.session.recorder
    closed, open_ = device.segments(), recorder.segment
    model_closed = sorted(model.closed, key=lambda one: one.start)
    assert [stored(one) for one in closed] == [expected(one) for one in model_closed]
    assert [one.closed_by for one in closed] == [one.why for one in model_closed]
    growing = [] if model.run is None or model.run.away else model.growing()
    assert ([stored(open_)] if open_ else []) == [expected(one) for one in growing]
    assert recorder.upto == (model.run.upto if model.run else None)
    segments = [*closed, *([open_] if open_ else [])]
    grown = recorder.question
    silent = [
        (one.begin, grown.end if grown and grown.id == one.id else one.end) for one in device.questions()
    ]
    taken = sorted([*((one.start, one.end) for one in segments), *silent])
    assert all(one[1] <= after[0] for one, after in pairwise(taken)), "a moment is in two places"
    runs = sum(stop - start for start, stop in model.runs.values())
    if model.run:
        runs += model.run.upto - model.runs[model.run.number][0]
    assert sum(end - begin for begin, end in taken) + model.discarded + model.lost == runs
    runs_by_start = {one.start: one.run for one in [*model.closed, *growing]}
    for one in segments:
        assert one.end <= one.start - one.start % SLOT + SLOT
        assert sum(minute.tracked_ms for minute in one.minutes) == one.tracked_ms
        assert all(0 < m.tracked_ms <= MINUTE and m.active_s <= 60 for m in one.minutes)
        begun = model.runs[runs_by_start[one.start]][0]
        assert all(begun <= fact.at <= one.end for fact in one.clock_facts), "a fact of another run"


def the_status_tells_it(device: TimeDevice, model: TimeModel, limit_ms: int | None) -> None:
    """State, sums and questions are what the freelancer would say."""
    status, counted, run = device.bench.status(), model.counted(), model.run
    at = run.upto if run else device.clock.wall
    assert status.state == model.state
    assert status.contract == (run.open.contract if run else None)
    assert status.memo == (run.open.memo if run else "")
    assert status.session_ms == sum(one.ms for one in counted if one.run == model.session)
    assert status.today_ms == sum(one.ms for one in counted if model.day(one.start) == model.day(at))
    week, mine = week_of(at), status.contract
    in_week = [one for one in counted if week <= one.start < week + WEEK and mine in {None, one.contract}]
    assert (status.week.start, status.week.ms) == (instant(week), sum(one.ms for one in in_week))
    assert status.week.limit_ms == (limit_ms if run else None)
    told = [(one.begin, one.end, one.contract) for one in status.questions]
    asked = [(instant(b), None if open_ else instant(e), contract) for b, e, open_, contract in model.asked()]
    assert told == asked
    resume, given = model.resume, device.bench.session.resume  # status offers it for a while
    offered = given and (given.contract, given.at, given.why, given.memo)
    assert offered == (resume and (resume[0], instant(resume[1]), *resume[2:])), (offered, resume)
    if model.state != "tracking" or run is None:
        assert status.slot is None
        return
    cell = [one for one in counted if one.contract == mine and one.start // SLOT == run.upto // SLOT]
    minutes = [minute for one in cell for minute in one.minutes()]
    keys = [minute[3] for minute in minutes]
    assert status.slot is not None
    assert status.slot.start == instant(run.upto // SLOT * SLOT)
    assert (status.slot.tracked_ms, status.slot.active_s) == (
        sum(m[1] for m in minutes),
        sum(m[2] for m in minutes),
    )
    assert status.slot.keys == (None if None in keys else sum(key or 0 for key in keys))


def shots_are_few(device: TimeDevice, wanted: dict[tuple[str, int], int]) -> None:
    """Of a slot and contract there are no more than its terms say, over restarts; all have their bytes."""
    segments, questions = device.segments(), device.questions()
    draft = device.bench.draft.load()
    recorder = device.bench.session.recorder
    owners = {one.id: one.shots for one in [*segments, *questions]}
    if draft is not None:
        owners[draft.id] = draft.shots
    number: Counter[tuple[str, int]] = Counter()
    for one in segments:
        number[one.key.contract, one.slot] += len(one.shots)
    for question in questions:
        for shot in question.shots:
            number[question.key.contract, (shot.taken_at - 1) // SLOT * SLOT] += 1
    if recorder.segment is not None:
        number[recorder.segment.key.contract, recorder.segment.slot] += len(recorder.segment.shots)
    for one in device.asked:
        number[one.contract, one.slot] += 1
    assert all(found <= wanted.get(place, 0) for place, found in number.items() if found), (number, wanted)
    assert all(
        one.begin < shot.taken_at <= one.end for one in questions if not one.open for shot in one.shots
    )
    assert all(one.start < shot.taken_at <= one.end for one in segments for shot in one.shots)
    named = {
        (owner, shot.id, picture.sha256)
        for owner, shots in owners.items()
        for shot in shots
        for picture in shot.pictures
    }
    assert set(device.pictures()) == named, "a picture without its time, or a shot without its picture"
    assert all(shot.pictures for shots in owners.values() for shot in shots if shot.state is ShotState.KEPT)


def nobody_is_shown(there: tuple[str, int, bool], asked: list[Asked]) -> None:
    """No shot is taken while nobody is there, nor soon after somebody came back."""
    state, back, shut = there
    for shot in asked:
        assert state == "tracking", "a shot while nobody is there"
        assert shot.boot >= back + REST, "a shot right after coming back"
        assert not shut, "a shot of a locked screen"


def nothing_left_early(
    device: TimeDevice, model: TimeModel, sealed: dict[str, bytes], shown: dict[str, int], jumped: int
) -> None:
    """What is sealed stays as it is, and is neither in question, nor silent, nor within a notice."""
    found = device.sealed()
    assert {one: found.get(one) for one in sealed} == sealed
    fresh = [one for one in device.segments() if one.id in found and one.id not in sealed]
    run = model.run
    for one in fresh:
        if run is not None and not run.away and one.start >= model.runs[run.number][0]:
            assert one.end <= model.begin_of_silence(run), "sealed while it may be silence"
        for shot in one.shots:
            at = shown.get(shot.id, 0)
            assert at <= jumped or device.clock.boot >= at + NOTICE, "sealed within its notice"
    sealed.update({one.id: found[one.id] for one in fresh})
