"""A connection to an X server, for short questions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from Xlib import X
from Xlib.error import XError
from Xlib.protocol.display import Display
from Xlib.protocol.request import GetProperty, InternAtom

_WORDS = 1 << 16  # of a property, at most


class XLink(Display):
    """A connection without extensions: python-xlib would mix up those of two servers in one process."""

    def __init__(self, name: str) -> None:
        self.resource_classes = {}  # type: ignore[assignment]  # there are none
        self._atoms: dict[str, int] = {}
        super().__init__(name)

    @property
    def root(self) -> int:
        """The window that all others are in."""
        return int(self.info.roots[self.default_screen].root)

    def atom(self, name: str) -> int:
        """Return the number of a name."""
        if name not in self._atoms:
            self._atoms[name] = InternAtom(display=self, name=name, only_if_exists=False).atom
        return self._atoms[name]

    def numbers(self, window: int, name: str) -> tuple[int, ...]:
        """Return a property that holds numbers, none where the window hasn't got it."""
        size, value = self._read(window, name)
        return tuple(int(one) for one in value) if size == 32 else ()  # noqa: PLR2004  # bits

    def data(self, window: int, name: str) -> bytes:
        """Return a property that holds bytes, likewise."""
        size, value = self._read(window, name)
        return bytes(value) if size == 8 else b""  # noqa: PLR2004  # bits

    def _read(self, window: int, name: str) -> tuple[int, Any]:
        with suppress(XError):  # the window has gone
            told = GetProperty(
                display=self,
                delete=False,
                window=window,
                property=self.atom(name),
                type=X.AnyPropertyType,
                long_offset=0,
                long_length=_WORDS,
            )
            return told.value or (0, ())
        return 0, ()
