"""Speaks with a Wayland compositor, as far as asking takes: no windows, no pictures, no file descriptors.

The library for it, pywayland, is not used: it took 4 MB more memory beside all else, and could crash the app.
"""

from __future__ import annotations

import socket
import struct
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.platform == "win32":
    _LOCAL = socket.AF_INET  # for mypy only: there is no Wayland
else:
    _LOCAL = socket.AF_UNIX
_PATIENCE = 5.0  # seconds for each answer
_MOST = 1 << 20  # bytes of one answer; it is some kilobytes
_UINT = struct.Struct("=I")
_HEAD = struct.Struct("=II")  # whose message, then its length and which one it is
_DISPLAY = 1  # the object there is from the beginning
_SYNC, _GET_REGISTRY, _BIND = 0, 1, 0  # requests, each by its place in its interface
_ERROR, _DONE, _GLOBAL = 0, 0, 0  # events, likewise
GLOBAL_REMOVED = 1  # of the registry: what has that number is no longer offered


class Event(NamedTuple):
    """What a compositor tells: of which object, which of its events, and the rest."""

    whose: int
    which: int
    body: bytes


class Offer(NamedTuple):
    """What a compositor offers: under which number, an interface, and its newest version."""

    number: int
    interface: str
    version: int


class Link:
    """A connection to the compositor of a session; what goes wrong on it is an OSError or a ValueError."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name = environ.get("WAYLAND_DISPLAY") or "wayland-0"
        path = PurePosixPath(environ.get("XDG_RUNTIME_DIR") or "/nowhere", name)
        self._rest = b""
        self._last = _DISPLAY
        self._socket = socket.socket(_LOCAL, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_PATIENCE)
            self._socket.connect(str(path))
            self.registry = self.new()
            self._send(_DISPLAY, _GET_REGISTRY, uint(self.registry))
            told = [one.body for one in self.settle() if one[:2] == (self.registry, _GLOBAL)]
            self.offers = tuple(_offer(body) for body in told)
        except BaseException:
            self._socket.close()
            raise

    def find(self, interface: str) -> Offer | None:
        """Return the first offer of an interface."""
        return next((one for one in self.offers if one.interface == interface), None)

    def new(self) -> int:
        """Return the number of an object that is about to be made."""
        self._last += 1
        return self._last

    def bind(self, offer: Offer, version: int) -> int:
        """Make the object that is offered."""
        made = self.new()
        kind = text(offer.interface) + uint(version)
        self._send(self.registry, _BIND, uint(offer.number) + kind + uint(made))
        return made

    def make(self, whose: int, which: int, *before: int, after: tuple[int, ...] = ()) -> int:
        """Ask an object for a new one, by a request with these numbers before and after the new one's."""
        made = self.new()
        self._send(whose, which, b"".join(map(uint, (*before, made, *after))))
        return made

    def settle(self) -> list[Event]:
        """Wait until the compositor has dealt with all that was asked, and return what it told meanwhile."""
        last = self.make(_DISPLAY, _SYNC)
        told, size = [], 0
        while (one := self.receive())[:2] != (last, _DONE):
            told.append(one)
            size += len(one.body)
            if size > _MOST:
                raise ValueError("the answer does not end")
        return told

    def receive(self) -> Event:
        """Wait for the next event."""
        while len(self._rest) < _HEAD.size or len(self._rest) < self._length():
            more = self._socket.recv(4096)
            if not more:
                raise ConnectionError("the compositor has hung up")
            self._rest += more
        length = self._length()
        whose, what = _HEAD.unpack_from(self._rest)
        body, self._rest = self._rest[_HEAD.size : length], self._rest[length:]
        if (whose, what & 0xFFFF) == (_DISPLAY, _ERROR):
            raise ConnectionError("the compositor has refused")
        return Event(whose, what & 0xFFFF, body)

    def listen(self) -> None:
        """Wait for ever from now on, when waiting for an event."""
        self._socket.settimeout(None)

    def hang_up(self) -> None:
        """End the connection; whoever waits for an event, in another thread, finds it ended."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended already
            return

    def close(self) -> None:
        """Let the connection go, once nobody waits any more."""
        self._socket.close()

    def _length(self) -> int:
        length = int(_HEAD.unpack_from(self._rest)[1]) >> 16
        if length < _HEAD.size:
            raise ValueError("not Wayland")
        return length

    def _send(self, whose: int, which: int, body: bytes) -> None:
        self._socket.sendall(_HEAD.pack(whose, (_HEAD.size + len(body)) << 16 | which) + body)


def uint(value: int) -> bytes:
    """Return a number as it goes over the wire."""
    return _UINT.pack(value)


def text(value: str) -> bytes:
    """Return a text as it goes over the wire."""
    data = value.encode() + b"\0"
    return uint(len(data)) + data + bytes(-len(data) % 4)


def read_uint(body: bytes) -> tuple[int, bytes]:
    """Return the number a body begins with, and what follows it."""
    if len(body) < _UINT.size:
        raise ValueError("cut short")
    return int(_UINT.unpack_from(body)[0]), body[_UINT.size :]


def read_text(body: bytes) -> tuple[str, bytes]:
    """Return the text a body begins with, and what follows it."""
    length, rest = read_uint(body)
    if not 0 < length <= len(rest):
        raise ValueError("cut short")
    return rest[: length - 1].decode(), rest[length + -length % 4 :]


def _offer(body: bytes) -> Offer:
    number, rest = read_uint(body)
    interface, rest = read_text(rest)
    version, _ = read_uint(rest)
    return Offer(number, interface, version)
