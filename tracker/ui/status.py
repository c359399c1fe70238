"""What tray and window say about the state: every text, without Qt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracker.model.contract import DEFAULT_POLICY, Policy
from tracker.model.protection import Reason
from tracker.ui.amounts import spell, spell_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.status import SlotStatus, Status

Tone = Literal["ok", "part", "no", "over", "held", "bad"]  # named as the look's colours

_MENU_WIDTH = 48  # characters of a line in the tray's menu

_REASONS = {
    Reason.MANUAL: "manual time",
    Reason.MEMO_MISSING: "no memo",
    Reason.MEMO_TOO_SHORT: "memo too short",
    Reason.TASK_MISSING: "no task",
    Reason.LEVEL_BELOW_MINIMUM: "low level",
    Reason.LEVEL_UNKNOWN: "level unknown",
    Reason.IDLE_KEPT: "idle time kept",
    Reason.NO_SHOT: "no shot",
    Reason.CAPTURE_FAILED: "capture failed",
    Reason.SHOT_WITHHELD: "shot withheld",
    Reason.SHOT_BLURRED: "shot mostly blurred",
    Reason.OVER_THE_LIMIT: "over the weekly limit",
    Reason.LATE: "late",
    Reason.OVERLAP: "overlap",
    Reason.CLOCK_IN_DOUBT: "clock in doubt",
    Reason.CONTRACT_NOT_ACTIVE: "contract not active",
    Reason.CLIENT_NOT_VERIFIED: "client not verified",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A text, and the tone in which it is shown."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Notice:
    """What a banner says: what is so, what it means, in which tone; the icon if not the tone's, a button."""

    title: str
    text: str
    tone: Tone
    icon: str = ""
    action: str = ""


_DISK = {
    "failing": Notice(
        "Nothing can be written to the disk",
        "Free some space now. Time is counted meanwhile, but a crash would lose it.",
        "bad",
    ),
    "no-shots": Notice(
        "The disk is nearly full", "No shots are taken until there is space. All time is kept.", "no"
    ),
}
_TROUBLE = {
    "lost": Notice(
        "Input is not counted",
        "The display that told of it is gone. Time goes on, and so will the counts once it is back.",
        "held",
    ),
    "disagree": Notice(
        "Input may not be counted",
        "The desktop tells of input that Hourproof does not hear. Time goes on. Quit it, and start it anew.",
        "no",
    ),
}


# Contracts


def names(contracts: Sequence[Contract]) -> dict[str, str]:
    """Return what each contract is called, by id: its client, and the title where a client has several."""
    clients = Counter(contract.client for contract in contracts)
    return {
        contract.id: contract.client
        if contract.client and clients[contract.client] == 1
        else ", ".join(filter(None, (contract.client, contract.title)))
        for contract in contracts
    }


def colours(contracts: Sequence[Contract]) -> dict[str, int]:
    """Return the place of each contract's colour; ids sort as they were made, so it keeps it."""
    return {contract: place for place, contract in enumerate(sorted(one.id for one in contracts))}


def running_name(status: Status, contracts: Sequence[Contract]) -> str:
    """Return what the running contract is called."""
    return names(contracts).get(status.contract or "", "a contract")


def policy_of(contract: str | None, contracts: Sequence[Contract]) -> Policy:
    """Return the rules by which a contract's time is protected."""
    return next((one.terms.policy for one in contracts if one.id == contract), DEFAULT_POLICY)


# The state


def state_line(status: Status, contracts: Sequence[Contract]) -> str:
    """Return the state as the menu and the icon's tip begin: `Tracking Northbeam, 2 h 44 m`."""
    if status.state == "stopped":
        return "Stopped"
    name = running_name(status, contracts)
    if status.state == "away":
        return f"Away, {name} is paused"
    return f"Tracking {name}, {spell(status.session_ms)}"


def tool_tip(status: Status, contracts: Sequence[Contract]) -> str:
    """Return what the tray icon says when pointed at."""
    line = state_line(status, contracts)
    trouble = _TROUBLE.get(status.sources.trouble or "")
    if trouble is not None:
        line += f", {trouble.title[0].lower()}{trouble.title[1:]}"
    test = " (TEST)" if status.test else ""
    return f"Hourproof: {line[0].lower()}{line[1:]}{test}"


def window_title(status: Status, contracts: Sequence[Contract], *, tray: bool) -> str:
    """Return the window's title; where no tray shows the state, the title leads with it."""
    if tray:
        return "TEST: Hourproof" if status.test else "Hourproof"
    test = " (TEST)" if status.test else ""
    mark = {"tracking": "●", "away": "◌", "stopped": "■"}[status.state]
    name = "" if status.state == "stopped" else f" {running_name(status, contracts)}"
    return f"{mark} {status.state.capitalize()}{name}{test}"


def tray_state(status: Status) -> str:
    """Return the name of the tray's drawing: the state, and whether something waits for the freelancer."""
    disk = status.disk in {"no-shots", "failing"}
    signed_out = status.server.state == "signed-out"
    waits = status.questions or status.outbox.refused or signed_out or disk or status.sources.trouble
    return f"{status.state}-attention" if waits else status.state


def totals_line(status: Status) -> str:
    """Return today's and the week's time in one line."""
    of = "" if status.week.limit_ms is None else f" of {spell_limit(status.week.limit_ms)}"
    return f"Today {spell(status.today_ms)}, this week {spell(status.week.ms)}{of}"


def memo_line(status: Status) -> str:
    """Return the running memo, short enough for a menu."""
    memo = " ".join(status.memo.split())
    if not memo:
        return "No memo yet"
    return f"“{memo if len(memo) <= _MENU_WIDTH else memo[: _MENU_WIDTH - 1].rstrip() + '…'}”"


# Protection


def verdict(slot: SlotStatus) -> Said:
    """Return how this slot stands so far."""
    if slot.verdict.protected:
        return Said("Protected so far", "ok")
    return Said("Partly protected", "part") if slot.verdict.protected_ms else Said("Not protected yet", "no")


def verdict_line(slot: SlotStatus) -> str:
    """Return how this slot stands so far, with every reason."""
    reasons = ", ".join(_REASONS[reason] for reason in slot.verdict.reasons)
    return ": ".join(filter(None, (verdict(slot).text, reasons)))


def advice(status: Status, policy: Policy) -> str:
    """Return what protects this slot: a sentence for each reason."""
    reasons = status.slot.verdict.reasons if status.slot else ()
    return " ".join(_sentence(reason, status, policy) for reason in reasons) or "Nothing is missing."


def memo_advice(memo: str, policy: Policy) -> str:
    """Return what a memo still lacks, empty where it is enough."""
    missing = policy.memo_min - len(memo.strip())
    if missing <= 0:
        return ""
    if missing == policy.memo_min:
        return "You can start without one. Protected time needs a memo."
    return f"{missing} more {'character' if missing == 1 else 'characters'} and the memo is enough."


def _sentence(reason: Reason, status: Status, policy: Policy) -> str:
    slot = status.slot
    alone = slot is not None and slot.verdict.reasons == (reason,)
    if reason is Reason.MEMO_MISSING:
        return f"No memo yet. {'With one, this slot is protected.' if alone else 'Protected time needs one.'}"
    if reason is Reason.MEMO_TOO_SHORT:
        return memo_advice(status.memo, policy)
    if reason is Reason.LEVEL_BELOW_MINIMUM and slot is not None:
        return f"Level {slot.level} of 10 so far. Protected from {policy.min_level} on."
    if reason is Reason.LEVEL_UNKNOWN and status.sources.input is not None:
        return "The level shows after the slot's first 20 seconds."
    fixed = {
        Reason.LEVEL_UNKNOWN: "Your desktop shows no counts here. The time is kept; its level is unknown.",
        Reason.TASK_MISSING: "The contract asks for a task.",
        Reason.CAPTURE_FAILED: "The screen gave no picture. The time counts, but isn’t protected.",
        Reason.SHOT_WITHHELD: "Shot withheld. The time stays, not protected.",
        Reason.OVER_THE_LIMIT: "Over the weekly limit: time is recorded, but billed 0.",
    }
    return fixed.get(reason, f"{_REASONS[reason].capitalize()}.")


# Delivery


def delivery(status: Status) -> Said:
    """Return where finished segments are, in one line."""
    box = status.outbox
    if box.refused:
        return Said(f"{box.refused} refused, kept here", "bad")
    if status.server.state == "signed-out":
        return Said("Sign in again to deliver", "held")
    if status.server.state == "offline":
        kept = box.held + box.waiting
        return Said(f"Offline, {_segments(kept)} safe here" if kept else "Offline", "held")
    if box.waiting:
        return Said(f"{box.waiting} to deliver" + f", {box.held} held" * bool(box.held), "held")
    if box.held:
        return Said(f"{box.held} held, all else is delivered", "ok")
    return Said("Everything is delivered" if status.slot is None else "All earlier time is delivered", "ok")


def notice(status: Status) -> Notice | None:
    """Return what the window's banner says about disk, input and delivery, none where all is well."""
    box = status.outbox
    if status.disk in _DISK:
        return _DISK[status.disk]
    if box.refused:
        return Notice(
            f"The server refused {_segments(box.refused)}", "It is kept here, nothing is lost.", "bad"
        )
    if status.sources.trouble is not None:
        return _TROUBLE[status.sources.trouble]
    kept = box.held + box.waiting
    safe = f"{_segments(kept)} {'is' if kept == 1 else 'are'} safe here"
    if status.server.state == "signed-out":
        text = f"Tracking goes on, and {safe if kept else 'nothing is lost'}."
        return Notice("Sign in again to deliver", f"{status.server.why} {text}".strip(), "held")
    if status.server.state == "offline" and kept:
        text = f"{safe} and will follow by {'itself' if kept == 1 else 'themselves'}."
        return Notice("Offline", f"{status.server.why} {text}".strip(), "held")
    return None


def _segments(number: int) -> str:
    return f"{number} {'segment' if number == 1 else 'segments'}"
