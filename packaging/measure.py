"""Runs every benchmark, prints their rows beside the budget, and writes them as JSON."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tracker.cli.output import show, table

BENCHMARKS = Path(__file__).resolve().parent.parent / "tests" / "benchmarks"


def main() -> int:
    """Measure, print and write; return 1 if a benchmark failed or a row is over its budget."""
    known = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    parser = argparse.ArgumentParser(prog="packaging/bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="BENCHMARK", help=f"only these of: {', '.join(known)}")
    parser.add_argument("--to", type=Path, default=Path("build/bench.json"), help="the file to write")
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(known):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    rows = [row for name in arguments.only or known for row in measured(name)]
    arguments.to.parent.mkdir(parents=True, exist_ok=True)
    arguments.to.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    report(rows)
    show(f"\nWritten to {arguments.to}")
    return 0 if all(row["met"] is not False for row in rows) else 1


def measured(name: str) -> list[dict[str, Any]]:
    """Run one benchmark and return its rows, judged; one that breaks is a row that says so."""
    show(f"measuring {name} ...")
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / f"{name}.py")], stdout=subprocess.PIPE, text=True, check=False
    )
    try:
        rows = json.loads(done.stdout) if done.returncode == 0 else []
    except ValueError:
        rows = []
    if not rows:
        rows = [{"name": f"{name}: ended with {done.returncode} and no rows", "value": None, "met": False}]
    return [{"benchmark": name, **row, "met": row["met"] if "met" in row else met(row)} for row in rows]


def met(row: dict[str, Any]) -> bool | None:
    """Say whether a row is within its budget: `{"at_most": n}` or `{"at_least": n}`, or a number, at most."""
    value, budget = row["value"], row.get("budget")
    if budget is None:
        return None
    if isinstance(budget, dict):
        return bool(value <= budget["at_most"] if "at_most" in budget else value >= budget["at_least"])
    return bool(value <= budget)


def report(rows: list[dict[str, Any]]) -> None:
    """Print the rows."""
    made = table("", "What", " Value", "Unit", " Budget", "Beside, in the same run")
    verdicts = {True: "met", False: "NOT MET", None: ""}
    for row in rows:
        made.add_row(
            verdicts[row["met"]],
            row["name"],
            number(row["value"]),
            row.get("unit", ""),
            limit(row.get("budget")),
            beside(row.get("beside")),
        )
    if not sys.stdout.isatty():
        os.environ["COLUMNS"] = "150"  # nothing tells how wide it may be there
    show("", made)


def limit(budget: float | dict[str, float] | None) -> str:
    """Return a budget as one reads it."""
    if budget is None:
        return ""
    if isinstance(budget, dict):
        return f"≤ {number(budget['at_most'])}" if "at_most" in budget else f"≥ {number(budget['at_least'])}"
    return f"≤ {number(budget)}"


def beside(peers: Any) -> str:
    """Return what was measured beside it."""
    if isinstance(peers, dict):
        return ", ".join(f"{name}: {number(value)}" for name, value in peers.items())
    return "" if peers is None else str(peers)


def number(value: Any) -> str:
    """Return a figure with as many digits as mean something."""
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())
