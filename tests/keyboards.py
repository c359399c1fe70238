"""Keyboards of an X display, each for itself: XTest may name the device that it plays."""

from __future__ import annotations

from Xlib import XK, X, Xatom
from Xlib.display import Display
from Xlib.ext import xinput, xtest
from Xlib.protocol import rq

_PRESS, _RELEASE = 1, 2  # counted from XInput's first event
_BYTE = 8  # bits


class _FakeInput(rq.Request):
    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(2),
        rq.RequestLength(),
        rq.Card8("kind"),
        rq.Card8("detail"),
        rq.Pad(29),
        rq.Card8("device"),
    )


class Keyboards:
    """The keyboards that are attached to a display."""

    def __init__(self, display: str) -> None:
        self._link = Display(display)
        self._link.xinput_query_version()
        found = self._link.xinput_query_device(xinput.AllDevices).devices
        self.each = [one.deviceid for one in found if one.use == xinput.SlaveKeyboard]

    def turn(self, key: str, keyboard: int, *, down: bool) -> None:
        """Put a key of one of them down or up."""
        known = self._link.query_extension(xinput.extname)
        assert known
        _FakeInput(
            display=self._link.display,
            opcode=self._link.display.get_extension_major(xtest.extname),
            kind=known.first_event + (_PRESS if down else _RELEASE),
            detail=self._link.keysym_to_keycode(XK.string_to_keysym(key)),
            device=keyboard,
        )
        self._link.sync()

    def enable(self, keyboard: int, *, on: bool) -> None:
        """Switch one of them on or off."""
        name = self._link.intern_atom("Device Enabled")
        value = (_BYTE, bytes([on]))
        self._link.xinput_change_device_property(keyboard, name, Xatom.INTEGER, X.PropModeReplace, value)
        self._link.sync()

    def close(self) -> None:
        """Hang up."""
        self._link.close()
