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


Shown = dict[int, tuple[str, str, tuple[int, int, int, int]]]  # program, title, sides


class Machine:
    """A Windows with these windows."""

    def __init__(self, shown: Shown, *unseen: int, cloaked: int = 0, composed: bool = True) -> None:
        self._shown, self._cloaked, self._composed = shown, cloaked, composed
        hidden, iconic = (*unseen, 0, 0)[:2]
        user = Library(
            EnumWindows=lambda callback, _more: all(callback(one, None) for one in shown),
            IsWindowVisible=lambda one: number(one) != hidden,
            IsIconic=lambda one: number(one) == iconic,
            GetWindowTextLengthW=lambda one: len(shown[number(one)][1]),
            GetWindowTextW=lambda one, buffer, _size: setattr(buffer, "value", shown[number(one)][1]),
            GetWindowThreadProcessId=lambda one, into: setattr(into._obj, "value", number(one)),
            GetForegroundWindow=lambda: next(iter(shown), None),
            GetWindowRect=self._sides,
        )
        kernel = Library(
            OpenProcess=lambda _rights, _inherit, one: one.value if shown[one.value][0] else None,
            QueryFullProcessImageNameW=self._path,
            CloseHandle=lambda _handle: 1,
        )
        dwm = Library(DwmGetWindowAttribute=self._attribute)
        self.list = Win32Windows(User32({"user32": user, "dwmapi": dwm, "kernel32": kernel}.__getitem__))

    def _sides(self, window: Any, box: Any) -> int:
        target = box._obj
        target.left, target.top, target.right, target.bottom = self._shown[number(window)][2]
        return 0

    def _path(self, handle: Any, _form: int, buffer: Any, _size: Any) -> int:
        buffer.value = self._shown[number(handle)][0]
        return 1

    def _attribute(self, window: Any, which: int, into: Any, _size: int) -> int:
        if which == 14:
            into._obj.value = int(number(window) == self._cloaked)
            return 0
        return self._sides(window, into) if self._composed else -1


@pytest.mark.parametrize("composed", [True, False])
def test_windows_tells_program_title_and_place_the_topmost_first(composed: bool) -> None:
    listed = Machine(
        {
            7: (r"C:\Program Files\KeePassXC\KeePassXC.exe", "Tresor – ü", (-10, 20, 390, 320)),
            8: ("", "of an administrator", (0, 0, 100, 100)),
            9: (r"C:\hidden.exe", "", (0, 0, 9, 9)),
            10: (r"C:\iconic.exe", "", (0, 0, 9, 9)),
            11: (r"C:\elsewhere.exe", "", (0, 0, 9, 9)),
            12: (r"C:\empty.exe", "", (5, 5, 5, 5)),
        },
        9,
        10,
        cloaked=11,
        composed=composed,
    ).list
    first = Area(-10, 20, 400, 300)
    assert listed.look() == Windows(
        (
            Window("KeePassXC.exe", "Tresor – ü", first),
            Window("", "of an administrator", Area(0, 0, 100, 100)),
        ),
        first,
    )


def test_windows_without_any_has_no_active_one() -> None:
    assert Machine({}).list.look() == Windows((), None)


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


class Foundation:
    """Objects of macOS by their numbers, and the functions that read them."""

    def __init__(self, facts: Any) -> None:
        self.objects: list[Any] = [None]
        self.released: list[int] = []
        graphics = Library(
            CGWindowListCopyWindowInfo=lambda which, _below: self.kept(facts) if which == 17 else None,
            CGRectMakeWithDictionaryRepresentation=self.rect,
        )
        foundation = Library(
            CFArrayGetCount=lambda which: len(self.objects[which]),
            CFArrayGetValueAtIndex=lambda which, at: self.kept(self.objects[which][at]),
            CFDictionaryGetValue=self.value,
            CFStringGetLength=lambda which: len(self.objects[which]),
            CFStringGetCString=self.text,
            CFNumberGetValue=lambda which, _, into: setattr(into._obj, "value", self.objects[which]),
            CFRelease=self.released.append,
        )
        self.libraries = {"CoreGraphics": graphics, "CoreFoundation": foundation}

    def kept(self, value: Any) -> int:
        self.objects.append(value)
        return len(self.objects) - 1

    def rect(self, which: int, into: Any) -> bool:
        box = into._obj
        box.left, box.top, box.width, box.height = self.objects[which]
        return True

    def value(self, of: int, key: Any) -> int | None:
        found = self.objects[of].get(key)
        return None if found is None else self.kept(found)

    def text(self, which: int, buffer: Any, size: int, _encoding: int) -> bool:
        data = self.objects[which].encode()
        assert len(data) < size
        buffer.value = data
        return True


class Pointer(ctypes.c_void_p):
    """A pointer to a constant is its name."""

    @classmethod
    def in_dll(cls, _library: Any, name: str) -> Any:
        return name


def test_macos_is_asked_once_and_lets_go_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.capture.quartz_windows.ctypes.c_void_p", Pointer)
    place = (1.0, 2.0, 3.0, 4.0)
    vault = {"kCGWindowOwnerName": "Bitwarden", "kCGWindowName": "Tresor – ü", "kCGWindowLayer": 3}
    there = Foundation([{**vault, "kCGWindowBounds": place}, {"kCGWindowOwnerName": "Finder"}])
    assert WindowServer(there.libraries.__getitem__).windows() == [
        ("Bitwarden", "Tresor – ü", 3, place),
        ("Finder", "", 0, (0.0, 0.0, 0.0, 0.0)),
    ]
    assert there.released == [1]
