"""The sheet: every cell and memo in its place, on every length of day."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from diary_pieces import CONTRACT, MEMO, contract, kept, stored
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.segment import Origin
from tracker.model.slot import HOUR, MINUTE, SLOT
from tracker.model.slot import slot_of as slot
from tracker.server.diary import Beyond, Day, day, window
from tracker.server.sheet import Gap, Hour, Sheet, sheet

THURSDAY = date(2026, 11, 19)
BERLIN = ZoneInfo("Europe/Berlin")


def a_day(*pieces: object, of: date = THURSDAY, zone: str = "UTC", limit_ms: int | None = None) -> Day:
    contracts = [contract(limit_ms=limit_ms), contract(id_="other", client="Fennel & Co")]
    return day(window(of, ZoneInfo(zone)), [stored(piece) for piece in pieces], contracts, Beyond())


def hours(drawn: Sheet) -> list[Hour]:
    return [row for row in drawn.rows if isinstance(row, Hour)]


def test_a_day_without_time_is_empty() -> None:
    assert sheet(a_day()) == Sheet((), (), (), ())


def test_a_cell_stands_in_the_row_of_its_hour_and_the_column_of_its_ten_minutes() -> None:
    drawn = sheet(a_day(kept("2026-11-19T08:42:10Z", "2026-11-19T08:50:00Z")))
    (row,) = hours(drawn)
    assert (row.label, row.tracked_ms) == ("08:00", 7 * MINUTE + 50_000)
    assert [len(column) for column in row.columns] == [0, 0, 0, 0, 1, 0]
    assert drawn.heads == (":00", ":10", ":20", ":30", ":40", ":50")


def test_hours_without_time_between_worked_ones_collapse_to_one_line() -> None:
    drawn = sheet(
        a_day(
            kept("2026-11-19T08:00:00Z", "2026-11-19T08:10:00Z"),
            kept("2026-11-19T11:00:00Z", "2026-11-19T11:10:00Z"),
        )
    )
    assert [row.label if isinstance(row, Hour) else row for row in drawn.rows] == [
        "08:00",
        Gap("09:00", "11:00"),
        "11:00",
    ]


def test_a_memo_runs_over_its_cells_and_into_the_next_hour() -> None:
    drawn = sheet(
        a_day(
            kept("2026-11-19T08:42:30Z", "2026-11-19T08:50:00Z"),
            kept("2026-11-19T08:50:00Z", "2026-11-19T09:00:00Z"),
            kept("2026-11-19T09:00:00Z", "2026-11-19T09:04:00Z"),
            kept("2026-11-19T09:04:00Z", "2026-11-19T09:10:00Z", memo="Review PR 412: refunds"),
        )
    )
    eight, nine = hours(drawn)
    assert [(r.left, r.right, r.from_before, r.goes_on, r.named) for r in eight.runs] == [
        (42.5, 60, False, True, True)
    ]
    assert [(r.memo, r.left, r.right, r.from_before, r.goes_on, r.named) for r in nine.runs] == [
        (MEMO, 0, 4, True, False, False),
        ("Review PR 412: refunds", 4, 10, False, False, False),
    ]


def test_a_pause_parts_a_memo_into_two_runs() -> None:
    (row,) = hours(
        sheet(
            a_day(
                kept("2026-11-19T12:10:00Z", "2026-11-19T12:14:00Z"),
                kept("2026-11-19T12:14:00.001Z", "2026-11-19T12:20:00Z"),
            )
        )
    )
    assert [(run.begin < run.end, run.from_before) for run in row.runs] == [(True, False), (True, False)]


def test_a_switch_inside_a_slot_makes_two_cells_in_one_column() -> None:
    drawn = sheet(
        a_day(
            kept("2026-11-19T12:00:00Z", "2026-11-19T12:04:00Z"),
            kept("2026-11-19T12:04:00Z", "2026-11-19T12:10:00Z", of="other"),
        )
    )
    (row,) = hours(drawn)
    assert [cell.contract for cell in row.columns[0]] == [CONTRACT, "other"]
    assert [(run.contract, run.named) for run in row.runs] == [(CONTRACT, True), ("other", True)]
    assert [(bar.contract, round(bar.left, 1)) for bar in drawn.bars] == [(CONTRACT, 0), ("other", 6.7)]


def test_runs_of_two_devices_at_once_lie_below_each_other() -> None:
    (row,) = hours(
        sheet(
            a_day(
                kept("2026-11-19T12:00:00Z", "2026-11-19T12:08:00Z"),
                kept("2026-11-19T12:05:00Z", "2026-11-19T12:10:00Z", of="other"),
            )
        )
    )
    assert ([run.lane for run in row.runs], row.lanes) == ([0, 1], 2)


def test_an_hour_the_clocks_repeat_is_there_twice_by_name() -> None:
    autumn = a_day(
        kept("2026-10-25T00:00:00Z", "2026-10-25T00:10:00Z"),
        kept("2026-10-25T01:00:00Z", "2026-10-25T01:10:00Z"),
        of=date(2026, 10, 25),
        zone="Europe/Berlin",
    )
    assert [row.label for row in hours(sheet(autumn))] == ["02:00 CEST", "02:00 CET"]


def test_an_hour_the_clocks_skip_is_not_there() -> None:
    spring = a_day(
        kept("2026-03-29T00:50:00Z", "2026-03-29T01:00:00Z"),
        kept("2026-03-29T01:00:00Z", "2026-03-29T01:10:00Z"),
        of=date(2026, 3, 29),
        zone="Europe/Berlin",
    )
    drawn = sheet(spring)
    assert [row.label for row in hours(drawn)] == ["01:00", "03:00"]
    assert hours(drawn)[1].runs[0].from_before


def test_where_local_hours_begin_inside_a_slot_the_columns_say_so() -> None:
    drawn = sheet(a_day(kept("2026-11-19T03:20:00Z", "2026-11-19T03:30:00Z"), zone="Asia/Kathmandu"))
    assert drawn.heads == (":05", ":15", ":25", ":35", ":45", ":55")
    (row,) = hours(drawn)
    assert (row.label, [len(column) for column in row.columns]) == ("09:00", [1, 0, 0, 0, 0, 0])
    assert (row.runs[0].left, row.runs[0].right) == (0, 10)


def test_the_strip_tells_manual_time_and_what_is_over_the_limit_apart() -> None:
    drawn = sheet(
        a_day(
            kept("2026-11-19T12:00:00Z", "2026-11-19T12:10:00Z", origin=Origin.MANUAL),
            kept("2026-11-19T12:10:00Z", "2026-11-19T12:20:00Z"),
            kept("2026-11-19T12:20:00Z", "2026-11-19T12:30:00Z", memo="Another memo altogether"),
            limit_ms=25 * MINUTE,
        )
    )
    assert [(bar.style, bar.left, bar.width) for bar in drawn.bars] == [
        ("manual", 0, 16.667),
        ("plain", 16.667, 25),
        ("over", 41.667, 8.333),
    ]


SLOTS = st.lists(st.integers(0, 149), unique=True, max_size=30).map(sorted)


@pytest.mark.parametrize(
    ("zone", "of"),
    [
        ("UTC", THURSDAY),
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Asia/Kathmandu", THURSDAY),
    ],
)
@given(slots=SLOTS, change=st.integers(1, 9))
def test_every_cell_is_drawn_once_and_every_run_where_its_time_is(
    zone: str, of: date, slots: list[int], change: int
) -> None:
    here = window(of, ZoneInfo(zone))
    begins = [at for n in slots if (at := here.begin + n * SLOT) < here.end]
    pieces = [
        kept(at + cut, at + end, memo=memo)
        for at in begins
        for cut, end, memo in ((0, change * MINUTE, MEMO), (change * MINUTE, SLOT, "Something else now"))
    ]
    made = a_day(*pieces, of=of, zone=zone)
    drawn = sheet(made)
    cells = [cell for row in hours(drawn) for column in row.columns for cell in column]
    assert cells == list(made.cells)
    for row in hours(drawn):
        for column, some in enumerate(row.columns):
            assert all(cell.slot == row.begin + column * SLOT for cell in some)
        for run in row.runs:
            assert 0 <= run.left < run.right <= 60
            assert run.begin == row.begin + run.left * MINUTE
            assert run.end == row.begin + run.right * MINUTE
    assert sum(run.end - run.begin for row in hours(drawn) for run in row.runs) == sum(
        piece.tracked_ms for piece in pieces
    )
    assert all(0 <= bar.left <= 100 and bar.left + bar.width < 100.01 for bar in drawn.bars)
    assert {slot(run.begin) % HOUR % SLOT for row in hours(drawn) for run in row.runs} <= {0}
