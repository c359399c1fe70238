"""A whole week, lived by script and told by the server's diary, beside a table worked out by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from backend import Site, site
from simulated_week import MINUTE, Week, local, read, span
from week_table import (
    CLOCK,
    DIARY,
    DISCARDED,
    FENNELS_LIMIT,
    IN_QUESTION,
    LEFT_OPEN,
    LOST,
    RUNS,
    SCRIPT,
    TRACKED,
    WEEKS,
)

from tracker.model.week import parse_week

DAYS = range(16, 24)


def test_a_whole_week_is_told_to_the_second(tmp_path: Path) -> None:
    lines = list(read(SCRIPT))
    assert sum(line.verb == "switch" for line in lines) == 60

    with site(tmp_path / "server") as server:
        week = Week(tmp_path, server, lines[0].at - MINUTE, limit_ms=span(FENNELS_LIMIT))
        for line in lines:
            week.live(line)

        cells = [cell for day in DAYS for cell in ask(server, day)["cells"]]
        assert diary(week, server) == table(DIARY)
        assert weeks(week, server) == table(WEEKS)
        nothing_is_counted_twice(cells)
    what_the_tracker_knows_of_it(week)
    week.close()


def test_the_table_adds_up() -> None:
    """Every second of every run is tracked, discarded, in question, or lost in the crash."""
    days, whole = ([row.split() for row in table(text)[1:]] for text in (DIARY, WEEKS))
    assert sum(span(row[2]) for row in days) == sum(span(row[2]) for row in whole) == span(TRACKED)

    parts = (TRACKED, DISCARDED, IN_QUESTION, LOST)

    assert sum(span(part) for part in parts) == span(RUNS)


def table(text: str) -> list[str]:
    """The rows of a table, single spaces between their columns."""
    return [" ".join(row.split()) for row in text.strip().splitlines()]


def written(ms: int) -> str:
    """Milliseconds as hours, minutes and seconds; what is left of a second stays to be seen."""
    seconds, rest = divmod(ms, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text


def ask(server: Site, day: int) -> dict[str, Any]:
    answer = server.call("GET", f"/diary?date=2026-11-{day}&tz=Europe/Berlin")
    assert answer.status_code == 200
    return dict(answer.json())


def diary(week: Week, server: Site) -> list[str]:
    """The days as the server tells them, in the table's columns."""
    rows = table(DIARY)[:1]
    for day in DAYS:
        told = ask(server, day)
        totals = {week.names[one["contract"]]: one for one in told["totals"]["contracts"]}
        for name in (name for name in "NFO" if name in totals):
            cells = [cell for cell in told["cells"] if week.names[cell["contract"]] == name]
            segments = [segment for cell in cells for segment in cell["segments"]]
            idle = sum(one["tracked_ms"] for one in segments if one["idle_kept"])
            times = (totals[name]["tracked_ms"], idle, totals[name]["protected_ms"])
            rows.append(f"{day} {name} {' '.join(map(written, times))} {len(segments)} {len(cells)}")
    return rows


def weeks(week: Week, server: Site) -> list[str]:
    """The weeks as the server tells them, in the table's columns; the tracker knows the same offline."""
    rows = table(WEEKS)[:1]
    for name in ("2026-W47", "2026-W48"):
        for contract in "NFO":
            id_ = week.contracts[contract].id
            told = server.call("GET", f"/contracts/{id_}/weeks/{name}").json()
            assert week.outbox.week_ms(id_, parse_week(name)) == told["tracked_ms"]
            rows.append(f"{name} {contract} {written(told['tracked_ms'])} {written(told['over_ms'])}")
    return rows


def nothing_is_counted_twice(cells: list[dict[str, Any]]) -> None:
    segments = sorted((one for cell in cells for one in cell["segments"]), key=lambda one: str(one["start"]))
    assert all(one["end"] <= after["start"] for one, after in pairwise(segments))
    assert all(one["receipt"] and not one["flags"] for one in segments)
    shots = Counter(
        (cell["slot"], cell["contract"]) for cell in cells for one in cell["segments"] for _ in one["shots"]
    )
    assert set(shots.values()) == {1}, "one in each slot of a contract"
    for cell in cells:
        for minute in (minute for one in cell["segments"] for minute in one["minutes"]):
            assert minute["ms"] <= MINUTE


def what_the_tracker_knows_of_it(week: Week) -> None:
    """Nothing waits; one question is left; what the clock did is written down."""
    outbox = week.outbox
    counts = outbox.counts()
    assert (counts.held, counts.waiting, counts.refused) == (0, 0, 0)

    begin, end, name, why = LEFT_OPEN
    (left,) = outbox.questions()
    found = (left.begin, left.end, week.names[left.key.contract], left.why)
    assert found == (local(begin), local(end), name, why)

    segments = [one for one, _ in outbox.segments(local("16 00:00:00"), week.now)]
    facts = [
        (fact.at, week.names[one.key.contract], fact.moved_ms) for one in segments for fact in one.clock_facts
    ]
    assert facts == [(local(at), contract, span(moved)) for at, contract, moved in CLOCK]
    crashed = [one for one in segments if one.closed_by == "crash"]
    assert [written(one.tracked_ms) for one in crashed] == ["0:07:20"]
