"""The answers of commands as a person reads them."""

from __future__ import annotations

from typing import Any

from tracker.cli.output import count, duration, moment, show, table


def contracts(views: list[dict[str, Any]]) -> None:
    """Print contracts, one a line."""
    if not views:
        show("No contracts yet. Add one: hourproof contract add --help")
        return
    rows = table("Title", "Client", " Rate", " Weekly limit", "State", "Id")
    for one in views:
        limit = one["terms"]["weekly_limit_ms"]
        rows.add_row(
            one["title"],
            one["client"],
            f"{one['rate']} {one['currency']}",
            "none" if limit is None else duration(limit),
            one["state"],
            one["id"],
        )
    show(rows)


def status(now: dict[str, Any], titles: dict[str, str]) -> None:
    """Print what is tracked, and whether it is protected."""
    tracking = now["state"] == "tracking"
    if not now["app_running"]:
        show("Stopped. The app does not run.")
    else:
        title = titles.get(now["contract"], now["contract"])
        show(f"Tracking {title}: {now['memo'] or 'no memo yet'}" if tracking else "Stopped.")
    slot = now["slot"]
    if slot:
        verdict = slot["verdict"]
        reasons = ", ".join(verdict["reasons"])
        show(
            f"This slot: {duration(slot['tracked_ms'])}, level {count(slot['level'])}, "
            f"{count(slot['keys'])} keys, {count(slot['clicks'])} clicks, {count(slot['scrolls'])} scrolls; "
            + ("protected so far" if verdict["protected"] else f"not protected: {reasons}")
        )
    limit = now["week"]["limit_ms"]
    of_limit = "" if limit is None else f" of {duration(limit)}"
    show(f"Today {duration(now['today_ms'])}, this week {duration(now['week']['ms'])}{of_limit}.")
    if now["test"]:
        show("TEST: this home holds test time.")


def delivery(done: dict[str, Any]) -> None:
    """Print what a delivery did."""
    show(
        f"{done['delivered']} delivered, {done['held']} held, "
        f"{done['waiting']} waiting, {done['refused']} refused."
    )


def outbox(entries: list[dict[str, Any]]) -> None:
    """Print what is not delivered, and why."""
    if not entries:
        show("Everything is delivered.")
        return
    rows = table("From", "To", "State", "Why", "Id")
    for one in entries:
        hold = one["hold"]
        why = f"{hold['why']} until {moment(hold['until'])}" if hold else one["problem"] or ""
        rows.add_row(moment(one["start"]), moment(one["end"]), one["state"], why, one["id"])
    show(rows)


def findings(rows: list[dict[str, Any]]) -> None:
    """Print what works and what does not, with what to do."""
    for one in rows:
        show(f"{one['capability']}: {one['state']}" + (f", {one['source']}" if one["source"] else ""))
        for line in (one["why"], one["advice"]):
            if line:
                show(f"  {line}")


def settings(values: dict[str, Any]) -> None:
    """Print settings, one a line."""
    for name, value in values.items():
        show(f"{name} = {value}")


def diary(day: dict[str, Any], titles: dict[str, str]) -> None:
    """Print a day, one line a segment, times in UTC."""
    rows = table(
        "From (UTC)", "To", "Contract", "Memo", " Keys", " Clicks", " Scrolls", " Level", "Verdict", "Shot"
    )
    for cell in day["cells"]:
        for one in cell["segments"]:
            sums = [_sum(one["minutes"], name) for name in ("keys", "clicks", "scrolls")]
            verdict = one["verdict"]
            rows.add_row(
                one["start"][11:19],
                one["end"][11:19],
                titles.get(cell["contract"], cell["contract"]),
                one["memo"] or "–",
                *(count(value) for value in sums),
                count(cell["level"]),
                "protected" if verdict["protected"] else ", ".join(verdict["reasons"]),
                ", ".join(shot["state"] for shot in one["shots"]) or "–",
            )
    show(
        f"{day['date']}, {day['tz']}"
        + ("" if day["complete"] else " (the server is away: undelivered time only)")
    )
    if not day["cells"]:
        show("Nothing tracked on this day.")
        return
    totals = day["totals"]
    show(rows)
    show(
        f"{duration(totals['tracked_ms'])} tracked, {duration(totals['protected_ms'])} protected, "
        f"{duration(totals['manual_ms'])} manual"
    )


def _sum(minutes: list[dict[str, Any]], name: str) -> int | None:
    values = [minute[name] for minute in minutes]
    return None if None in values else sum(values)
