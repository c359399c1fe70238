"""Takes what the monitors show through the desktop's Screenshot portal, which may ask the freelancer once."""

from __future__ import annotations

import os
import secrets
import stat
import struct
from collections import deque
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tracker.capture.base import MONITORS, Area, Frame
from tracker.capture.outputs import layout
from tracker.clock import SystemClock
from tracker.errors import CaptureUnavailable
from tracker.paths import APP_ID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from jeepney.io.blocking import DBusConnection
    from PIL.Image import Image

    from tracker.capture.outputs import Output

_NAME = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_REQUEST = "org.freedesktop.portal.Request"
_DESKTOP = DBusAddress(_PATH, _NAME, "org.freedesktop.portal.Screenshot")
_REGISTRY = DBusAddress(_PATH, _NAME, "org.freedesktop.host.portal.Registry")
_PATIENCE = 10.0  # seconds for the answer to a call; it may have to be started for that
_DELIBERATION = 35.0  # seconds for the shot: the first time, somebody is asked; a segment waits for 60
_SLACK = 2_000  # ms by which a file may look older than it is
_NS_PER_MS = 1_000_000
_FORMATS = ("PNG", "JPEG")
_MODES = {"RGB", "RGBA"}  # of a picture that is not copied as a whole
_BAND = 256  # rows
_GRANTED, _CANCELLED = 0, 1  # what a portal answers
_SIGNATURE = HeaderFields.signature
_INSTALL = "Install xdg-desktop-portal and the portal of your desktop, such as xdg-desktop-portal-gnome."
_ALLOW = "Allow Hourproof to take screenshots in the system's settings, among the applications."


class PortalScreen:
    """The monitors of a Wayland session as its desktop gives them: in a file, gone before it is read."""

    name = "portal"

    def __init__(self, environ: Mapping[str, str], deliberation: float = _DELIBERATION) -> None:
        self._environ = environ
        self._deliberation = deliberation

    def grab(self) -> tuple[Frame, ...]:
        """Return a frame for each monitor, at most 4, or one of all; raises CaptureUnavailable."""
        asked_at = SystemClock().now().boot
        address = self._ask()
        picture = _decoded(_taken(address, SystemClock().now().boot - asked_at + _SLACK))
        return _cut(picture, self._outputs())

    def close(self) -> None:
        """Nothing is kept between shots."""

    def _outputs(self) -> tuple[Output, ...]:
        with suppress(CaptureUnavailable):
            return layout(self._environ).outputs
        return ()

    def _ask(self) -> str:
        """Return where the desktop says that the picture lies."""
        try:
            with closing(open_dbus_connection(_bus(self._environ))) as link:
                _introduce(link)
                return _answer(link, self._deliberation)
        except TimeoutError as error:
            raise CaptureUnavailable("The desktop did not give the shot in time.", advice=_ALLOW) from error
        except (OSError, RuntimeError, ValueError) as error:  # no bus, none that lets us in, nonsense on it
            raise CaptureUnavailable("There is no desktop bus to ask for a shot.", advice=_INSTALL) from error


def _bus(environ: Mapping[str, str]) -> str:
    runtime = environ.get("XDG_RUNTIME_DIR", "/nowhere")
    return environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={runtime}/bus"


def _introduce(link: DBusConnection) -> None:
    """Say who asks, so that what is allowed once is remembered; older portals find that out by themselves."""
    link.send_and_get_reply(new_method_call(_REGISTRY, "Register", "sa{sv}", (APP_ID, {})), timeout=_PATIENCE)


def _answer(link: DBusConnection, deliberation: float) -> str:
    """Return the address of the picture that the portal has made, and no other program's word."""
    token = ("s", f"hourproof_{secrets.token_hex(8)}")
    options = {"handle_token": token, "modal": ("b", False), "interactive": ("b", False)}
    any_answer = MatchRule(type="signal", interface=_REQUEST, member="Response")
    link.send_and_get_reply(message_bus.AddMatch(any_answer), timeout=_PATIENCE)
    with link.filter(any_answer, queue=deque()) as early:  # it may come before the request's own name
        asked = new_method_call(_DESKTOP, "Screenshot", "sa{sv}", ("", options))
        reply = link.send_and_get_reply(asked, timeout=_PATIENCE)
    if (
        reply.header.message_type is not MessageType.method_return
        or reply.header.fields.get(_SIGNATURE) != "o"
    ):
        raise _refusal(reply)
    request, sender = reply.body[0], reply.header.fields[HeaderFields.sender]
    answer = MatchRule(type="signal", sender=sender, interface=_REQUEST, member="Response", path=request)
    answers = deque(one for one in early if answer.matches(one))
    try:
        with link.filter(answer, queue=answers):
            return _address(link.recv_until_filtered(answers, timeout=deliberation))
    except TimeoutError:  # a picture that came later would lie around
        link.send(new_method_call(DBusAddress(request, _NAME, _REQUEST), "Close"))
        raise


def _refusal(reply: Message) -> CaptureUnavailable:
    error = str(reply.header.fields.get(HeaderFields.error_name, ""))
    if error.endswith((".AccessDenied", ".NotAllowed")):
        return CaptureUnavailable("The desktop does not let Hourproof take shots.", advice=_ALLOW)
    return CaptureUnavailable("This desktop has no portal that takes shots.", advice=_INSTALL)


def _address(answer: Message) -> str:
    """Return what a portal's answer names; raises CaptureUnavailable where it does not agree."""
    if answer.header.fields.get(_SIGNATURE) != "ua{sv}":
        raise _broken()
    response, results = answer.body
    if response != _GRANTED:
        title = "The shot was cancelled." if response == _CANCELLED else "The desktop refused the shot."
        raise CaptureUnavailable(title, advice=_ALLOW)
    kind, address = results.get("uri", ("", None))
    if kind != "s":
        raise _broken()
    return str(address)


def _broken() -> CaptureUnavailable:
    return CaptureUnavailable(
        "The desktop gave no picture of the screen.",
        advice="Log out and in again, or restart xdg-desktop-portal.",
    )


def _taken(address: str, age: int) -> BinaryIO:
    """Open the file at an address and remove it; raises CaptureUnavailable and leaves what is no new picture.

    A portal makes a file for each shot. One that is older (`age`, in ms) or has two names is something else.
    """
    try:
        path = _path(address)
        file = _opened(path, age)
    except (OSError, ValueError):
        raise _broken() from None  # it would name the file
    try:
        path.unlink()
    except OSError:
        file.close()
        title = "The desktop's picture of the screen cannot be removed, so it is not used."
        raise CaptureUnavailable(title, advice="See that the folder of pictures can be written.") from None
    return file


def _opened(path: Path, age: int) -> BinaryIO:
    seen = path.lstat()
    with TemporaryFile(dir=path.parent) as newest:  # a file's time is that of the disk it lies on
        since = os.fstat(newest.fileno()).st_mtime_ns - age * _NS_PER_MS
    if not stat.S_ISREG(seen.st_mode) or seen.st_nlink > 1 or seen.st_mtime_ns < since:
        raise ValueError("not a file made for this shot")
    file = path.open("rb")
    if os.path.samestat(seen, os.fstat(file.fileno())):
        return file
    file.close()
    raise ValueError("not the file that was looked at")


def _path(address: str) -> Path:
    parts = urlsplit(address)
    path = Path(unquote(parts.path))
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise ValueError("not a file of this computer")
    return path


def _decoded(file: BinaryIO) -> Image:
    from PIL import Image  # noqa: PLC0415  # only once there is a picture

    faults = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)
    with file:
        try:
            picture = Image.open(file, formats=_FORMATS)
            picture.load()
            return picture if picture.mode in _MODES else picture.convert("RGB")
        except faults as error:
            raise _broken() from error


def _cut(picture: Image, outputs: tuple[Output, ...]) -> tuple[Frame, ...]:
    """Return the picture's monitors, or all as one where it does not show them as they are said to lie."""
    whole = _around([output.area for output in outputs])
    scale = picture.width / whole.width
    if not outputs or abs(picture.height - whole.height * scale) > scale:
        return (_frame(0, picture, (0, 0, *picture.size), None, 1.0),)
    frames = []
    for number, output in enumerate(outputs[:MONITORS]):
        area = output.area
        left, top = round(scale * (area.left - whole.left)), round(scale * (area.top - whole.top))
        right = min(left + round(scale * area.width), picture.width)
        bottom = min(top + round(scale * area.height), picture.height)
        frame = _frame(number, picture, (left, top, right, bottom), area, scale)
        frames.append(replace(frame, name=output.name))
    return tuple(frames)


def _around(areas: list[Area]) -> Area:
    """Return the smallest area with all of them in it; one of a single point where there are none."""
    left, top = (min((getattr(one, side) for one in areas), default=0) for side in ("left", "top"))
    right = max((one.left + one.width for one in areas), default=1)
    bottom = max((one.top + one.height for one in areas), default=1)
    return Area(left, top, right - left, bottom - top)


def _frame(
    number: int, picture: Image, box: tuple[int, int, int, int], area: Area | None, scale: float
) -> Frame:
    """Return a part of the picture; band by band, for a copy of a 4K screen weighs 33 MB."""
    left, top, right, bottom = box
    row = 4 * (right - left)
    bgra = bytearray(row * (bottom - top))
    for begin in range(top, bottom, _BAND):
        end = min(begin + _BAND, bottom)
        band = picture.crop((left, begin, right, end)).convert("RGB").tobytes("raw", "BGRX")
        bgra[row * (begin - top) : row * (end - top)] = band
    return Frame(number, right - left, bottom - top, bgra, scale, area)
