"""Asks a Wayland compositor what it offers and where its monitors lie; speaks no more Wayland than that."""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tracker.capture.base import Area
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

if sys.platform == "win32":
    _LOCAL = socket.AF_INET  # for mypy only: there is no Wayland
else:
    _LOCAL = socket.AF_UNIX
_PATIENCE = 5.0  # seconds for each answer
_MOST = 1 << 20  # bytes a compositor may tell; it is some kilobytes
_HEAD = struct.Struct("=II")  # whose message, then its length and which one it is
_DISPLAY, _REGISTRY, _MANAGER = 1, 2, 4  # ids of the objects there is one of
_FIRST_SYNC, _FIRST_FREE = 3, 5  # new ones are numbered without a gap
_SYNC, _GET_REGISTRY, _BIND, _GET_XDG_OUTPUT = 0, 1, 0, 1  # requests, each by its place in its interface
_DONE, _GLOBAL, _POSITION, _SIZE, _NAME = 0, 0, 0, 1, 3  # events, likewise
_XDG = "zxdg_output_manager_v1"
_NAMES_SINCE = 2  # the version of it that tells names


@dataclass(frozen=True, slots=True)
class Output:
    """A monitor as the compositor calls it, and its place on the desktop, in points."""

    name: str
    area: Area


@dataclass(frozen=True, slots=True)
class Layout:
    """What a compositor offers, by the names of its interfaces, and its monitors from left to right."""

    offers: frozenset[str]
    outputs: tuple[Output, ...]


def layout(environ: Mapping[str, str]) -> Layout:
    """Ask the compositor of this session; raises CaptureUnavailable where none answers."""
    try:
        with socket.socket(_LOCAL, socket.SOCK_STREAM) as link:
            link.settimeout(_PATIENCE)
            link.connect(_socket(environ))
            return _ask(link)
    except (OSError, ValueError, struct.error) as error:
        raise CaptureUnavailable(
            "The Wayland compositor does not answer.",
            advice="Start Hourproof inside the desktop session, where WAYLAND_DISPLAY names its display.",
        ) from error


def _socket(environ: Mapping[str, str]) -> str:
    name = environ.get("WAYLAND_DISPLAY") or "wayland-0"
    return str(PurePosixPath(environ.get("XDG_RUNTIME_DIR") or "/nowhere", name))


@dataclass(slots=True)
class _Place:
    """What is told of one monitor, piece by piece."""

    name: str = ""
    position: tuple[int, int] = (0, 0)
    size: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class _Told:
    """What the registry told: interfaces by name, each with its number and its version."""

    offers: dict[str, tuple[int, int]] = field(default_factory=dict)
    monitors: list[int] = field(default_factory=list)  # the numbers of those


def _ask(link: socket.socket) -> Layout:
    _send(link, _DISPLAY, _GET_REGISTRY, _uint(_REGISTRY))
    _send(link, _DISPLAY, _SYNC, _uint(_FIRST_SYNC))
    told = _Told()
    for whose, which, body in _events(link, _FIRST_SYNC):
        if (whose, which) == (_REGISTRY, _GLOBAL):
            number, interface, version = _global(body)
            told.offers[interface] = number, version
            if interface == "wl_output":
                told.monitors.append(number)
    return Layout(frozenset(told.offers), _places(link, told))


def _places(link: socket.socket, told: _Told) -> tuple[Output, ...]:
    """Return where the monitors lie; nothing where the compositor cannot tell their names."""
    number, version = told.offers.get(_XDG, (0, 0))
    if version < _NAMES_SINCE:
        return ()
    _bind(link, number, _XDG, _NAMES_SINCE, _MANAGER)
    places = {}
    for count, monitor in enumerate(told.monitors):
        output = _FIRST_FREE + 2 * count
        _bind(link, monitor, "wl_output", 1, output)
        _send(link, _MANAGER, _GET_XDG_OUTPUT, _uint(output + 1) + _uint(output))
        places[output + 1] = _Place()
    last = _FIRST_FREE + 2 * len(places)
    _send(link, _DISPLAY, _SYNC, _uint(last))
    for whose, which, body in _events(link, last):
        if whose in places:
            _note(places[whose], which, body)
    outputs = [Output(one.name, Area(*one.position, *one.size)) for one in places.values() if all(one.size)]
    return tuple(sorted(outputs, key=lambda one: (one.area.left, one.area.top, one.name)))


def _note(place: _Place, which: int, body: bytes) -> None:
    if which == _POSITION:
        place.position = struct.unpack("=ii", body)
    elif which == _SIZE:
        place.size = struct.unpack("=ii", body)
    elif which == _NAME:
        place.name, _ = _text(body)


def _events(link: socket.socket, until: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield whose event, which one and its body, until this sync is answered."""
    told, read = b"", 0
    while True:
        while len(told) >= _HEAD.size:
            whose, length = _HEAD.unpack_from(told)
            length, which = length >> 16, length & 0xFFFF
            if length < _HEAD.size or (whose, which) == (_DISPLAY, 0):  # an error, which ends the connection
                raise ValueError("not what was asked for")
            if len(told) < length:
                break
            body, told = told[_HEAD.size : length], told[length:]
            if (whose, which) == (until, _DONE):
                return
            yield whose, which, body
        more = link.recv(4096)
        read += len(more)
        if not more or read > _MOST:
            raise ValueError("the answer does not end")
        told += more


def _bind(link: socket.socket, number: int, interface: str, version: int, new: int) -> None:
    text = interface.encode() + b"\0"
    padded = text + bytes(-len(text) % 4)
    body = _uint(number) + _uint(len(text)) + padded + _uint(version) + _uint(new)
    _send(link, _REGISTRY, _BIND, body)


def _send(link: socket.socket, whose: int, which: int, body: bytes) -> None:
    link.sendall(_HEAD.pack(whose, (_HEAD.size + len(body)) << 16 | which) + body)


def _global(body: bytes) -> tuple[int, str, int]:
    (number,) = struct.unpack_from("=I", body)
    interface, rest = _text(body[4:])
    (version,) = struct.unpack_from("=I", rest)
    return number, interface, version


def _text(body: bytes) -> tuple[str, bytes]:
    """Return the text a body begins with, and what follows it."""
    (length,) = struct.unpack_from("=I", body)
    end = 4 + length
    return body[4 : end - 1].decode(), body[end + -length % 4 :]


def _uint(value: int) -> bytes:
    return struct.pack("=I", value)
