"""What windows sway shows, as it tells any program of the session; which one lies over which it does not say.

Menus are not told of, nor what a bar shows. How much shines through a window is not told either.
"""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.capture.base import Area, Window, Windows
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAGIC = b"i3-ipc"
_HEAD = struct.Struct("=6sII")  # magic, length, kind
_GET_TREE = 4
_PATIENCE = 5.0  # seconds it may take to answer
_MOST = 1 << 24  # bytes of an answer
_LOCAL = getattr(socket, "AF_UNIX", 1)  # only where there is sway


class SwayWindows:
    """The windows of one session, looked at anew for each question."""

    name = "sway"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = environ["SWAYSOCK"]

    def look(self) -> Windows:
        """Return them; raises CaptureUnavailable where sway does not answer."""
        try:
            tree = msgspec.json.decode(self._ask())
            return Windows(tuple(_shown(tree)), _focused(tree))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise CaptureUnavailable(
                "Sway does not tell what windows there are.",
                advice="Start Hourproof inside the desktop session, where SWAYSOCK names sway's socket.",
            ) from None  # it might name them

    def close(self) -> None:
        """Nothing is kept between looks."""

    def _ask(self) -> bytes:
        with closing(socket.socket(_LOCAL, socket.SOCK_STREAM)) as link:
            link.settimeout(_PATIENCE)
            link.connect(self._path)
            link.sendall(_HEAD.pack(_MAGIC, 0, _GET_TREE))
            magic, length, _ = _HEAD.unpack(_exactly(link, _HEAD.size))
            if magic != _MAGIC or length > _MOST:
                raise ValueError("not sway")
            return _exactly(link, length)


def _exactly(link: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = link.recv(size - len(data))
        if not more:
            raise ConnectionError("sway has hung up")
        data += more
    return bytes(data)


def _shown(tree: dict[str, Any]) -> Iterator[Window]:
    """Yield what can be seen of each window: its place, and its title bar, which stays where it is a tab."""
    for output in tree["nodes"]:
        for workspace in output["nodes"]:
            if workspace["name"] == output.get("current_workspace"):
                for node, parent in _views(workspace):
                    app = node.get("app_id") or (node.get("window_properties") or {}).get("class") or ""
                    bar = _area(node["deco_rect"])
                    at = parent["rect"]
                    places = [Area(at["x"] + bar.left, at["y"] + bar.top, bar.width, bar.height)]
                    places += [_area(node["rect"])] if node.get("visible", True) else []
                    for place in places:
                        if place.width > 0 and place.height > 0:
                            yield Window(app, node.get("name") or "", place)


def _views(node: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the windows in a container, each with what holds it."""
    for one in (*node["nodes"], *node["floating_nodes"]):
        if one.get("pid") is not None:
            yield one, node
        yield from _views(one)


def _focused(tree: dict[str, Any]) -> Area | None:
    """Return where the user is: the window, else the empty workspace that has the focus."""
    if tree.get("focused"):
        return _area(tree["rect"])
    inside = (_focused(one) for one in (*tree["nodes"], *tree["floating_nodes"]))
    return next((area for area in inside if area is not None), None)


def _area(rect: dict[str, int]) -> Area:
    return Area(rect["x"], rect["y"], rect["width"], rect["height"])
