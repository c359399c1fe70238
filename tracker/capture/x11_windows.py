"""What windows an X display shows: its own tree says so, with frames and menus, the topmost first."""

from __future__ import annotations

from contextlib import closing, suppress
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from Xlib import X
from Xlib.error import ConnectionClosedError, DisplayError, XError
from Xlib.ext.shape import QueryExtents
from Xlib.protocol import request

from tracker.capture.base import Area, Window, Windows
from tracker.capture.xlink import XLink, as_data, as_numbers
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

    id: int
    own: int  # the program's window; a manager with tabs has several in one frame
    app: str
    title: str
    area: Area
    opaque: bool
    floats: bool  # as menus do: no window manager knows it
    of: int  # the window it belongs to, 0 for none


class _Tree:
    """One look at a display; what vanishes meanwhile is not there."""

    def __init__(self, link: XLink) -> None:
        self._link = link
        shape = request.QueryExtension(display=link, name="SHAPE")
        self._shape = shape.major_opcode if shape.present else None
        self._manager = self._checked(self._checked(link.root))
        self._blends = self._is_blended()

    def _checked(self, window: int) -> int:
        """Return the window manager's own window as another names it; it names itself, if it still lives."""
        named = self._link.numbers(window, "_NET_SUPPORTING_WM_CHECK") if window else ()
        return next(iter(named), X.NONE)

    def windows(self) -> Windows:
        """Return all that can be seen; a menu or dialog is there by each name of whose it is, too.

        Only the last of these may cover what lies below: none of them covers another.
        """
        tops = self._tops()
        shown: list[Window] = []
        for top, below in zip_longest(tops, tops[1:]):
            *others, (app, title) = self._names(top, tops)
            shown += [Window(*names, top.area) for names in others]
            last = below is None or below.id != top.id
            shown.append(Window(app, title, top.area, top.opaque and last))
        return Windows(tuple(shown), self._active())

    def _tops(self) -> list[_Top]:
        """Return what is on the screen, the topmost first."""
        shown, programs = self._viewable(), self._programs()
        pairs = [(one, own) for one in shown for own in programs.get(one) or [self._own(one)]]
        asked = [self._questions(*pair) for pair in pairs]
        told = iter(self._link.ask(question for questions in asked for question in questions))
        facts = [[next(told) for _ in questions] for questions in asked]
        return [
            self._top(*pair, *known) for pair, known in zip(pairs, facts, strict=True) if known[0] is not None
        ]

    def _viewable(self) -> list[int]:
        """Return the windows on the screen itself that can be seen, the topmost first."""
        children = _ids(request.QueryTree(display=self._link, window=self._link.root).children)[::-1]
        states = self._link.ask(partial(request.GetWindowAttributes, window=one) for one in children)
        shown = []
        for one, state in zip(children, states, strict=True):
            if state is None or state.map_state != X.IsViewable:
                continue
            if state.win_class != X.InputOnly:
                shown.append(one)
            elif self._is_guard(one):  # Mutter keeps what nobody sees below it
                break
        return shown

    def _programs(self) -> dict[int, list[int]]:
        """Return which managed windows are in a window of the screen."""
        managed = self._link.numbers(self._link.root, "_NET_CLIENT_LIST")
        above = {own: own for own in managed}
        for _ in range(_NESTED):
            trees = self._link.ask(partial(request.QueryTree, window=top) for top in above.values())
            parents = [self._link.root if tree is None else int(tree.parent) for tree in trees]
            if all(parent in {self._link.root, X.NONE} for parent in parents):
                break
            for own, parent in zip(above, parents, strict=True):
                above[own] = above[own] if parent in {self._link.root, X.NONE} else parent
        return {top: [own for own in managed if above[own] == top] for top in set(above.values())}

    def _own(self, top: int) -> int:
        """Return the program's window inside a frame of a manager that lists none; else the window itself."""
        found = [top]
        for _ in range(_NESTED):
            for one in found:
                if self._link.data(one, "WM_CLASS"):
                    return one
            trees = self._link.ask(partial(request.QueryTree, window=one) for one in found)
            found = [child for tree in trees if tree is not None for child in _ids(tree.children)]
        return top

    def _questions(self, top: int, own: int) -> list[Callable[..., Any]]:
        named = ("WM_CLASS", "_NET_WM_NAME", "WM_NAME", "WM_TRANSIENT_FOR", "_NET_FRAME_EXTENTS")
        asked: list[Callable[..., Any]] = [
            partial(request.GetGeometry, drawable=top),
            partial(request.GetWindowAttributes, window=own),
            *(self._link.property(own, name) for name in named),
            *(self._link.property(one, "_NET_WM_WINDOW_OPACITY") for one in (top, own)),
        ]
        if self._shape is not None:
            asked.append(partial(QueryExtents, opcode=self._shape, destination_window=top))
        return asked

    def _top(self, top: int, own: int, place: Any, state: Any, *told: Any) -> _Top:
        app, title, old_title, parent, extents, *veils = told
        outside = as_numbers(extents) if own == top else ()
        left, right, above, below = outside if len(outside) == 4 else (0, 0, 0, 0)  # noqa: PLR2004  # sides
        border = 2 * place.border_width
        shaped = self._shape is not None and (veils[2] is None or bool(veils[2].bounding_shaped))
        veiled = self._blends or shaped or any(as_numbers(one) for one in veils[:2])
        return _Top(
            top,
            own,
            _last(as_data(app)),
            _title(title, old_title),
            Area(
                place.x - left,
                place.y - above,
                place.width + border + left + right,
                place.height + border + above + below,
            ),
            opaque=place.depth != _MIXED and not any(outside) and not veiled,
            floats=own == top and state is not None and bool(state.override_redirect),
            of=next(iter(as_numbers(parent)), X.NONE),
        )

    def _names(self, top: _Top, tops: Sequence[_Top]) -> set[tuple[str, str]]:
        of = [one for one in tops if one.own == top.of]
        if top.floats and not of:  # nobody knows whose it is, but that it is of the same program
            of = [one for one in tops if not one.floats and self._client(one.own) == self._client(top.own)]
        return {(one.app, one.title) for one in (top, *of)}

    def _is_blended(self) -> bool:
        """Say whether a program beside the window manager may make any window translucent, as picom does."""
        selection = self._link.atom(f"_NET_WM_CM_S{self._link.default_screen}")
        owner = request.GetSelectionOwner(display=self._link, selection=selection).owner
        return bool(owner) and self._client(owner) != self._client(self._manager)

    def _is_guard(self, window: int) -> bool:
        ours = self._client(window) == self._client(self._manager)
        names = self._link.ask(self._link.property(window, name) for name in ("_NET_WM_NAME", "WM_NAME"))
        return ours and _title(*names).endswith("guard window")

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


def _ids(windows: Any) -> list[int]:
    return [int(one) for one in windows]


def _title(told: Any, old: Any) -> str:
    new = as_data(told)
    return new.decode(errors="replace") if new else as_data(old).decode("latin-1")


def _last(names: bytes) -> str:
    """Return the class of the two names that a window's class has."""
    parts = [one.decode(errors="replace") for one in names.split(b"\0")[:2] if one]
    return parts[-1] if parts else ""
