"""What macOS lets a program do only where its user allowed it: looked up without asking anybody.

Without that for the screen macOS gives a picture of the empty desktop, and says nothing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGE = "x-apple.systempreferences:com.apple.preference.security?Privacy_"


@dataclass(frozen=True, slots=True)
class Permission:
    """One of macOS's permissions: its name and page in System Settings, what it is for, and who knows it."""

    name: str
    page: str  # a URL that opens it
    purpose: str
    library: str
    check: str  # the function that looks it up, without a word to the user
    request: str = ""  # the one by which macOS itself asks the user, once and never again

    def granted(self, load: Callable[[str], Any] | None = None) -> bool:
        """Say whether the user has allowed it."""
        return self._ask(self.check, load)

    def ask_user(self, load: Callable[[str], Any] | None = None) -> bool:
        """Let macOS ask, which it does once only; say whether it is allowed already."""
        return self._ask(self.request or self.check, load)

    def _ask(self, name: str, load: Callable[[str], Any] | None) -> bool:
        function = getattr((load or _library)(self.library), name)
        function.restype = ctypes.c_bool
        return bool(function())


SCREEN = Permission(
    "Screen Recording",
    f"{_PAGE}ScreenCapture",
    "shots, and the rules that keep windows out of them",
    "CoreGraphics",
    "CGPreflightScreenCaptureAccess",
    "CGRequestScreenCaptureAccess",
)
LISTENING = Permission(
    "Input Monitoring",
    f"{_PAGE}ListenEvent",
    "counting by pynput alone; the system's counters need none",
    "CoreGraphics",
    "CGPreflightListenEventAccess",
    "CGRequestListenEventAccess",
)
ACCESSIBILITY = Permission(
    "Accessibility",
    f"{_PAGE}Accessibility",
    "counting by pynput alone; the system's counters need none",
    "ApplicationServices",
    "AXIsProcessTrusted",
)
FOR_PYNPUT = (ACCESSIBILITY, LISTENING)


def require(*permissions: Permission, load: Callable[[str], Any] | None = None) -> None:
    """Raise CaptureUnavailable that names the first permission which is not granted."""
    for one in permissions:
        if not one.granted(load):
            raise CaptureUnavailable(
                f"macOS does not allow it: Hourproof has no permission for {one.name}.",
                advice=f"System Settings, Privacy & Security, {one.name}: allow it for {one.purpose}.",
            )


@cache
def _library(name: str) -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library(name))
