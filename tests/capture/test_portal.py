"""Shots through the desktop's portal: honest, broken and hostile ones."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import desktop
import pytest
from PIL import Image
from portal import Portal, granted, portal
from sway import sway
from waiting import until

from tracker.capture.base import Area
from tracker.capture.portal import PortalScreen
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

RED, BLUE = (255, 0, 0), (0, 0, 255)


def png(width: int, height: int, right: tuple[int, int, int] = BLUE) -> bytes:
    """Return a picture whose left half is red, and the right one of this colour."""
    image, kept = Image.new("RGB", (width, height), RED), BytesIO()
    image.paste(right, (width // 2, 0, width, height))
    image.save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the portal puts its picture; its name has to be spelt out in an address."""
    return tmp_path / "Screenshot 1 ü%20.png"


def writes(file: Path, data: bytes) -> Callable[[], tuple[str, tuple[Any, ...]]]:
    """Return an answer that makes that file first."""

    def answer() -> tuple[str, tuple[Any, ...]]:
        file.write_bytes(data)
        return granted(file.as_uri())

    return answer


def screen(bus: str, deliberation: float = 20, **env: str) -> PortalScreen:
    return PortalScreen({"DBUS_SESSION_BUS_ADDRESS": bus} | env, deliberation)


def refusal(bus: str, deliberation: float = 20) -> CaptureUnavailable:
    with pytest.raises(CaptureUnavailable) as refused:
        screen(bus, deliberation).grab()
    assert refused.value.advice
    return refused.value


@pytest.mark.parametrize("made", [Portal(), Portal(early=True), Portal(old=True)], ids=["", "early", "old"])
def test_a_picture_is_taken_and_its_file_is_gone(session_bus: str, file: Path, made: Portal) -> None:
    made.calls.clear()
    made.answer = writes(file, png(200, 100))
    with portal(session_bus, made):
        (frame,) = screen(session_bus).grab()
    assert (frame.monitor, frame.width, frame.height, frame.scale, frame.area) == (0, 200, 100, 1.0, None)
    assert (frame.bgra[:4], frame.bgra[-4:]) == (b"\x00\x00\xff\x00", b"\xff\x00\x00\x00")
    assert list(file.parent.iterdir()) == []


def test_it_is_asked_in_the_app_s_name_and_without_a_dialog(session_bus: str, file: Path) -> None:
    with portal(session_bus, Portal(writes(file, png(20, 10)))) as made:
        screen(session_bus).grab()
    (first, (app, _)), (second, (_, options)) = made.calls
    assert (first, app, second) == ("Register", "io.github.hourproof.Tracker", "Screenshot")
    assert options["interactive"] == ("b", False)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "I;16"])
def test_a_picture_of_any_kind_of_pixels_is_read(session_bus: str, file: Path, mode: str) -> None:
    kept = BytesIO()
    Image.new(mode, (30, 20), 1).save(kept, "PNG")
    with portal(session_bus, Portal(writes(file, kept.getvalue()))):
        (frame,) = screen(session_bus).grab()
    assert len(frame.bgra) == 4 * 30 * 20


def test_the_picture_is_cut_into_the_monitors_it_shows(session_bus: str, file: Path) -> None:
    two = "output HEADLESS-1 scale 2 pos 0 0", "output HEADLESS-2 scale 2 pos 640 0"
    with sway(*two, monitors=2) as there, portal(session_bus, Portal(writes(file, png(2560, 720)))):
        frames = screen(session_bus, **there.env).grab()
    assert [(f.monitor, f.width, f.height, f.scale) for f in frames] == [(0, 1280, 720, 2), (1, 1280, 720, 2)]
    assert [f.area for f in frames] == [Area(0, 0, 640, 360), Area(640, 0, 640, 360)]
    assert [f.bgra[:4] for f in frames] == [b"\x00\x00\xff\x00", b"\xff\x00\x00\x00"]


def test_a_picture_of_something_else_is_not_cut(session_bus: str, file: Path) -> None:
    with sway(monitors=2) as there, portal(session_bus, Portal(writes(file, png(1000, 720)))):
        (frame,) = screen(session_bus, **there.env).grab()
    assert (frame.width, frame.height, frame.area) == (1000, 720, None)


@pytest.mark.parametrize(
    ("made", "title"),
    [
        (Portal(lambda: ("ua{sv}", (1, {}))), "The shot was cancelled."),
        (Portal(lambda: ("ua{sv}", (2, {}))), "The desktop refused the shot."),
        (Portal(error="org.freedesktop.portal.Error.NotAllowed"), "does not let Hourproof"),
        (Portal(error="org.freedesktop.DBus.Error.AccessDenied"), "does not let Hourproof"),
        (Portal(error="org.freedesktop.DBus.Error.UnknownMethod"), "no portal that takes shots"),
        (Portal(returns=("s", ("no path",))), "no portal that takes shots"),
        (Portal(returns=("", ())), "no portal that takes shots"),
        (Portal(lambda: ("ua{sv}", (0, {}))), "gave no picture"),
        (Portal(lambda: ("ua{sv}", (0, {"uri": ("u", 7)}))), "gave no picture"),
        (Portal(lambda: ("s", ("file:///etc/passwd",))), "gave no picture"),
        (Portal(lambda: granted("https://example.org/1.png")), "gave no picture"),
        (Portal(lambda: granted("file://elsewhere/1.png")), "gave no picture"),
        (Portal(lambda: granted("file://[/1.png")), "gave no picture"),
        (Portal(lambda: granted("file:1.png")), "gave no picture"),
        (Portal(lambda: granted("file:///nowhere/1.png")), "gave no picture"),
        (Portal(lambda: granted("file:///%00")), "gave no picture"),
        (Portal(lambda: granted("")), "gave no picture"),
    ],
    ids=range(17),
)
def test_a_portal_that_gives_nothing_is_no_shot_and_says_why(
    session_bus: str, made: Portal, title: str
) -> None:
    with portal(session_bus, made):
        assert title in refusal(session_bus).title


def test_a_portal_that_never_answers_is_not_waited_for_and_told_to_stop(session_bus: str) -> None:
    with portal(session_bus) as made:
        assert "in time" in refusal(session_bus, deliberation=0.1).title
        until(lambda: "Close" in made.heard(), "the request taken back")


def test_where_there_is_no_portal_or_no_bus_it_says_what_is_missing(session_bus: str) -> None:
    assert "no portal" in refusal(session_bus).title
    for nowhere in (desktop.NOWHERE, "nonsense", "tcp:host=localhost,port=1"):
        assert "no desktop bus" in refusal(nowhere).title


def test_what_somebody_else_says_of_the_request_does_not_count(session_bus: str, file: Path) -> None:
    other = file.with_name("other.png")
    other.write_bytes(png(50, 50))
    with portal(session_bus, Portal(writes(file, png(200, 100)), impostor=granted(other.as_uri()))):
        (frame,) = screen(session_bus).grab()
    assert (frame.width, other.exists()) == (200, True)


BROKEN = [b"", b"not a picture", png(200, 100)[:-40], png(200, 100)[:20], b"GIF89a" + bytes(40)]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_no_picture_is_gone_all_the_same(session_bus: str, file: Path, data: bytes) -> None:
    with portal(session_bus, Portal(writes(file, data))):
        assert "gave no picture" in refusal(session_bus).title
    assert list(file.parent.iterdir()) == []


def test_a_picture_that_would_fill_the_memory_is_not_unpacked(session_bus: str, file: Path) -> None:
    header = bytearray(png(200, 100))
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib  # noqa: PLC0415  # for this forgery only

    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    with portal(session_bus, Portal(writes(file, bytes(header)))):
        assert "gave no picture" in refusal(session_bus).title


def a_link(file: Path) -> None:
    file.symlink_to(file.with_name("letters.png"))


def another_name(file: Path) -> None:
    file.hardlink_to(file.with_name("letters.png"))


def an_old_file(file: Path) -> None:
    file.write_bytes(png(200, 100))
    os.utime(file, (1_000_000_000, 1_000_000_000))


def a_folder(file: Path) -> None:
    file.mkdir()


def a_pipe(file: Path) -> None:
    os.mkfifo(file)


@pytest.mark.parametrize("put", [a_link, another_name, an_old_file, a_folder, a_pipe])
def test_what_was_not_made_for_the_shot_is_neither_read_nor_removed(
    session_bus: str, file: Path, put: Callable[[Path], None]
) -> None:
    letters = file.with_name("letters.png")
    letters.write_bytes(png(200, 100))

    def answer() -> tuple[str, tuple[Any, ...]]:
        put(file)
        return granted(file.as_uri())

    with portal(session_bus, Portal(answer)):
        assert "gave no picture" in refusal(session_bus).title
    assert file.is_symlink() or file.exists()
    assert letters.read_bytes() == png(200, 100)


def test_a_picture_that_cannot_be_removed_is_not_used(
    session_bus: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError

    with portal(session_bus, Portal(writes(file, png(200, 100)))):
        monkeypatch.setattr(Path, "unlink", refuse)
        assert "cannot be removed" in refusal(session_bus).title
