"""Reads from an X display by how much its desktop enlarges what it draws."""

from __future__ import annotations

import re
from contextlib import closing, suppress

from Xlib import X, Xatom
from Xlib.error import ConnectionClosedError, DisplayError
from Xlib.protocol.display import Display
from Xlib.protocol.request import GetProperty

_DPI = re.compile(rb"^Xft\.dpi:\s*(\d+(\.\d+)?)\s*$", re.MULTILINE)  # a line of the resources
_USUAL_DPI = 96  # of a monitor whose pixels are points
_WORDS = 1 << 16  # of all resources, at most; they are some hundreds


class _Link(Display):
    """A connection without extensions: python-xlib would mix up those of two servers in one process."""

    def __init__(self, name: str) -> None:
        self.resource_classes = {}  # type: ignore[assignment]  # there are none
        super().__init__(name)


def zoom(display: str) -> float:
    """Return how many pixels make a point, as the desktop tells X programs; 1 if it doesn't."""
    with suppress(DisplayError, ConnectionClosedError, OSError), closing(_Link(display)) as link:
        told = GetProperty(
            display=link,
            delete=False,
            window=link.info.roots[link.default_screen].root,
            property=Xatom.RESOURCE_MANAGER,
            type=X.AnyPropertyType,
            long_offset=0,
            long_length=_WORDS,
        )
        dpi = _DPI.search(bytes(told.value[1])) if told.value else None
        return max(1.0, float(dpi[1]) / _USUAL_DPI) if dpi else 1.0
    return 1.0
