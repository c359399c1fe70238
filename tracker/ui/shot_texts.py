"""What is said of this slot's shots, and of taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.segment import ShotState
from tracker.ui.amounts import hour_and_minute, time_of_day

if TYPE_CHECKING:
    from datetime import tzinfo

    from tracker.status import Status

PAUSE = 10  # minutes for which shots are paused by one command
_SHOWN = {ShotState.KEPT, ShotState.BLURRED}
DISCARD = (
    "Discard this shot with its time?",
    "The shot, and what was tracked with it in this slot, are destroyed for good. Tracking goes on from now.",
)


def shown_shot(status: Status) -> str | None:
    """Return the id of this slot's newest shot, None where it shows nothing that could be taken back."""
    return status.shot.id if status.shot.state in _SHOWN else None


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
