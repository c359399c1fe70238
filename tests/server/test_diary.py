"""A day of the diary: which segments are its, what they add up to, and what the limit takes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from diary_pieces import CONTRACT, contract, kept, stored
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.limit import Agreed
from tracker.model.protection import Reason
from tracker.model.segment import ClosedBy, Origin
from tracker.model.slot import HOUR, MINUTE, SLOT, day_of, parse_instant
from tracker.model.week import WEEK, week_of
from tracker.server.diary import Beyond, Day, Worked, day, week_view, window

UTC = ZoneInfo("UTC")
THURSDAY = date(2026, 11, 19)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia")


def thursday(*pieces: object, zone: ZoneInfo = UTC, beyond: Beyond | None = None) -> Day:
    made = contract()
    return day(window(THURSDAY, zone), [stored(piece) for piece in pieces], [made], beyond or Beyond())


@pytest.mark.parametrize(
    ("zone", "of", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("UTC", THURSDAY, 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, of: date, hours: float) -> None:
    made = window(of, ZoneInfo(zone))
    assert made.end - made.begin == hours * HOUR


@given(of=st.dates(date(2010, 1, 1), date(2035, 12, 31)), zone=st.sampled_from(ZONES), place=st.floats(0, 1))
def test_days_share_all_time_among_them_and_each_slot_is_of_the_day_it_starts_in(
    of: date, zone: str, place: float
) -> None:
    here = window(of, ZoneInfo(zone))
    assert here.end == window(of + timedelta(days=1), ZoneInfo(zone)).begin
    slots = range(here.begin, here.end, SLOT)
    if slots:
        slot = slots[round(place * (len(slots) - 1))]
        assert slot % SLOT == 0
        assert day_of(slot, ZoneInfo(zone)) == of


def test_a_slot_over_local_midnight_belongs_wholly_to_the_day_it_starts_in() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # midnight is 18:15 UTC, in the middle of a slot
    late = kept("2026-11-19T18:11:00Z", "2026-11-19T18:20:00Z")
    assert thursday(late, zone=kathmandu).sums().tracked_ms == 9 * MINUTE
    friday = day(window(date(2026, 11, 20), kathmandu), [stored(late)], [contract()], Beyond())
    assert friday.cells == ()


def test_a_neighbour_beyond_midnight_lends_its_shot_and_is_not_shown() -> None:
    before = kept("2026-11-18T23:50:00Z", "2026-11-19T00:00:00Z")
    locked = kept("2026-11-19T00:00:00Z", "2026-11-19T00:05:00Z", shots=(), closed_by=ClosedBy.LOCK)
    made = thursday(before, locked)
    assert [cell.slot for cell in made.cells] == [parse_instant("2026-11-19T00:00:00Z")]
    assert made.cells[0].verdict.protected


def test_what_a_week_had_before_is_not_counted_in_the_next() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # its Monday begins on Sunday 23:00 UTC
    monday = window(date(2026, 11, 23), berlin)
    work = [stored(kept(f"2026-11-2{at}:10:00Z", f"2026-11-2{at}:20:00Z")) for at in ("2T23", "3T00")]
    used = Beyond(before={CONTRACT: Worked(6 * HOUR, overlap_ms=HOUR)})
    made = day(monday, work, [contract(limit_ms=5 * HOUR)], used)
    assert [made.standings[s.id].over_ms for cell in made.cells for s in cell.segments] == [SLOT, 0]


def test_each_week_has_its_own_limit() -> None:
    work = [stored(kept(f"2026-11-2{at}:10:00Z", f"2026-11-2{at}:20:00Z")) for at in ("2T23", "3T00")]
    monday = window(date(2026, 11, 23), ZoneInfo("Europe/Berlin"))
    lowered = parse_instant("2026-11-20T12:00:00Z")
    agreed = {CONTRACT: [Agreed(0, HOUR), Agreed(lowered, MINUTE)]}
    made = day(monday, work, [contract(limit_ms=MINUTE)], Beyond(agreed=agreed))
    assert [made.standings[s.id].over_ms for cell in made.cells for s in cell.segments] == [0, 9 * MINUTE]
    assert made.limit(CONTRACT) == MINUTE
    assert made.limit(CONTRACT, monday.week - WEEK) == HOUR


def test_a_week_adds_up_its_segments_under_the_limit_of_the_week() -> None:
    week = week_of(parse_instant("2026-11-19T09:00:00Z"))
    first = kept("2026-11-19T09:00:00Z", "2026-11-19T09:10:00Z")
    doubled = stored(first, overlap=((first.start, first.start + 2 * MINUTE),))
    manual = kept("2026-11-19T09:10:00Z", "2026-11-19T09:15:00Z", origin=Origin.MANUAL)
    view = week_view(week, [stored(manual), doubled], CONTRACT, [Agreed(0, 12 * MINUTE)])
    assert (view.week, view.start, view.end) == (
        "2026-W47",
        "2026-11-16T00:00:00.000Z",
        "2026-11-23T00:00:00.000Z",
    )
    assert (view.tracked_ms, view.manual_ms, view.limit_ms) == (SLOT, 5 * MINUTE, 12 * MINUTE)
    assert (view.over_ms, view.overlap_ms) == (MINUTE, 2 * MINUTE)


def test_the_other_side_learns_how_much_overlaps_and_not_when() -> None:
    piece = kept("2026-11-19T09:00:00Z", "2026-11-19T09:10:00Z")
    held = [stored(piece, overlap=((piece.start, piece.start + MINUTE),))]
    when = window(THURSDAY, UTC)
    shown = [
        day(when, held, [contract()], Beyond(own=own)).view("UTC").cells[0].segments[0]
        for own in (frozenset({CONTRACT}), frozenset[str]())
    ]
    assert [(one.overlap_ms, len(one.overlap)) for one in shown] == [(MINUTE, 1), (MINUTE, 0)]
    assert shown[0].verdict == shown[1].verdict


MOMENTS = st.integers(0, 143).flatmap(
    lambda slot: st.tuples(
        st.integers(slot * SLOT, slot * SLOT + SLOT - 2), st.integers(slot * SLOT + 1, slot * SLOT + SLOT)
    ).filter(lambda ends: ends[0] < ends[1])
)


@given(
    ranges=st.lists(MOMENTS, max_size=20),
    manual=st.sets(st.integers(0, 19)),
    limit=st.none() | st.integers(0, 4 * HOUR),
    silent=st.sets(st.integers(0, 19)),
)
def test_totals_are_exact_sums_of_their_parts(
    ranges: list[tuple[int, int]], manual: set[int], limit: int | None, silent: set[int]
) -> None:
    midnight = window(THURSDAY, UTC).begin
    pieces = [
        kept(
            midnight + begin,
            midnight + end,
            origin=Origin.MANUAL if n in manual else Origin.TRACKED,
            memo="" if n in silent else "A memo that is long enough",
        )
        for n, (begin, end) in enumerate(ranges)
    ]
    made = day(window(THURSDAY, UTC), [stored(p) for p in pieces], [contract(limit_ms=limit)], Beyond())
    sums = made.sums()
    over_tracked = sum(made.standings[piece.id].over_ms for piece in pieces if piece.origin is Origin.TRACKED)
    assert sums.protected_ms + sums.unprotected_ms + over_tracked == sums.tracked_ms
    assert min(sums.protected_ms, sums.unprotected_ms, sums.over_ms) >= 0
    assert sums.all_ms == sum(end - begin for begin, end in ranges)
    if limit is not None:
        assert sums.over_ms == max(0, sums.all_ms - limit)
    totals = made.view("UTC").totals
    assert (totals.tracked_ms, totals.manual_ms) == (sums.tracked_ms, sums.manual_ms)
    assert (totals.protected_ms, totals.over_ms) == (sums.protected_ms, sums.over_ms)


def test_a_view_says_where_held_pictures_lie_and_null_for_the_others() -> None:
    piece = kept("2026-11-19T09:00:00Z", "2026-11-19T09:10:00Z")
    rejected = stored(piece, picture="rejected")
    made = day(window(THURSDAY, UTC), [rejected], [contract()], Beyond())
    assert made.view("UTC").cells[0].segments[0].shots[0].pictures[0].url is None
    url = thursday(piece).view("UTC").cells[0].segments[0].shots[0].pictures[0].url
    assert url == f"/contracts/{CONTRACT}/pictures/{'a' * 64}"


def test_a_view_carries_week_totals_and_flags() -> None:
    piece = kept("2026-11-19T09:00:00Z", "2026-11-19T09:10:00Z")
    flagged = stored(piece, flags=frozenset({Reason.CLOCK_IN_DOUBT, Reason.LATE}))
    made = day(window(THURSDAY, UTC), [flagged], [contract()], Beyond(week={CONTRACT: Worked(3 * HOUR)}))
    view = made.view("Europe/Berlin")
    assert (view.date, view.tz, view.complete) == ("2026-11-19", "Europe/Berlin", True)
    assert view.totals.contracts[0].week_ms == 3 * HOUR
    assert set(view.cells[0].segments[0].flags) == {Reason.LATE, Reason.CLOCK_IN_DOUBT}
    assert view.cells[0].state == "not"


def test_one_contract_of_a_day_leaves_the_others_out() -> None:
    mine = kept("2026-11-19T09:00:00Z", "2026-11-19T09:05:00Z")
    other = kept("2026-11-19T09:05:00Z", "2026-11-19T09:10:00Z", of="other")
    contracts = [contract(), contract(id_="other", rate=Decimal(20))]
    made = day(window(THURSDAY, UTC), [stored(mine), stored(other)], contracts, Beyond())
    assert len(made.cells) == 2
    assert [cell.contract for cell in made.only("other").cells] == ["other"]
    assert made.sums("other").tracked_ms == 5 * MINUTE
