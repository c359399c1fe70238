"""What windows macOS shows, the topmost first; titles are told where shots are allowed.

Source of the names: Apple's CGWindow.h. Whatever shines through a window is not known.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import TYPE_CHECKING, Any, Protocol

from tracker.capture.base import Area, Window, Windows
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_ON_SCREEN = 1 | 16  # kCGWindowListOptionOnScreenOnly, kCGWindowListExcludeDesktopElements
_UTF8 = 0x0800_0100  # kCFStringEncodingUTF8
_INT64 = 4  # kCFNumberSInt64Type
_ORDINARY = 0  # the layer of windows that are neither bars nor menus


class _Rect(ctypes.Structure):
    """CGRect."""

    _fields_ = tuple((side, ctypes.c_double) for side in ("left", "top", "width", "height"))


class Told(Protocol):
    """What macOS tells of its windows."""

    def windows(self) -> list[tuple[str, str, int, tuple[float, float, float, float]]] | None:
        """Return program, title, layer, and left, top, width and height of each; None where it won't."""
        ...


class QuartzWindows:
    """The windows of this session, in points, in which mss reckons where monitors lie, too."""

    name = "quartz"

    def __init__(self, told: Told | None = None) -> None:
        self._told = told or WindowServer()

    def look(self) -> Windows:
        """Return them; raises CaptureUnavailable where macOS does not tell."""
        told = self._told.windows()
        if told is None:
            raise CaptureUnavailable(
                "macOS does not tell what windows there are.",
                advice="System Settings, Privacy & Security, Screen Recording: allow it for Hourproof.",
            )
        shown = [(Window(app, title, _area(place)), layer) for app, title, layer, place in told]
        ordinary = (window.area for window, layer in shown if layer == _ORDINARY)
        return Windows(tuple(window for window, _ in shown), next(ordinary, None))

    def close(self) -> None:
        """Nothing is kept between looks."""


def _area(place: tuple[float, float, float, float]) -> Area:
    left, top, width, height = place
    return Area(int(left // 1), int(top // 1), int(-(-width // 1)) + 1, int(-(-height // 1)) + 1)


class WindowServer:
    """The system's own word, through CoreGraphics and CoreFoundation."""

    def __init__(self, load: Callable[[str], Any] | None = None) -> None:
        find = load or (lambda name: ctypes.CDLL(ctypes.util.find_library(name)))
        self._graphics, self._foundation = find("CoreGraphics"), find("CoreFoundation")
        pointer, number = ctypes.c_void_p, ctypes.c_long
        for function, result, arguments in (
            (self._graphics.CGWindowListCopyWindowInfo, pointer, (ctypes.c_uint32, ctypes.c_uint32)),
            (self._graphics.CGRectMakeWithDictionaryRepresentation, ctypes.c_bool, (pointer, pointer)),
            (self._foundation.CFArrayGetCount, number, (pointer,)),
            (self._foundation.CFArrayGetValueAtIndex, pointer, (pointer, number)),
            (self._foundation.CFDictionaryGetValue, pointer, (pointer, pointer)),
            (self._foundation.CFStringGetLength, number, (pointer,)),
            (
                self._foundation.CFStringGetCString,
                ctypes.c_bool,
                (pointer, ctypes.c_char_p, number, ctypes.c_uint32),
            ),
            (self._foundation.CFNumberGetValue, ctypes.c_bool, (pointer, number, pointer)),
            (self._foundation.CFRelease, None, (pointer,)),
        ):
            function.restype, function.argtypes = result, arguments

    def windows(self) -> list[tuple[str, str, int, tuple[float, float, float, float]]] | None:
        """Return what is on the screen, the topmost first; None where macOS won't tell."""
        every = self._graphics.CGWindowListCopyWindowInfo(_ON_SCREEN, 0)
        if not every:
            return None
        try:
            count = self._foundation.CFArrayGetCount(every)
            return [self._one(self._foundation.CFArrayGetValueAtIndex(every, at)) for at in range(count)]
        finally:
            self._foundation.CFRelease(every)

    def _one(self, facts: int) -> tuple[str, str, int, tuple[float, float, float, float]]:
        layer, place = ctypes.c_int64(0), _Rect()
        if number := self._value(facts, "kCGWindowLayer"):
            self._foundation.CFNumberGetValue(number, _INT64, ctypes.byref(layer))
        if bounds := self._value(facts, "kCGWindowBounds"):
            self._graphics.CGRectMakeWithDictionaryRepresentation(bounds, ctypes.byref(place))
        app, title = self._text(facts, "kCGWindowOwnerName"), self._text(facts, "kCGWindowName")
        return app, title, layer.value, (place.left, place.top, place.width, place.height)

    def _value(self, facts: int, name: str) -> int | None:
        key = ctypes.c_void_p.in_dll(self._graphics, name)
        value = self._foundation.CFDictionaryGetValue(facts, key)
        return int(value) if value else None

    def _text(self, facts: int, name: str) -> str:
        text = self._value(facts, name)
        if text is None:
            return ""
        buffer = ctypes.create_string_buffer(4 * self._foundation.CFStringGetLength(text) + 1)
        told = self._foundation.CFStringGetCString(text, buffer, len(buffer), _UTF8)
        return buffer.value.decode(errors="replace") if told else ""
