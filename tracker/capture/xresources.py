"""Reads from an X display by how much its desktop enlarges what it draws."""

from __future__ import annotations

import re
from contextlib import closing, suppress

from Xlib.error import ConnectionClosedError, DisplayError

from tracker.capture.xlink import XLink

_DPI = re.compile(rb"^Xft\.dpi:\s*(\d+(\.\d+)?)\s*$", re.MULTILINE)  # a line of the resources
_USUAL_DPI = 96  # of a monitor whose pixels are points


def zoom(display: str) -> float:
    """Return how many pixels make a point, as the desktop tells X programs; 1 if it doesn't."""
    with suppress(DisplayError, ConnectionClosedError, OSError), closing(XLink(display)) as link:
        dpi = _DPI.search(link.data(link.root, "RESOURCE_MANAGER"))
        return max(1.0, float(dpi[1]) / _USUAL_DPI) if dpi else 1.0
    return 1.0
