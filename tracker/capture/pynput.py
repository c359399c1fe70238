"""Counts input where nothing better is at hand: pynput knows each system's hooks.

It is told of every motion and every key by name, at many times the cost of a source made for the system.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.tally import Tally

log = logging.getLogger(__name__)


class PynputInput:
    """Counts what is typed and clicked; a held key counts once."""

    name = "pynput"

    def __init__(self) -> None:
        self._hook: _Hook | None = None

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        """Begin to count; the system's hooks are in place within a moment."""
        try:
            from pynput import keyboard, mouse  # noqa: PLC0415  # importing it opens the display
        except ImportError as error:
            raise CaptureUnavailable(
                "pynput cannot read input here.",
                advice=f"Start Hourproof inside the desktop session. pynput says: {error}",
            ) from error
        self._hook = hook = _Hook(tally, lost)
        hook.listen(keyboard.Listener(on_press=hook.press, on_release=hook.release))
        hook.listen(mouse.Listener(on_click=hook.click, on_scroll=hook.scroll, on_move=hook.move))

    def poll(self) -> None:
        """Tell whether the pointer has moved, which is heard all the time."""
        if self._hook:
            self._hook.tell_move()

    def stop(self) -> None:
        """Count nothing more."""
        if self._hook:
            self._hook.end()
            self._hook = None


class _Hook:
    """Both listeners, each in a thread of ours so that its end is noticed."""

    def __init__(self, tally: Tally, lost: Callable[[str], None]) -> None:
        self._tally = tally
        self._lost = lost
        self._moved = False
        self._down: set[str] = set()  # names of the keys held now
        self._listeners: list[tuple[threading.Thread, Any]] = []
        self._ended = False
        self._ending = threading.Lock()

    def listen(self, listener: Any) -> None:
        thread = threading.Thread(target=self._run, args=[listener], name="pynput", daemon=True)
        self._listeners.append((thread, listener))
        thread.start()

    def press(self, key: object) -> None:
        name = _name(key)
        if name not in self._down:
            self._down.add(name)
            self._tally.key()

    def release(self, key: object) -> None:
        self._down.discard(_name(key))

    def click(self, _x: int, _y: int, _button: object, pressed: bool) -> None:  # noqa: FBT001  # pynput's shape
        if pressed:
            self._tally.click()

    def scroll(self, _x: int, _y: int, dx: int, dy: int) -> None:
        for _ in range(abs(dx) + abs(dy)):
            self._tally.scroll()

    def move(self, _x: int, _y: int) -> None:
        self._moved = True

    def tell_move(self) -> None:
        if self._moved:
            self._moved = False
            self._tally.move()

    def end(self) -> None:
        self._end()
        for thread, listener in self._listeners:
            if thread.is_alive():  # stopping one that has failed would wait for it for ever
                listener.stop()

    def _run(self, listener: Any) -> None:
        try:
            listener.run()
        except Exception as error:  # noqa: BLE001  # each system's own errors come through pynput
            log.info("a listener failed: %s", error)
        if self._end():
            self._lost("Input can no longer be read: the display is gone.")

    def _end(self) -> bool:
        """Note that counting is over; say whether that is new."""
        with self._ending:
            first, self._ended = not self._ended, True
            return first


def _name(key: object) -> str:
    """Name a key alike whether shift is held or not, for it may be let go in between."""
    return str(key).lower()
