"""What counts input by the freelancer's wish, and what it means to let the kernel's devices do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.capture import choose_input
from tracker.errors import BadValue
from tracker.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.capture.base import InputSource

MEANS = (
    "Counts come from /dev/input. Who may read that, and so every program of yours, reads every key that you "
    "press, passwords, too; Hourproof keeps only how many."
)
BACK = "To take that back: hourproof settings set input desktop, and sudo gpasswd -d $USER input"


def wished_input(settings: Path) -> InputSource:
    """Return what counts input, by the settings as they are now; raises CaptureUnavailable where none can."""
    try:
        wish = load(settings).input
    except BadValue:  # a file that cannot be read opts for nothing
        wish = "desktop"
    return choose_input(wish=wish)
