"""Hands at a keyboard and a mouse: input that the X server takes for real."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError
from Xlib.ext import xtest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from busy import Stroke

UP, DOWN, LEFT, RIGHT = 4, 5, 6, 7  # a wheel's notches are buttons to X
_BATCH = 500  # strokes sent at once; python-xlib gets slow with more


class Hands:
    """Types, clicks, scrolls and points on one display; when a call returns, the server has seen it all."""

    def __init__(self, display: str) -> None:
        self._display = Display(display)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ConnectionClosedError):  # where the display has vanished
            self._display.close()

    def press(self, *keys: str, times: int = 1) -> None:
        """Press and release each key, one after another, that many times."""
        self._strokes(X.KeyPress, X.KeyRelease, [self._code(key) for key in keys] * times)

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Keep a key down meanwhile; the server repeats it."""
        code = self._code(key)
        self._input(X.KeyPress, code)
        self._display.sync()
        try:
            yield
        finally:
            self._input(X.KeyRelease, code)
            self._display.sync()

    def hold_until_repeated(self, key: str, *, times: int) -> None:
        """Hold a key over a focused window until the server has told that of so many presses."""
        screen = self._display.screen()
        window = screen.root.create_window(0, 0, 50, 50, 0, screen.root_depth, event_mask=X.KeyPressMask)
        window.map()
        window.set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
        with self.hold(key):
            for _ in range(times):
                while self._display.next_event().type != X.KeyPress:
                    pass
        window.destroy()
        self._display.sync()

    def click(self, button: int = 1, *, times: int = 1) -> None:
        """Press and release a mouse button where the pointer is."""
        self._strokes(X.ButtonPress, X.ButtonRelease, [button] * times)

    def wheel(self, direction: int = DOWN, *, notches: int = 1) -> None:
        """Turn the wheel: UP, DOWN, LEFT or RIGHT."""
        self.click(direction, times=notches)

    def move(self, x: int, y: int) -> None:
        """Put the pointer there."""
        self._input(X.MotionNotify, 0, x, y)
        self._display.sync()

    def play(self, strokes: Iterable[Stroke]) -> None:
        """Do what a script says, all at once."""
        for kind, what, x, y in strokes:
            self._input(kind, self._code(what) if isinstance(what, str) else what, x, y)
        self._display.sync()

    def _strokes(self, down: int, up: int, codes: list[int]) -> None:
        for number, code in enumerate(codes, 1):
            self._input(down, code)
            self._input(up, code)
            if number % _BATCH == 0:
                self._display.sync()
        self._display.sync()

    def _input(self, kind: int, code: int, x: int = 0, y: int = 0) -> None:
        xtest.fake_input(self._display, kind, code, x=x, y=y)

    def _code(self, key: str) -> int:
        code = self._display.keysym_to_keycode(XK.string_to_keysym(key))
        assert code, f"this keyboard has no key {key!r}"
        return code
