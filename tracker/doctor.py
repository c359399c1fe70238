"""Tells what works on this machine, what does not and why, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from tracker.capture import choose_input, choose_screen, choose_windows
from tracker.capture.activity import KEPT_AWAKE, limits
from tracker.capture.camera import BLIND, BROKEN_SETTINGS
from tracker.capture.optin import BACK, MEANS
from tracker.capture.rules import in_force, need_windows
from tracker.capture.tally import Tally
from tracker.desktop import bus
from tracker.desktop.locked import is_locked
from tracker.errors import BadValue, CaptureUnavailable, NotDone
from tracker.model.counts import nothing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.capture.base import WindowList
    from tracker.desktop.secrets import Secrets
    from tracker.model.counts import Trouble
    from tracker.outbox.quarantine import Damage
    from tracker.settings import Settings
    from tracker.sync.connection import Connection

_LINUX = sys.platform == "linux"
_ENOUGH = 1 << 30  # bytes: some weeks of work offline
_AGREES = 2_000  # ms between two clocks that tell the same time
_FOR_COUNTS = "Counts are absent, not zero. To have them, log out and choose an X11 (Xorg) session."
_SPANS = ((86_400_000, "days"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


class Finding(msgspec.Struct, frozen=True):
    """How one capability stands: by which source, why, and what to do where it does not simply work."""

    capability: str
    state: Literal["works", "limited", "missing"]
    source: str | None = None
    why: str = ""
    advice: str = ""


class Hearing(NamedTuple):
    """What the freelancer lets count input, and what is wrong with it right now."""

    wish: str = "desktop"
    trouble: Trouble | None = None


def examine(
    data: Path,
    secrets: Secrets,
    connection: Connection,
    clock_offset: Callable[[], int | None] = lambda: None,
    damages: Callable[[], tuple[Damage, ...]] = tuple,
    hearing: Hearing | None = None,
) -> list[Finding]:
    """Try everything the tracker needs, once; nothing is kept of what is seen.

    `clock_offset` tells, once the server was asked, by how many ms its clock is ahead of this one, and
    `damages` what was set aside because it was damaged. `hearing` is what is set to count input.
    """
    wish, trouble = hearing or Hearing()
    entered = _doubted(_tried("input", lambda: _input(wish)), trouble)
    lock = _lock(silence_tells=entered.state != "missing")
    return [
        entered,
        _tried("screen", _screen),
        _idle(entered, lock),
        lock,
        _sleep(),
        _tray(),
        _tried("keyring", lambda: _keyring(secrets)),
        _tried("network", lambda: _network(connection)),
        _clock(clock_offset()),
        _disk(data, damages()),
    ]


def examine_windows(settings: Callable[[], Settings]) -> Finding:
    """Tell whether shots keep the privacy rules, which need to know where windows are; none is named."""
    try:
        chosen = settings()
    except BadValue as error:
        return Finding("windows", "missing", None, BROKEN_SETTINGS, error.advice)
    if not need_windows(in_force(chosen)):
        return Finding("windows", "works", None, "No privacy rule is about windows.")
    try:
        windows = choose_windows()
    except CaptureUnavailable as error:
        if chosen.shots_without_rules:
            why = f"{BLIND} Shots are taken all the same, as you have set, and show everything."
            advice = "To have none: hourproof settings set shots_without_rules false"
            return Finding("windows", "limited", None, why, advice)
        return Finding("windows", "missing", None, f"{BLIND} So shots are withheld.", error.advice)
    return _tried("windows", lambda: _counted(windows))


def _counted(windows: WindowList) -> Finding:
    with closing(windows):
        count = len(windows.look().shown)
    return Finding("windows", "works", windows.name, f"{count} on the screen. Privacy rules are kept.")


def _tried(capability: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NotDone as error:
        return Finding(capability, "missing", None, error.title, error.advice)


def _input(wish: str) -> Finding:
    source = choose_input(wish=wish)
    source.start(Tally(), lambda _reason: None)
    source.stop()
    if source.name == "evdev":
        return Finding("input", "works", source.name, MEANS, BACK)
    if nothing(source.name) == 0:
        return Finding("input", "works", source.name, "Keys, clicks and scrolls: how often, never which.")
    why = "Active seconds only: this desktop tells when the last input was, and lets no program count it."
    more = limits(source)
    return Finding("input", "limited", source.name, f"{why} {more}".rstrip(), _FOR_COUNTS)


def _doubted(entered: Finding, trouble: Trouble | None) -> Finding:
    if entered.state == "missing" or trouble != "disagree":
        return entered
    why = f"For a minute the desktop told of input over and over, and {entered.source} heard nothing."
    advice = "Quit Hourproof, and start it. If this comes back, start it with HOURPROOF_INPUT=pynput."
    return Finding("input", "limited", entered.source, why, advice)


def _screen() -> Finding:
    from tracker.capture.picture import is_blank  # noqa: PLC0415  # Pillow, for who asks

    with closing(choose_screen()) as screen:
        frames = screen.grab()
    count = f"{len(frames)} monitor{'s' * (len(frames) > 1)}"
    if all(is_blank(frame) for frame in frames):
        why = f"{count}, but a single colour is all that can be seen: such a shot counts as failed."
        advice = "If more is on your screen, see that no setting or program hides it, and ask again."
        return Finding("screen", "limited", screen.name, why, advice)
    if any(frame.area is None for frame in frames):
        why = "Where the monitors lie is not told, so that they come as one picture."
        advice = "Nothing to do, unless a shot shall show only one of them."
        return Finding("screen", "limited", screen.name, why, advice)
    return Finding("screen", "works", screen.name, count)


def _idle(entered: Finding, lock: Finding) -> Finding:
    if KEPT_AWAKE in entered.why:
        return Finding("idle", "limited", entered.source, KEPT_AWAKE, "Stop when you leave.")
    if entered.state != "missing":
        return Finding("idle", "works", entered.source, "Silence is noticed, to the second.")
    if lock.state == "missing":
        why = "Only sleep means away: nothing tells whether there is input or the screen is locked."
        return Finding("idle", "limited", None, why, "Stop when you leave.")
    why = "Only lock and sleep mean away: nothing tells whether there is input."
    return Finding("idle", "limited", None, why, "Lock the screen or stop when you leave.")


def _lock(*, silence_tells: bool) -> Finding:
    silence = "Without input, time is in question after the idle limit all the same."
    leave = silence if silence_tells else "Stop when you leave."
    if not _LINUX:
        told = is_locked() is not None
        why = "This system does not tell whether the screen is locked."
        noticed = Finding("lock", "works", "system", "A locked screen is noticed.")
        return noticed if told else Finding("lock", "missing", None, why, leave)
    if bus.session():
        return Finding("lock", "works", "logind", "A locked screen is noticed.")
    if bus.has_logind():
        why = "This is no desktop session that logind knows, so a locked screen is not noticed."
        return Finding("lock", "missing", None, why, "Start Hourproof inside the desktop session.")
    return Finding("lock", "missing", None, "There is no logind to tell that the screen is locked.", leave)


def _sleep() -> Finding:
    if _LINUX and bus.has_logind():
        return Finding("sleep", "works", "logind", "The segment is closed before the computer sleeps.")
    why = "Sleep is noticed afterwards, by a gap of the clock."
    advice = "Nothing to do: time asleep is in question all the same."
    return Finding("sleep", "limited", "clock gap", why, advice)


def _tray() -> Finding:
    shows = "The icon in the tray shows the state."
    if not _LINUX:
        return Finding("tray", "works", "system", shows)
    if bus.has_tray():
        return Finding("tray", "works", "StatusNotifierItem", shows)
    if _x_tray():
        return Finding("tray", "works", "XEmbed", shows)
    advice = "The window stands in for it. On GNOME, the extension AppIndicator brings a tray."
    return Finding("tray", "missing", None, "This desktop shows no tray icons.", advice)


def _x_tray() -> bool:
    from Xlib import X, display, error  # noqa: PLC0415  # only where there is X11

    try:
        with closing(display.Display(os.environ.get("DISPLAY"))) as connection:
            selection = connection.intern_atom(f"_NET_SYSTEM_TRAY_S{connection.get_default_screen()}")
            return connection.get_selection_owner(selection) != X.NONE
    except (error.DisplayError, OSError):
        return False


def _network(connection: Connection) -> Finding:
    name = connection.open().info().name
    return Finding("network", "works", name, "The server answers.")


def _clock(offset: int | None) -> Finding:
    if offset is None:
        return Finding("clock", "works", None, "No server elsewhere was asked yet.")
    if abs(offset) <= _AGREES:
        return Finding("clock", "works", "server", "It agrees with the server's within 2 s.")
    side = "behind" if offset > 0 else "ahead of"
    why = f"Your clock is {_span(abs(offset))} {side} the server's."
    advice = "Let the system set its clock by network time. A new start goes by the server's meanwhile."
    return Finding("clock", "limited", "server", why, advice)


def _span(ms: int) -> str:
    """Return a length of time in the largest unit of which there are at least two."""
    unit, name = next((one for one in _SPANS if ms >= 2 * one[0]), _SPANS[-1])
    return f"{ms // unit} {name}"


def _keyring(secrets: Secrets) -> Finding:
    if secrets.warning:
        advice = "Install and unlock a keyring, such as gnome-keyring or KWallet."
        return Finding("keyring", "limited", "file", secrets.warning, advice)
    return Finding("keyring", "works", "keyring", "It keeps the key with which the outbox is encrypted.")


def _disk(data: Path, damages: tuple[Damage, ...]) -> Finding:
    free = shutil.disk_usage(data).free
    aside = [one for one in damages if (data / one.file).exists()]
    if aside:
        lost = "; ".join(why for one in aside for why in one.lost)
        names = ", ".join(one.file for one in aside)
        why = f"The outbox was damaged, and is kept as {names}. "
        why += f"Not readable in it: {lost}." if lost else "All of it could be taken over."
        advice = "Check the disk, and copy that file elsewhere: once it is gone from here, this is not told."
        return Finding("disk", "limited", str(data), why, advice)
    why = f"{free >> 20} MiB free"
    if free < _ENOUGH:
        return Finding("disk", "limited", str(data), why, "Free some space: what waits is kept here.")
    return Finding("disk", "works", str(data), why)
