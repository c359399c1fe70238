"""What of the screen the freelancer wants nobody to see: which windows and monitors, and where they are.

A rule that excludes withholds the whole shot as soon as any of the thing can be seen in it; one that blurs
takes away those pixels only. A window's frame belongs to it. In doubt more is taken away, never less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from tracker.capture.known import BROWSERS, PASSWORD_MANAGERS, PRIVATE_WINDOWS
from tracker.capture.region import common, disjoint, grown, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.capture.base import Area, Frame, Window, Windows
    from tracker.settings import Rule, Settings

_CORNER = 16  # units by which a window may be rounder than its rectangle
_RIM = 2  # units around a window that its frame may be drawn on


Treat = Literal["exclude", "blur"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule that is in force: about a monitor, or windows by any of these apps and any of these titles."""

    treat: Treat
    apps: tuple[str, ...] = ()  # none: whatever the app
    titles: tuple[str, ...] = ()  # likewise
    monitor: str = ""

    def is_about(self, window: Window) -> bool:
        """Say whether it means this window; of one whose app nobody knows the title decides."""
        if self.monitor:
            return False
        names, title = _names(window.app), window.title.casefold()
        by_app = not self.apps or any(fnmatchcase(name, app) for name in names for app in self.apps)
        by_title = not self.titles or any(fnmatchcase(title, wanted) for wanted in self.titles)
        return by_title and (by_app or (bool(self.titles) and not window.app))

    def is_on(self, frame: Frame) -> bool:
        """Say whether it means this monitor, by its number from 1 or its name."""
        name = frame.name.casefold()
        by_name = bool(self.monitor and name) and fnmatchcase(name, self.monitor)
        return by_name or self.monitor == str(frame.monitor + 1)


@dataclass(slots=True)
class Treatment:
    """What becomes of a shot: nothing of it is kept, or these places of each monitor are blurred."""

    withheld: bool = False
    blurred: dict[int, list[Area] | None] = field(default_factory=dict)  # by monitor; None: all of it


def in_force(settings: Settings) -> tuple[Ruling, ...]:
    """Return the freelancer's rules and the built-in ones that are on."""
    rulings = [_ruling(rule) for rule in settings.rules]
    if settings.password_managers != "show":  # noqa: S105  # it is none
        rulings.append(Ruling(settings.password_managers, apps=PASSWORD_MANAGERS))
    if settings.private_windows != "show":
        rulings.append(Ruling(settings.private_windows, apps=BROWSERS, titles=PRIVATE_WINDOWS))
    return tuple(rulings)


def need_windows(rulings: Iterable[Ruling]) -> bool:
    """Say whether any of them is about windows."""
    return any(not one.monitor for one in rulings)


def _ruling(rule: Rule) -> Ruling:
    apps = (rule.app.casefold(),) if rule.app else ()
    titles = (rule.title.casefold(),) if rule.title else ()
    return Ruling(rule.treat, apps, titles, "" if rule.monitor is None else str(rule.monitor).casefold())


def on_active(frames: Sequence[Frame], active: Area | None) -> tuple[Frame, ...]:
    """Return the monitor on which the most of an area lies; all of them where that cannot be said."""
    if active is None or any(frame.area is None for frame in frames):
        return tuple(frames)
    sizes = {frame.monitor: _size(frame.area and common(frame.area, active)) for frame in frames}
    most = max(sizes, key=lambda monitor: sizes[monitor], default=0)
    return tuple(one for one in frames if one.monitor == most) if any(sizes.values()) else tuple(frames)


def treat(frames: Sequence[Frame], looks: Sequence[Windows], rulings: Sequence[Ruling]) -> Treatment:
    """Return what becomes of a shot of these monitors, around which these windows were seen."""
    decided = Treatment()
    for frame in frames:
        for ruling in rulings:
            if ruling.is_on(frame):
                _apply(decided, ruling.treat, frame, None)
    for look in looks:
        for number, how in _sensitive(look, rulings):
            for area in _seen(number, look):
                for frame in frames:
                    _apply_at(decided, how, frame, area)
    return decided


def _apply_at(decided: Treatment, how: Treat, frame: Frame, area: Area) -> None:
    """Treat a place of the desktop where a frame shows it; one that lies nobody knows where may show it."""
    place = None if frame.area is None else common(frame.area, area)
    if frame.area is None or place is not None:
        _apply(decided, how, frame, place)


def _apply(decided: Treatment, how: Treat, frame: Frame, place: Area | None) -> None:
    if how == "exclude":
        decided.withheld = True
        return
    before = decided.blurred.get(frame.monitor, [])
    both = None if before is None or place is None else disjoint([*before, place])
    decided.blurred[frame.monitor] = both


def _sensitive(look: Windows, rulings: Sequence[Ruling]) -> Iterator[tuple[int, Treat]]:
    """Yield which windows there are rules about, and how each is treated: to exclude goes first."""
    for number, window in enumerate(look.shown):
        found = {ruling.treat for ruling in rulings if ruling.is_about(window)}
        if found:
            yield number, "exclude" if "exclude" in found else "blur"


def _seen(number: int, look: Windows) -> list[Area]:
    """Return where a window can be seen: wherever it is, but for what surely lies over it."""
    parts = [grown(look.shown[number].area, _RIM)]
    for above in look.shown[:number]:
        if above.opaque:
            parts = without(parts, grown(above.area, -_CORNER))
    return parts


def _names(app: str) -> set[str]:
    """Return what a program may be called: keepassxc is org.keepassxc.KeePassXC, and KeePassXC.exe."""
    name = app.casefold()
    return {name, name.rpartition(".")[2], name.removesuffix(".exe")}


def _size(area: Area | None) -> int:
    return 0 if area is None else area.width * area.height
