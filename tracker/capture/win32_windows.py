"""What windows Windows shows, the topmost first; whatever shines through one is not known."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Protocol

from tracker.capture.base import Area, Window, Windows

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOAKED, _FRAME_BOUNDS = 14, 9  # DWMWA_…, of dwmapi.h
_QUERY_LIMITED = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_LONGEST = 32_768  # characters of a path


class _Rect(ctypes.Structure):
    """RECT of windef.h."""

    _fields_ = tuple((side, ctypes.c_int32) for side in ("left", "top", "right", "bottom"))


class Desktop(Protocol):
    """What Windows tells of its windows, each a number."""

    def windows(self) -> list[int]:
        """Return those of the desktop that may be seen, the topmost first."""
        ...

    def title(self, window: int) -> str:
        """Return what stands in its bar."""
        ...

    def program(self, window: int) -> str:
        """Return the path of its program, nothing where that is not told."""
        ...

    def bounds(self, window: int) -> tuple[int, int, int, int]:
        """Return its left, top, right and bottom with its frame, without its shadow."""
        ...

    def foreground(self) -> int:
        """Return the one with the focus, 0 for none."""
        ...


class Win32Windows:
    """The windows of this desktop, in the pixels in which mss counts, too."""

    name = "win32"

    def __init__(self, desktop: Desktop | None = None) -> None:
        self._desktop = desktop or User32()

    def look(self) -> Windows:
        """Return them."""
        told = [(one, self._area(one)) for one in self._desktop.windows()]
        shown = tuple(self._window(one, area) for one, area in told if area.width > 0 and area.height > 0)
        focused = self._desktop.foreground()
        return Windows(shown, self._area(focused) if focused else None)

    def close(self) -> None:
        """Nothing is kept between looks."""

    def _window(self, window: int, area: Area) -> Window:
        program = self._desktop.program(window).replace("/", "\\").rpartition("\\")[2]
        return Window(program, self._desktop.title(window), area)

    def _area(self, window: int) -> Area:
        left, top, right, bottom = self._desktop.bounds(window)
        return Area(left, top, right - left, bottom - top)


class User32:
    """The system's own word, through user32, dwmapi and kernel32; with 64 bits there is one way to call."""

    def __init__(self, load: Callable[[str], Any] = ctypes.CDLL) -> None:
        self._user, self._dwm, self._kernel = load("user32"), load("dwmapi"), load("kernel32")
        self._user.GetForegroundWindow.restype = ctypes.c_void_p
        self._kernel.OpenProcess.restype = ctypes.c_void_p

    def windows(self) -> list[int]:
        """Return those that are visible, not iconified, and on this virtual desktop."""
        found: list[int] = []

        def note(window: int | None, _more: int) -> bool:
            handle = ctypes.c_void_p(window)
            hidden = ctypes.c_int(0)
            self._dwm.DwmGetWindowAttribute(handle, _CLOAKED, ctypes.byref(hidden), ctypes.sizeof(hidden))
            if self._user.IsWindowVisible(handle) and not self._user.IsIconic(handle) and not hidden.value:
                found.append(window or 0)
            return True

        visit = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)(note)
        self._user.EnumWindows(visit, None)
        return found

    def title(self, window: int) -> str:
        """Return what stands in its bar."""
        handle = ctypes.c_void_p(window)
        text = ctypes.create_unicode_buffer(int(self._user.GetWindowTextLengthW(handle)) + 1)
        self._user.GetWindowTextW(handle, text, len(text))
        return text.value

    def program(self, window: int) -> str:
        """Return the path of its program, nothing where that is not told."""
        number = ctypes.c_uint32(0)
        self._user.GetWindowThreadProcessId(ctypes.c_void_p(window), ctypes.byref(number))
        process = self._kernel.OpenProcess(_QUERY_LIMITED, 0, number)
        if not process:
            return ""
        path, size = ctypes.create_unicode_buffer(_LONGEST), ctypes.c_uint32(_LONGEST)
        handle = ctypes.c_void_p(process)
        told = self._kernel.QueryFullProcessImageNameW(handle, 0, path, ctypes.byref(size))
        self._kernel.CloseHandle(handle)
        return path.value if told else ""

    def bounds(self, window: int) -> tuple[int, int, int, int]:
        """Return where it is with its frame; without a compositor, as Windows itself reckons."""
        handle, box = ctypes.c_void_p(window), _Rect()
        if self._dwm.DwmGetWindowAttribute(handle, _FRAME_BOUNDS, ctypes.byref(box), ctypes.sizeof(box)):
            self._user.GetWindowRect(handle, ctypes.byref(box))
        return box.left, box.top, box.right, box.bottom

    def foreground(self) -> int:
        """Return the one with the focus, 0 for none."""
        return int(self._user.GetForegroundWindow() or 0)
