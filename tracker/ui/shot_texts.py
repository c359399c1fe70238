"""What is said of this slot's shots, and of taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.segment import ShotState
from tracker.model.slot import MINUTE
from tracker.ui.amounts import hour_and_minute, time_of_day

if TYPE_CHECKING:
    from datetime import tzinfo

    from tracker.status import Status

PAUSE = 10  # minutes for which shots are paused by one command
_SHOWN = {ShotState.KEPT, ShotState.BLURRED}


def shown_shot(status: Status) -> str | None:
    """Return the id of this slot's newest shot, None where it shows nothing that could be taken back."""
    return status.shot.id if status.shot.state in _SHOWN else None


def discarding(status: Status) -> tuple[str, str]:
    """Return what is asked before a shot goes with its time, and what goes."""
    minutes = (status.shot.time_ms or 0) // MINUTE
    time = f"{minutes} minutes" if minutes > 1 else "1 minute" if minutes else "less than a minute"
    return (
        "Discard this shot with its time?",
        f"The shot is destroyed for good, and {time} of tracked time with it. Tracking goes on from now.",
    )


def shot_lines(status: Status, zone: tzinfo | None = None) -> tuple[str, str]:
    """Return what is so about this slot's shot, and what it means."""
    shot = status.shot
    if status.shots_paused_until is not None:
        return (
            f"No shots until {hour_and_minute(status.shots_paused_until, zone)}",
            "What is due is withheld.",
        )
    if shot.state is ShotState.WITHHELD and not shot.reason and shot.last is not None:
        return f"Shot of {time_of_day(shot.last, zone)} withheld", "Its time stays, not protected."
    if shot.reason and shot.last is not None:
        return f"No picture at {time_of_day(shot.last, zone)}", shot.reason
    if shot.last is None:
        due = "No shot in this slot yet", "It comes at a moment nobody knows."
        return due if shot.due else ("No shot in this slot", "None is due.")
    blurred = " blurred" * (shot.state is ShotState.BLURRED)
    title = f"Last shot {time_of_day(shot.last, zone)}{blurred}"
    held = shot.notice_until and f"Held until {time_of_day(shot.notice_until, zone)}."
    return title, held or "Kept with this slot."


def pause_line(status: Status, zone: tzinfo | None = None) -> str:
    """Return what the command that pauses shots does now."""
    until = status.shots_paused_until
    if until is None:
        return f"No shots for {PAUSE} minutes"
    return f"Take shots again (paused until {hour_and_minute(until, zone)})"
