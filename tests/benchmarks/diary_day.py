"""How long a day of the diary takes over HTTP, with few and with many segments stored."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import requests
import workday
from sqlcipher3 import dbapi2 as sqlite
from uuid_utils import uuid7

from tracker.model.slot import SLOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY = 10_000, 1_000_000
BUDGET_MS, BUDGET_RATIO = 50.0, 1.2
REQUESTS, WARM = 400, 40
PER_CONTRACT = 2_000  # about two years of half a working week
BATCH = 20_000
PATHS = {
    "page": f"/diary?date={workday.DATE}&tz={workday.ZONE}",
    "API": f"/api/v1/diary?date={workday.DATE}&tz={workday.ZONE}",
}


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=MANY, help="how many segments are many")
    many = parser.parse_args().stored
    with tempfile.TemporaryDirectory(prefix="hp-") as folder, ExitStack() as servers:
        small, large = Path(folder, "few"), Path(folder, "many")
        with workday.served(small) as me:
            for client, agreed in workday.CONTRACTS.items():
                me.agree(client, *agreed)
            me.work(*workday.EARLIER, *workday.THURSDAY)
            token = me.token
        fill(small, FEW)
        shutil.copytree(small, large)
        fill(large, many)
        urls = [servers.enter_context(workday.served(data)).url for data in (small, large)]
        sys.stdout.write(json.dumps(rows(*measured(urls, token), many)))


def fill(data: Path, wanted: int) -> None:
    """Store as many segments of other freelancers, in size like real ones, as are missing."""
    with closing(sqlite.connect(str(data / "hourproof.db"), isolation_level=None)) as database:
        database.execute("PRAGMA synchronous=OFF")
        ((held,),) = database.execute("SELECT count(*) FROM segment").fetchall()
        names = [column[1] for column in database.execute("PRAGMA table_info(segment)")]
        model = dict(zip(names, database.execute("SELECT * FROM segment LIMIT 1").fetchone(), strict=True))
        insert = f"INSERT INTO segment ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        missing = others(model, wanted - held, first=held)
        while batch := [
            tuple(row[name] for name in names) for _, row in zip(range(BATCH), missing, strict=False)
        ]:
            database.execute("BEGIN")
            database.executemany(insert, batch)
            database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def others(model: dict[str, object], number: int, *, first: int) -> Iterator[dict[str, object]]:
    """Make rows like the model, of other contracts, each contract's in order of time."""
    end = workday.at(workday.DATE, "18:00:00")
    for n, place in zip(range(number), count(first), strict=False):
        start = end - (place % PER_CONTRACT + 1) * 3 * SLOT
        contract = f"other-{place // PER_CONTRACT}"
        yield {
            **model,
            "contract": contract,
            "account": contract,
            "id": str(uuid7()),
            "seq": n + 1,
            "start_at": start,
            "end_at": start + SLOT,
        }


def measured(urls: list[str], token: str) -> list[dict[str, float]]:
    """Return for each server and each way to ask for the same day the 99th percentile in milliseconds.

    The servers are asked in turn, so that whatever else the machine does meets both alike.
    """
    took = {(url, way): list[float]() for url in urls for way in PATHS}
    with requests.Session() as http:
        http.headers["Authorization"] = f"Bearer {token}"
        for _ in range(WARM + REQUESTS):
            for (url, way), times in took.items():
                begin = perf_counter()
                answer = http.get(url + PATHS[way], timeout=20)
                times.append((perf_counter() - begin) * 1000)
                assert answer.ok
    return [{way: sorted(took[url, way][WARM:])[REQUESTS * 99 // 100] for way in PATHS} for url in urls]


def rows(few: dict[str, float], many: dict[str, float], stored: int) -> list[dict[str, object]]:
    """Return what was measured beside its budget."""
    made: list[dict[str, object]] = []
    for way in PATHS:
        name = f"diary day ({way}), {stored:,} segments stored, p99"
        beside = {f"with {FEW:,}": round(few[way], 1)}
        made.append(
            {"name": name, "value": round(many[way], 1), "unit": "ms", "budget": BUDGET_MS, "beside": beside}
        )
        ratio = round(many[way] / few[way], 2)
        made.append({"name": f"{name}, to {FEW:,}", "value": ratio, "unit": "times", "budget": BUDGET_RATIO})
    return made


if __name__ == "__main__":
    main()
