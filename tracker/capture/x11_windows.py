"""What windows an X display shows: its own tree says so, with frames and menus, the topmost first."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple

from Xlib import X
from Xlib.error import ConnectionClosedError, DisplayError, XError
from Xlib.ext.shape import QueryExtents
from Xlib.protocol import request

from tracker.capture.base import Area, Window, Windows
from tracker.capture.xlink import XLink
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FAULTS = (DisplayError, ConnectionClosedError, XError, OSError)
_NESTED = 3  # a program's window lies at most so deep inside its frame
_MIXED = 32  # bits a pixel: red, green, blue, and how much shines through


class X11Windows:
    """The windows of one display, looked at anew for each question."""

    name = "x11"

    def __init__(self, display: str) -> None:
        self._display = display

    def look(self) -> Windows:
        """Return them; raises CaptureUnavailable where the display does not answer."""
        try:
            with closing(XLink(self._display)) as link:
                return _Tree(link).windows()
        except _FAULTS as error:
            raise CaptureUnavailable(
                f"The display {self._display} does not tell what windows there are.",
                advice="Start Hourproof inside the desktop session, where DISPLAY names its display.",
            ) from error

    def close(self) -> None:
        """Nothing is kept between looks."""


class _Top(NamedTuple):
    """What lies on the screen itself: a program's window, or a frame around it."""

    own: int  # the program's window
    app: str
    title: str
    area: Area
    opaque: bool
    floats: bool  # as menus do: no window manager knows it


class _Tree:
    """One look at a display; what vanishes meanwhile is not there."""

    def __init__(self, link: XLink) -> None:
        self._link = link
        shape = request.QueryExtension(display=link, name="SHAPE")
        self._shape = shape.major_opcode if shape.present else None
        self._manager = next(iter(link.numbers(link.root, "_NET_SUPPORTING_WM_CHECK")), X.NONE)
        self._blends = self._is_blended()

    def windows(self) -> Windows:
        """Return all that can be seen; a menu or dialog is there by each name of whose it is, too.

        Only the last of these may cover what lies below: none of them covers another.
        """
        tops = list(self._tops())
        shown: list[Window] = []
        for top in tops:
            *others, (app, title) = self._names(top, tops)
            shown += [Window(*names, top.area) for names in others]
            shown.append(Window(app, title, top.area, top.opaque))
        return Windows(tuple(shown), self._active())

    def _tops(self) -> Iterator[_Top]:
        for one in reversed(request.QueryTree(display=self._link, window=self._link.root).children):
            with suppress(XError):  # it has just gone
                state = request.GetWindowAttributes(display=self._link, window=one)
                if state.map_state != X.IsViewable:
                    continue
                if state.win_class != X.InputOnly:
                    yield self._top(one, floats=bool(state.override_redirect))
                elif self._is_guard(one):  # Mutter keeps what nobody sees below it
                    return

    def _top(self, one: int, *, floats: bool) -> _Top:
        own = self._own(one)
        place = request.GetGeometry(display=self._link, drawable=one)
        extents = self._link.numbers(own, "_NET_FRAME_EXTENTS") if own == one else ()
        left, right, above, below = extents if len(extents) == 4 else (0, 0, 0, 0)  # noqa: PLR2004  # sides
        border = 2 * place.border_width
        return _Top(
            own,
            _last(self._link.data(own, "WM_CLASS")),
            self._title(own),
            Area(
                place.x - left,
                place.y - above,
                place.width + border + left + right,
                place.height + border + above + below,
            ),
            opaque=place.depth != _MIXED and not any(extents) and not self._shines_through(one, own),
            floats=floats,
        )

    def _own(self, top: int) -> int:
        """Return the program's window inside a frame; the window itself where there is no frame."""
        found, state = [top], "WM_STATE"
        for _ in range(_NESTED):
            for one in found:
                if self._link.numbers(one, state):
                    return one
            found = [child for one in found for child in self._inside(one)]
        return top

    def _inside(self, window: int) -> list[int]:
        with suppress(XError):
            return [int(one) for one in request.QueryTree(display=self._link, window=window).children]
        return []

    def _title(self, window: int) -> str:
        told = self._link.data(window, "_NET_WM_NAME")
        return told.decode(errors="replace") if told else self._link.data(window, "WM_NAME").decode("latin-1")

    def _names(self, top: _Top, tops: Sequence[_Top]) -> set[tuple[str, str]]:
        parent = next(iter(self._link.numbers(top.own, "WM_TRANSIENT_FOR")), X.NONE)
        of = [one for one in tops if one.own == parent]
        if top.floats and not of:  # nobody knows whose it is, but that it is of the same program
            of = [one for one in tops if not one.floats and self._client(one.own) == self._client(top.own)]
        return {(one.app, one.title) for one in (top, *of)}

    def _shines_through(self, *windows: int) -> bool:
        """Say whether what is below may be seen through a window."""
        if self._blends or any(self._link.numbers(one, "_NET_WM_WINDOW_OPACITY") for one in windows):
            return True
        if self._shape is None:
            return False
        told = QueryExtents(display=self._link, opcode=self._shape, destination_window=windows[0])
        return bool(told.bounding_shaped)

    def _is_blended(self) -> bool:
        """Say whether a program beside the window manager may make any window translucent, as picom does."""
        selection = self._link.atom(f"_NET_WM_CM_S{self._link.default_screen}")
        owner = request.GetSelectionOwner(display=self._link, selection=selection).owner
        return bool(owner) and self._client(owner) != self._client(self._manager)

    def _is_guard(self, window: int) -> bool:
        ours = self._client(window) == self._client(self._manager)
        return ours and self._title(window).endswith("guard window")

    def _client(self, window: object) -> int:
        """Return by which connection a window was made."""
        return int(window) & ~self._link.info.resource_id_mask  # type: ignore[call-overload,no-any-return]

    def _active(self) -> Area | None:
        """Return where the window with the focus is, else the pointer."""
        focused = next(iter(self._link.numbers(self._link.root, "_NET_ACTIVE_WINDOW")), X.NONE)
        if focused:
            with suppress(XError):  # it has just gone
                size = request.GetGeometry(display=self._link, drawable=focused)
                place = request.TranslateCoords(
                    display=self._link, src_wid=focused, dst_wid=self._link.root, src_x=0, src_y=0
                )
                return Area(place.x, place.y, size.width, size.height)
        pointer = request.QueryPointer(display=self._link, window=self._link.root)
        return Area(pointer.root_x, pointer.root_y, 1, 1)


def _last(names: bytes) -> str:
    """Return the class of the two names that a window's class has."""
    parts = [one.decode(errors="replace") for one in names.split(b"\0")[:2] if one]
    return parts[-1] if parts else ""
