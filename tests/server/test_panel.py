"""A cell's face and its panel: what is shown, what is said, and never more than is so."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from diary_pieces import contract, kept, stored
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.contract import Policy
from tracker.model.protection import Reason
from tracker.model.segment import ClosedBy, Origin, Picture, Segment, Shot, ShotState
from tracker.model.slot import HOUR, MINUTE, parse_instant
from tracker.server.diary import Beyond, Day, StoredSegment, day, window
from tracker.server.face import cell_id, face
from tracker.server.panel import Panel, Present, open_cell
from tracker.server.words import exact, explain, hours, limit, minutes, offset, short

UTC = ZoneInfo("UTC")
NINE, TEN_PAST = "2026-11-19T09:00:00Z", "2026-11-19T09:10:00Z"
NOW, LOCK = parse_instant(TEN_PAST), parse_instant("2026-11-23T12:00:00Z")
OVERLAP = ((NOW - 9 * MINUTE, NOW - 9 * MINUTE + 42_000),)


def a_day(*pieces: Segment | StoredSegment, policy: Policy | None = None, limit_ms: int | None = None) -> Day:
    made = contract(policy=policy or Policy(), limit_ms=limit_ms)
    held = [piece if isinstance(piece, StoredSegment) else stored(piece) for piece in pieces]
    return day(window(date(2026, 11, 19), UTC), held, [made], Beyond())


def opened(made: Day, picture: int = 1) -> Panel:
    panel = open_cell(made, cell_id(made.cells[0]), picture, Present(NOW))
    assert panel is not None
    return panel


def shot(state: ShotState, reason: str = "", pictures: int = 0) -> tuple[Shot, ...]:
    shown = tuple(Picture(f"{n}" * 64, 9, n, 1600, 1000) for n in range(pictures))
    return (Shot("s", kept(NINE, TEN_PAST).start + 221_000, state, shown, reason),)


def test_a_protected_cell_says_so_in_one_sentence() -> None:
    made = a_day(kept(NINE, TEN_PAST))
    assert face(made, made.cells[0]).sentence == "09:00, Northbeam, level 10, protected"


def test_a_partly_protected_cell_says_how_much_is_not_and_why() -> None:
    made = a_day(
        kept(NINE, "2026-11-19T09:04:18Z", closed_by=ClosedBy.AWAY),
        kept("2026-11-19T09:04:18Z", TEN_PAST, idle=True, shots=(), counts={}),
    )
    assert (
        face(made, made.cells[0]).sentence
        == "09:00, Northbeam, level 5, partly protected: 5 min 42 s idle kept"
    )
    whys = opened(made).whys
    assert [why.title for why in whys] == ["4 min 18 s protected", "5 min 42 s not protected"]


@pytest.mark.parametrize(
    ("piece", "title", "note"),
    [
        (kept(NINE, TEN_PAST, origin=Origin.MANUAL), "Manual", "10 min"),
        (kept(NINE, TEN_PAST, shots=shot(ShotState.WITHHELD, "by rule")), "Shot withheld", "by rule"),
        (kept(NINE, TEN_PAST, shots=shot(ShotState.FAILED, "black image")), "Capture failed", "black image"),
        (kept(NINE, TEN_PAST, shots=shot(ShotState.KEPT)), "Shot removed", "its hash is kept"),
        (kept(NINE, TEN_PAST, shots=()), "No shot", "none was taken"),
        (kept(NINE, "2026-11-19T09:00:59Z", shots=()), "Under a minute", "needs no shot"),
    ],
)
def test_what_stands_in_the_place_of_a_shot_says_why(piece: Segment, title: str, note: str) -> None:
    made = a_day(piece)
    place = face(made, made.cells[0]).place
    assert place is not None
    assert (place.title, place.note) == (title, note)
    assert opened(made).view is None


def test_a_contract_that_asks_for_no_shots_misses_none() -> None:
    made = a_day(kept(NINE, TEN_PAST, shots=()), policy=Policy(shots_per_slot=0))
    assert face(made, made.cells[0]).place.note == "none is asked for"  # type: ignore[union-attr]  # it has one
    assert made.cells[0].state == "protected"


def test_a_cell_that_borrows_its_shot_says_so() -> None:
    made = a_day(
        kept("2026-11-19T08:50:00Z", NINE),
        kept(NINE, "2026-11-19T09:05:00Z", shots=(), closed_by=ClosedBy.LOCK),
    )
    borrowed = face(made, made.cells[1])
    assert (borrowed.state, borrowed.place.title) == ("protected", "No own shot")  # type: ignore[union-attr]  # it has one


def test_pictures_of_all_monitors_are_shown_one_by_one() -> None:
    made = a_day(kept(NINE, TEN_PAST, shots=shot(ShotState.KEPT, pictures=2)))
    first, second = opened(made).view, opened(made, 2).view
    assert first is not None
    assert second is not None
    assert (first.number, first.of, first.monitor, first.taken) == (1, 2, 1, "09:03:41")
    assert second.monitor == 2
    assert opened(made, 99).view == second
    assert face(made, made.cells[0]).pictures == 2


@pytest.mark.parametrize(("now", "same"), [("0" * 16, True), ("f" * 16, False), (None, False)])
def test_a_screen_like_that_of_the_shot_before_is_said_to_be(now: str | None, same: bool) -> None:
    first, second = (
        Shot("s", parse_instant(at), ShotState.KEPT, (Picture("a" * 64, 9, 0, 1600, 1000, dhash=seen),))
        for at, seen in ((NINE, "0" * 16), (TEN_PAST, now))
    )
    earlier = kept(NINE, TEN_PAST, shots=(first,))
    made = a_day(earlier, kept(TEN_PAST, "2026-11-19T09:20:00Z", shots=(second,)))
    views = [open_cell(made, cell_id(cell), 1, Present(NOW)) for cell in made.cells]
    assert [one.view.same for one in views if one and one.view] == [False, same]


def test_counts_stand_by_the_minute_scaled_to_their_own_highest() -> None:
    counts = {0: (30, 120, 3, 0), 1: (9, 60, 0, 0), 2: (4, 0, 0, 0)}
    panel = opened(a_day(kept(NINE, "2026-11-19T09:04:00Z", counts=counts)))
    keys, clicks, scrolls = panel.measures
    assert (keys.total, clicks.total, scrolls.total) == (180, 3, 0)
    assert [c.height for c in keys.columns] == [20, 10, 0, 0, 0, 0, 0, 0, 0, 0]
    assert [c.tracked for c in keys.columns] == [True] * 4 + [False] * 6
    assert [c.moved for c in keys.columns] == [False, False, True] + [False] * 7
    assert panel.axis == ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09")


def test_where_only_activity_is_known_no_count_is_shown_as_zero() -> None:
    counts = dict.fromkeys(range(10), (12, None, None, None))
    (seconds,) = opened(a_day(kept(NINE, TEN_PAST, counts=counts, source="idle-notify"))).measures
    assert (seconds.title, seconds.total) == ("Seconds", 120)


def test_time_entered_by_hand_has_no_counts() -> None:
    panel = opened(a_day(kept(NINE, TEN_PAST, origin=Origin.MANUAL)))
    assert panel.measures == ()
    assert panel.face.sentence == "09:00, Northbeam, entered by hand, not protected: manual"


def test_a_memo_is_said_once_however_many_segments_share_it() -> None:
    panel = opened(
        a_day(
            kept(NINE, "2026-11-19T09:04:00Z"),
            kept("2026-11-19T09:04:00Z", "2026-11-19T09:06:00Z"),
            kept("2026-11-19T09:06:00Z", TEN_PAST, memo=""),
        )
    )
    assert [(memo.text, memo.span) for memo in panel.memos] == [
        ("Checkout: handle 3-D Secure return", "09:00:00 – 09:06:00"),
        ("", "09:06:00 – 09:10:00"),
    ]
    assert len(panel.parts) == 3


def test_reasons_for_the_same_time_stand_together_and_the_limit_apart() -> None:
    made = a_day(kept(NINE, TEN_PAST, memo="", counts={0: (9, 1, 0, 0)}), limit_ms=8 * MINUTE)
    whys = opened(made).whys
    assert [(why.kind, why.title, len(why.sentences)) for why in whys] == [
        ("no", "10 min 00 s not protected", 2),
        ("over", "2 min 00 s over the limit", 1),
    ]
    assert whys[0].sentences[1] == "Level 1, the minimum is 5. The time counts and is billed."


def test_the_server_tells_flags_and_test_time_by_a_word() -> None:
    flags = frozenset({Reason.LATE, Reason.CLOCK_IN_DOUBT})
    piece = stored(kept(NINE, TEN_PAST), overlap=OVERLAP, flags=flags, test=True)
    made = a_day(piece, kept(TEN_PAST, "2026-11-19T09:20:00Z"))
    texts = [tag.text for tag in face(made, made.cells[0]).tags]
    assert texts == ["Overlap 42 s", "Late", "Clock in doubt", "TEST"]


def test_a_day_of_test_time_alone_says_so_once() -> None:
    made = a_day(stored(kept(NINE, TEN_PAST), test=True))
    assert made.test
    assert face(made, made.cells[0]).tags == ()


def test_neighbours_lead_from_cell_to_cell_and_an_unknown_cell_opens_nothing() -> None:
    made = a_day(kept(NINE, TEN_PAST), kept(TEN_PAST, "2026-11-19T09:20:00Z"))
    first, second = (cell_id(cell) for cell in made.cells)
    panel = opened(made)
    assert (panel.before, panel.after) == (None, second)
    assert open_cell(made, second, 1, Present(NOW)).before == first  # type: ignore[union-attr]  # it is there
    assert open_cell(made, "0.nobody", 1, Present(NOW)) is None


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_without_gaps(reason: Reason) -> None:
    made = a_day(kept(NINE, TEN_PAST))
    said = explain(reason, made.cells[0], contract(), UTC, limit_ms=HOUR)
    assert said.endswith(".")
    assert "{" not in said


@given(ms=st.integers(0, 400 * HOUR))
def test_no_length_is_ever_rounded_up(ms: int) -> None:
    (h, _), (m, _) = hours(ms)
    assert 0 <= ms - int(h) * HOUR - int(m) * MINUTE < MINUTE
    figures = [int(word) for word in exact(ms).split() if word.isdigit()]
    seconds = sum(figure * 60**power for power, figure in enumerate(reversed(figures)))
    assert seconds == ms // 1000


def test_lengths_read_as_people_say_them() -> None:
    assert (exact(42_999), exact(17 * MINUTE + 8_000), exact(HOUR + 2 * MINUTE)) == (
        "42 s",
        "17 min 08 s",
        "1 h 2 min 00 s",
    )
    assert (minutes(59_999), minutes(MINUTE)) == ("59 s", "1 min")
    assert (short(6 * HOUR + 19 * MINUTE), short(19 * MINUTE)) == ("6 h 19 m", "19 m")
    assert (limit(30 * HOUR), limit(HOUR // 2)) == ("30 h", "30 m")


@pytest.mark.parametrize(
    ("zone", "text"),
    [("UTC", "UTC"), ("Europe/Berlin", "UTC+1"), ("America/St_Johns", "UTC\N{MINUS SIGN}3:30")],
)
def test_a_zone_says_how_it_stands_to_utc(zone: str, text: str) -> None:
    assert offset(kept(NINE, TEN_PAST).start, ZoneInfo(zone)) == text


def doubled(now: int, *, own: bool = True, flags: frozenset[Reason] = frozenset()) -> Panel:
    """Open a cell of which forty seconds count for another contract."""
    first, other = kept(NINE, TEN_PAST), kept(NINE, TEN_PAST, of="other")
    held = [stored(first, overlap=OVERLAP, flags=flags), stored(other)]
    contracts = [contract(), contract(id_="other", client="Fennel & Co")]
    beyond = Beyond(own=frozenset({"northbeam", "other"} if own else ()))
    made = day(window(date(2026, 11, 19), UTC), held, contracts, beyond)
    panel = open_cell(
        made, cell_id(next(cell for cell in made.cells if cell.contract != "other")), 1, Present(now)
    )
    assert panel is not None
    return panel


def test_the_freelancer_sees_where_doubled_time_counts_and_until_when_that_can_change() -> None:
    (told,) = doubled(LOCK - 1).doubled
    assert told.sentence == "Counted for Fennel & Co, 09:01:00 – 09:01:42."
    assert told.until == "Monday 12:00"
    assert [one.until for one in doubled(LOCK).doubled] == [None]


def test_the_other_side_does_not_see_where_doubled_time_counts() -> None:
    panel = doubled(NOW, own=False)
    assert panel.doubled == ()
    assert [tag.text for tag in panel.face.tags] == ["Overlap 42 s"]
    said = [sentence for why in panel.whys for sentence in why.sentences]
    assert "Another device tracked at the same time. A second is billed once." in said
    assert not any("Fennel" in sentence for sentence in said)


def test_a_segment_in_doubt_cannot_take_an_honest_one_s_time() -> None:
    (told,) = doubled(NOW, flags=frozenset({Reason.CLOCK_IN_DOUBT})).doubled
    assert told.until is None
