"""The answers of commands as a person reads them."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

from tracker.capture.camera import advice_on
from tracker.cli.output import count, duration, here, moment, show, table
from tracker.model.slot import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISK = {
    "little": "There is little space on the disk: shots are smaller.",
    "no-shots": "The disk is nearly full: no shots are taken until there is space. All time is kept.",
    "failing": "Nothing can be written to the disk. Free some space now: a crash would lose what is tracked.",
}
_TROUBLE = {
    "lost": "Input is not counted: the display that told of it is gone. Counting goes on once it is back.",
    "disagree": "Input may not be counted: hourproof doctor tells more.",
}
_CHANGES = {
    "memo": "another memo",
    "withhold": "shot withheld",
    "blur": "shot blurred",
    "discard": "discarded",
}
_SERVER = {
    "offline": "Offline. What is tracked is safe here and follows by itself.",
    "signed-out": "Sign in again to deliver. Tracking goes on, and what is tracked is safe here.",
}
_LEAST = 4  # characters of an id are typed


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
    """Print what is tracked, whether it is protected, and what waits for an answer."""
    show(_state(now, titles))
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
    if now["call_until"]:
        until = f"{here(now['call_until']):%H:%M}"
        show(f"In a call until {until}: silence is kept, marked as idle. To end it: hourproof call --end")
    show(*_shots(now))
    if now["resume"]:
        show(*_offer(now["resume"], titles))
    for one in now["questions"]:
        if one["to"]:
            show(f"In question: {_stretch(one, titles)}. To answer:")
            show(f"  hourproof away {_handle(one, now['questions'])} keep|discard|move CONTRACT")
    if now["server"]["state"] in _SERVER:
        show(*(line for line in (_SERVER[now["server"]["state"]], now["server"]["why"]) if line))
    if now["disk"] in _DISK:
        show(_DISK[now["disk"]])
    if now["sources"]["trouble"]:
        show(_TROUBLE[now["sources"]["trouble"]])
    if now["test"]:
        show("TEST: this home holds test time.")


def _shots(now: dict[str, Any]) -> Iterator[str]:
    """Yield why there are no shots, and why the last one shows nothing."""
    if now["shots_paused_until"]:
        until = f"{here(now['shots_paused_until']):%H:%M}"
        yield f"No shots until {until}: what is due is withheld. To end it: hourproof shot pause 0"
    reason = now["shot"]["reason"]
    if reason:
        yield f"The last shot shows nothing. {reason} {advice_on(reason)}".rstrip()


def week_closes(ends: dict[str, Any] | None) -> None:
    """Print what a closing week still lacks, if it does."""
    if ends is None:
        return
    words = {"held": "held", "waiting": "to deliver", "refused": "refused", "questions": "in question"}
    lacks = ", ".join(f"{ends[kind]} {word}" for kind, word in words.items() if ends[kind])
    show(f"The week locks {here(ends['locks_at']):%A %H:%M}: {lacks}.")


def _state(now: dict[str, Any], titles: dict[str, str]) -> str:
    """Return whether something is tracked; while away, since when and what happens next."""
    if not now["app_running"]:
        return "Stopped. The app does not run."
    title = titles.get(now["contract"], now["contract"])
    if now["state"] == "tracking" or (now["state"] == "away" and now["call_until"]):
        return f"Tracking {title}: {now['memo'] or 'no memo yet'}"
    if now["state"] == "stopped":
        return "Stopped."
    since = "".join(f" since {here(one['from']):%H:%M:%S}" for one in now["questions"] if not one["to"])
    return f"Away{since}. {title} is paused: your first input resumes it, 60 minutes without stop it."


def _offer(left: dict[str, str], titles: dict[str, str]) -> tuple[str, str]:
    """Return what became of a run that nobody stopped, and how to go on with it."""
    crashed = left["why"] == "crash"
    ended = "Hourproof ended unexpectedly" if crashed else "Tracking stopped"
    lost = ", and lost 6 s at most" if crashed else ""
    title = titles.get(left["contract"], "")
    words = ["hourproof", "start", title if list(titles.values()).count(title) == 1 else left["contract"]]
    if left["memo"]:
        words += ["--memo", left["memo"]]
    command = subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
    return f"{ended} at {here(left['at']):%Y-%m-%d %H:%M}{lost}. To resume:", f"  {command}"


def questions(asked: list[dict[str, Any]], titles: dict[str, str]) -> None:
    """Print what is in question, one a line, times local; each with as much of its id as names it."""
    if not asked:
        show("Nothing is in question.")
        return
    rows = table("Id", "From (local)", "To", " Length", "Contract", " Shots")
    for one in asked:
        begin, end = here(one["from"]), one["to"] and here(one["to"])
        rows.add_row(
            _handle(one, asked),
            f"{begin:%Y-%m-%d %H:%M:%S}",
            f"{end:%H:%M:%S}" if end else "still away",
            duration(_length(one)) if end else "–",
            titles.get(one["contract"], one["contract"]),
            str(len(one["shots"])),
        )
    show(rows)
    show("To answer: hourproof away ID keep|discard|move CONTRACT")


def _handle(question: dict[str, Any], asked: list[dict[str, Any]]) -> str:
    """Return the end of a question's id that names no other: ids made in one hour begin alike."""
    whole = str(question["id"])
    others = [one["id"] for one in asked if one["id"] != question["id"]]
    ends = (whole[-length:] for length in range(_LEAST, len(whole)))
    return next(
        (end for end in ends if not any(other.startswith(end) or other.endswith(end) for other in others)),
        whole,
    )


def _stretch(question: dict[str, Any], titles: dict[str, str]) -> str:
    """Return when it was, how long, for whom, and how many shots go with it."""
    begin, end = here(question["from"]), here(question["to"])
    title = titles.get(question["contract"], question["contract"])
    number = len(question["shots"])
    shots = f", {number} shot{'s' * (number > 1)}" if number else ""
    return f"{begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S}, {duration(_length(question))} of {title}{shots}"


def _length(question: dict[str, Any]) -> int:
    return parse_instant(question["to"]) - parse_instant(question["from"])


def delivery(done: dict[str, Any]) -> None:
    """Print what a delivery did."""
    show(
        f"{done['delivered']} delivered, {done['held']} held, "
        f"{done['waiting']} waiting, {done['refused']} refused."
    )


def waiting(entries: list[dict[str, Any]]) -> None:
    """Print what keeps segments from being delivered, each reason once."""
    for problem in dict.fromkeys(one["problem"] for one in entries if one["state"] == "waiting"):
        if problem:
            show(f"Still waiting: {problem}")


def outbox(entries: list[dict[str, Any]]) -> None:
    """Print what is not delivered, and why."""
    if not entries:
        show("Everything is delivered.")
        return
    rows = table("From", "To", "What", "State", "Why", "Id")
    for one in entries:
        hold = one["hold"]
        why = f"{hold['why']} until {moment(hold['until'])}" if hold else one["problem"] or ""
        what = _CHANGES.get(one["change"], "segment")
        rows.add_row(moment(one["start"]), moment(one["end"]), what, one["state"], why, one["id"])
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
        if name == "rules":
            show(f"rules: {len(value)}. To see them: hourproof rules list")
        else:
            show(f"{name} = {str(value).lower() if isinstance(value, bool) else value}")


def diary(day: dict[str, Any], titles: dict[str, str], asked: list[dict[str, Any]]) -> None:
    """Print a day, one line a segment, times in UTC; then what of it is in question."""
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
    if day["cells"]:
        totals = day["totals"]
        show(rows)
        show(
            f"{duration(totals['tracked_ms'])} tracked, {duration(totals['protected_ms'])} protected, "
            f"{duration(totals['manual_ms'])} manual"
        )
    else:
        show("Nothing tracked on this day.")
    if asked:
        show(_in_question(asked, titles))


def _in_question(asked: list[dict[str, Any]], titles: dict[str, str]) -> str:
    """Return what the totals lack for want of an answer."""
    parts = [
        f"{duration(_length(one))} of {titles.get(one['contract'], one['contract'])}"
        if one["to"]
        else f"what is since {one['from'][11:19]}, still away"
        for one in asked
    ]
    return f"In question, and not in the totals: {', '.join(parts)}. To answer: hourproof away"


def _sum(minutes: list[dict[str, Any]], name: str) -> int | None:
    values = [minute[name] for minute in minutes]
    return None if None in values else sum(values)
