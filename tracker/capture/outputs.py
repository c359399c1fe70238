"""What a Wayland compositor offers, and where its monitors lie."""

from __future__ import annotations

import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.capture.base import Area
from tracker.capture.wayland import Link, read_text
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.capture.wayland import Event

_XDG = "zxdg_output_manager_v1"
_NAMES_SINCE = 2  # the version of it that tells names
_GET_XDG_OUTPUT = 1  # a request, by its place in its interface
_POSITION, _SIZE, _NAME = 0, 1, 3  # events, likewise
_PAIR = struct.Struct("=ii")


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
        with closing(Link(environ)) as link:
            return Layout(frozenset(offer.interface for offer in link.offers), _outputs(link))
    except (OSError, ValueError, struct.error) as error:
        raise CaptureUnavailable(
            "The Wayland compositor does not answer.",
            advice="Start Hourproof inside the desktop session, where WAYLAND_DISPLAY names its display.",
        ) from error


def _outputs(link: Link) -> tuple[Output, ...]:
    """Return where the monitors lie; nothing where the compositor cannot tell their names."""
    xdg = link.find(_XDG)
    if xdg is None or xdg.version < _NAMES_SINCE:
        return ()
    manager = link.bind(xdg, _NAMES_SINCE)
    monitors = [link.bind(offer, 1) for offer in link.offers if offer.interface == "wl_output"]
    asked = [link.make(manager, _GET_XDG_OUTPUT, after=(monitor,)) for monitor in monitors]
    told = link.settle()
    outputs = [_output([event for event in told if event.whose == one]) for one in asked]
    shown = (one for one in outputs if one.area.width > 0 and one.area.height > 0)
    return tuple(sorted(shown, key=lambda one: (one.area.left, one.area.top, one.name)))


def _output(events: list[Event]) -> Output:
    """Return a monitor from what is told of it, piece by piece."""
    name, position, size = "", (0, 0), (0, 0)
    for _, which, body in events:
        if which == _POSITION:
            position = _PAIR.unpack(body)
        elif which == _SIZE:
            size = _PAIR.unpack(body)
        elif which == _NAME:
            name, _ = read_text(body)
    return Output(name, Area(*position, *size))
