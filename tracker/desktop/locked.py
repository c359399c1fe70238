"""Whether the screen is locked, where no bus tells it: on Windows and macOS."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from typing import Any

_CURRENT_SESSION = 0xFFFF_FFFF  # of WTS_CURRENT_SESSION
_SESSION_INFO = 25  # WTSSessionInfoEx
_FLAGS_AT = 16  # bytes into WTSINFOEX: level, padding, session and its state come before
_FLAGS = {0: True, 1: False}  # WTS_SESSIONSTATE_LOCK and _UNLOCK; anything else is unknown
_UTF8 = 0x0800_0100  # kCFStringEncodingUTF8


def is_locked() -> bool | None:
    """Return whether the screen is locked, or another user's is in front; None where that is unknown."""
    return {"win32": _windows_locked, "darwin": _mac_locked}.get(sys.platform, _unknown)()


def _unknown() -> None:
    return None


def _windows_locked() -> bool | None:
    """Ask the terminal services, source: WTSINFOEX_LEVEL1_W of wtsapi32.h."""
    wts = ctypes.CDLL("wtsapi32")
    told, size = ctypes.c_void_p(), ctypes.c_uint32()
    here = (None, ctypes.c_uint32(_CURRENT_SESSION), _SESSION_INFO)
    if not wts.WTSQuerySessionInformationW(*here, ctypes.byref(told), ctypes.byref(size)) or not told.value:
        return None
    try:
        return _FLAGS.get(ctypes.c_int32.from_address(told.value + _FLAGS_AT).value)
    finally:
        wts.WTSFreeMemory(told)


def _mac_locked() -> bool | None:
    """Ask the window server, source: CGSession.h; the key of the lock is told there only while it holds."""
    graphics, core = _framework("CoreGraphics"), _framework("CoreFoundation")
    graphics.CGSessionCopyCurrentDictionary.restype = ctypes.c_void_p
    session = ctypes.c_void_p(graphics.CGSessionCopyCurrentDictionary())
    if session.value is None:
        return None
    try:
        return _is_true(core, session, b"CGSSessionScreenIsLocked") or not _is_true(
            core, session, b"kCGSSessionOnConsoleKey"
        )
    finally:
        core.CFRelease(session)


def _is_true(core: Any, dictionary: ctypes.c_void_p, name: bytes) -> bool:
    core.CFStringCreateWithCString.restype = core.CFDictionaryGetValue.restype = ctypes.c_void_p
    key = ctypes.c_void_p(core.CFStringCreateWithCString(None, name, _UTF8))
    try:
        value = ctypes.c_void_p(core.CFDictionaryGetValue(dictionary, key))
        return value.value is not None and bool(core.CFBooleanGetValue(value))
    finally:
        core.CFRelease(key)


def _framework(name: str) -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library(name))
