"""A connection to an X server, for short questions: many of them go together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from Xlib import X
from Xlib.error import XError
from Xlib.protocol.display import Display
from Xlib.protocol.request import GetProperty, InternAtom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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

    def ask(self, questions: Iterable[Callable[..., Any]]) -> list[Any]:
        """Send requests together; return their answers, None where what is asked about has gone."""
        return [_answered(one) for one in [question(display=self, defer=True) for question in questions]]

    def property(self, window: int, name: str) -> Callable[..., Any]:
        """Return the request for a property."""
        return partial(
            GetProperty,
            delete=False,
            window=window,
            property=self.atom(name),
            type=X.AnyPropertyType,
            long_offset=0,
            long_length=_WORDS,
        )

    def numbers(self, window: int, name: str) -> tuple[int, ...]:
        """Return a property that holds numbers, none where the window hasn't got it."""
        return as_numbers(*self.ask([self.property(window, name)]))

    def data(self, window: int, name: str) -> bytes:
        """Return a property that holds bytes, likewise."""
        return as_data(*self.ask([self.property(window, name)]))


def as_numbers(told: Any) -> tuple[int, ...]:
    """Return the numbers of a property that was asked for."""
    size, value = told.value or (0, ()) if told else (0, ())
    return tuple(int(one) for one in value) if size == 32 else ()  # noqa: PLR2004  # bits


def as_data(told: Any) -> bytes:
    """Return the bytes of a property that was asked for."""
    size, value = told.value or (0, ()) if told else (0, ())
    return bytes(value) if size == 8 else b""  # noqa: PLR2004  # bits


def _answered(asked: Any) -> Any:
    try:
        asked.reply()
    except XError:
        return None
    return asked
