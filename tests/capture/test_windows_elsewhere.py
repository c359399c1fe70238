"""What Windows and macOS tell of their windows, by their libraries' answers as these are documented."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from tracker.capture.base import Area, Window, Windows
from tracker.capture.quartz_windows import QuartzWindows, WindowServer
from tracker.capture.win32_windows import User32, Win32Windows
from tracker.errors import CaptureUnavailable


class Library:
    """A library whose functions are these."""

    def __init__(self, **functions: Any) -> None:
        for name, function in functions.items():
            setattr(self, name, _Function(function))


class _Function:
    restype: Any = None
    argtypes: Any = None

    def __init__(self, does: Any) -> None:
        self._does = does

    def __call__(self, *given: Any) -> Any:
        return self._does(*given)


def number(handle: Any) -> int:
    return int(getattr(handle, "value", handle) or 0)


def win32(
    shown: dict[int, tuple[str, str, tuple[int, int, int, int]]],
    *,
    hidden: tuple[int, ...] = (),
    iconic: tuple[int, ...] = (),
    cloaked: tuple[int, ...] = (),
    composed: bool = True,
) -> Win32Windows:
    """Return the list on a Windows with these windows: program, title, sides."""

    def visit(callback: Any, _more: Any) -> int:
        return all(callback(one, None) for one in shown)

    def text(window: Any, buffer: Any, _size: int) -> None:
        buffer.value = shown[number(window)][1]

    def sides(window: Any, box: Any) -> int:
        target = box._obj
        target.left, target.top, target.right, target.bottom = shown[number(window)][2]
        return 0

    def attribute(window: Any, which: int, into: Any, _size: int) -> int:
        if which == 14:
            into._obj.value = int(number(window) in cloaked)
            return 0
        return sides(window, into) if composed else -1

    def process(window: Any, into: Any) -> None:
        into._obj.value = number(window)

    def path(handle: Any, _form: int, buffer: Any, _size: Any) -> int:
        buffer.value = shown[number(handle)][0]
        return 1

    user = Library(
        EnumWindows=visit,
        IsWindowVisible=lambda one: number(one) not in hidden,
        IsIconic=lambda one: number(one) in iconic,
        GetWindowTextLengthW=lambda one: len(shown[number(one)][1]),
        GetWindowTextW=text,
        GetWindowThreadProcessId=process,
        GetForegroundWindow=lambda: next(iter(shown), None),
        GetWindowRect=sides,
    )
    kernel = Library(
        OpenProcess=lambda _rights, _inherit, which: which.value if shown[which.value][0] else None,
        QueryFullProcessImageNameW=path,
        CloseHandle=lambda _handle: 1,
    )
    libraries = {"user32": user, "dwmapi": Library(DwmGetWindowAttribute=attribute), "kernel32": kernel}
    return Win32Windows(User32(libraries.__getitem__))


@pytest.mark.parametrize("composed", [True, False])
def test_windows_tells_program_title_and_place_the_topmost_first(composed: bool) -> None:
    listed = win32(
        {
            7: (r"C:\Program Files\KeePassXC\KeePassXC.exe", "Tresor – ü", (-10, 20, 390, 320)),
            8: ("", "of an administrator", (0, 0, 100, 100)),
            9: (r"C:\hidden.exe", "", (0, 0, 9, 9)),
            10: (r"C:\iconic.exe", "", (0, 0, 9, 9)),
            11: (r"C:\elsewhere.exe", "", (0, 0, 9, 9)),
            12: (r"C:\empty.exe", "", (5, 5, 5, 5)),
        },
        hidden=(9,),
        iconic=(10,),
        cloaked=(11,),
        composed=composed,
    )
    first = Area(-10, 20, 400, 300)
    assert listed.look() == Windows(
        (
            Window("KeePassXC.exe", "Tresor – ü", first),
            Window("", "of an administrator", Area(0, 0, 100, 100)),
        ),
        first,
    )


def test_windows_without_any_has_no_active_one() -> None:
    assert win32({}).look() == Windows((), None)


class Server:
    """A window server that tells this."""

    def __init__(self, told: Any) -> None:
        self._told = told

    def windows(self) -> Any:
        return self._told


def test_macos_tells_windows_in_points_and_the_first_ordinary_one_is_active() -> None:
    told = [
        ("Dock", "", 20, (0.0, 800.0, 1280.0, 80.0)),
        ("1Password", "Vault", 0, (10.5, 20.5, 400.0, 300.25)),
        ("Editor", "minutes", 0, (0.0, 0.0, 100.0, 100.0)),
    ]
    look = QuartzWindows(Server(told)).look()
    vault = Area(10, 20, 401, 302)
    assert look.active == vault
    assert look.shown[1] == Window("1Password", "Vault", vault)
    assert [one.app for one in look.shown] == ["Dock", "1Password", "Editor"]


def test_macos_that_does_not_tell_says_what_to_do() -> None:
    with pytest.raises(CaptureUnavailable) as refusal:
        QuartzWindows(Server(None)).look()
    assert "Screen Recording" in refusal.value.advice


def test_macos_is_asked_once_and_lets_go_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [
        {"kCGWindowOwnerName": "Bitwarden", "kCGWindowName": "Tresor – ü", "kCGWindowLayer": 3,
         "kCGWindowBounds": (1.0, 2.0, 3.0, 4.0)},
        {"kCGWindowOwnerName": "Finder"},
    ]  # fmt: skip
    objects: list[Any] = [None]

    def kept(value: Any) -> int:
        objects.append(value)
        return len(objects) - 1

    released: list[int] = []

    def rect(which: int, into: Any) -> bool:
        box = into._obj
        box.left, box.top, box.width, box.height = objects[which]
        return True

    def value(of: int, key: Any) -> int | None:
        found = objects[of].get(key)
        return None if found is None else kept(found)

    def text(which: int, buffer: Any, size: int, _encoding: int) -> bool:
        data = objects[which].encode()
        assert len(data) < size
        buffer.value = data
        return True

    def count(which: int, _kind: int, into: Any) -> bool:
        into._obj.value = objects[which]
        return True

    class Pointer(ctypes.c_void_p):
        @classmethod
        def in_dll(cls, _library: Any, name: str) -> Any:
            return name

    monkeypatch.setattr("tracker.capture.quartz_windows.ctypes.c_void_p", Pointer)
    libraries = {
        "CoreGraphics": Library(
            CGWindowListCopyWindowInfo=lambda which, _below: kept(facts) if which == 17 else None,
            CGRectMakeWithDictionaryRepresentation=rect,
        ),
        "CoreFoundation": Library(
            CFArrayGetCount=lambda which: len(objects[which]),
            CFArrayGetValueAtIndex=lambda which, at: kept(objects[which][at]),
            CFDictionaryGetValue=value,
            CFStringGetLength=lambda which: len(objects[which]),
            CFStringGetCString=text,
            CFNumberGetValue=count,
            CFRelease=released.append,
        ),
    }
    assert WindowServer(libraries.__getitem__).windows() == [
        ("Bitwarden", "Tresor – ü", 3, (1.0, 2.0, 3.0, 4.0)),
        ("Finder", "", 0, (0.0, 0.0, 0.0, 0.0)),
    ]
    assert released == [1]
