"""The kernel's devices as FIFOs that tell what a test writes: keyboards, mice and pads that come and go."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from listening import Ear
from waiting import until

from tracker.capture.evdev import EvdevInput
from tracker.errors import CaptureUnavailable
from tracker.model.counts import SILENCE, Counts

KEY, REL, ABS, SYN, SWITCH = 1, 2, 3, 0, 5
A, SHIFT, VOLUME = 30, 42, 115
LEFT, SIDE, PAD_TOUCH, GAME_SOUTH = 0x110, 0x113, 0x14A, 0x130
X, Y, SIDEWAYS, WHEEL, FINE_WHEEL, FINGER_X = 0, 1, 6, 8, 11, 0x35
UP, DOWN, HELD = 0, 1, 2


class Device:
    """A keyboard or a mouse that does what it is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDWR)

    def tell(self, *events: tuple[int, int, int]) -> None:
        """Tell of some events together, with the mark at their end."""
        told = [struct.pack("@llHHi", 0, 0, *event) for event in (*events, (SYN, 0, 0))]
        os.write(self._descriptor, b"".join(told))

    def press(self, code: int, *, repeated: int = 0) -> None:
        self.tell((KEY, code, DOWN), *[(KEY, code, HELD)] * repeated, (KEY, code, UP))

    def pull_out(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


@pytest.fixture
def keyboard(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path / "event0")
    yield device
    device.pull_out()


@pytest.fixture
def mouse(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path / "event1")
    yield device
    device.pull_out()


@pytest.fixture
def ear(tmp_path: Path, keyboard: Device, mouse: Device) -> Iterator[Ear]:
    assert keyboard
    assert mouse
    ear = Ear(EvdevInput(tmp_path))
    yield ear
    ear.source.stop()


def assert_nothing(ear: Ear, device: Device, *events: tuple[int, int, int]) -> None:
    """What a device tells is neither counted nor activity; what follows is."""
    device.tell(*events)
    device.press(A)
    until(lambda: ear.tally._keys, "the key that follows")
    assert not ear.tally._moved
    assert ear.look() == Counts(1, active=True)


def test_presses_count_once_however_long_they_are_held(ear: Ear, keyboard: Device) -> None:
    keyboard.press(A, repeated=50)
    keyboard.tell((KEY, SHIFT, DOWN), (KEY, A, DOWN), (KEY, A, UP), (KEY, SHIFT, UP))
    keyboard.press(VOLUME)
    assert ear.total(Counts(4, active=True)) == Counts(4, active=True)


def test_buttons_are_clicks_and_notches_are_scrolls_counted_once(ear: Ear, mouse: Device) -> None:
    mouse.press(LEFT)
    mouse.press(SIDE)
    mouse.tell((REL, WHEEL, -1), (REL, FINE_WHEEL, -120))
    mouse.tell((REL, WHEEL, 3), (REL, FINE_WHEEL, 360))
    mouse.tell((REL, SIDEWAYS, 1))
    mouse.tell((REL, FINE_WHEEL, 30))  # a quarter of a notch
    expected = Counts(0, 2, 5, active=True)
    assert ear.total(expected) == expected


@pytest.mark.parametrize(
    "event",
    [(REL, X, 1), (REL, Y, -4), (ABS, X, 300), (ABS, FINGER_X, 200), (KEY, PAD_TOUCH, DOWN)],
    ids=["right", "up", "tablet", "finger", "touch"],
)
def test_motion_is_activity_without_a_count(ear: Ear, mouse: Device, event: tuple[int, int, int]) -> None:
    mouse.tell(event)
    assert ear.total(Counts(active=True)) == Counts(active=True)


@pytest.mark.parametrize(
    "event", [(KEY, A, HELD), (KEY, A, UP), (KEY, PAD_TOUCH, UP), (SWITCH, 0, 1), (REL, FINE_WHEEL, 15)]
)
def test_what_nobody_pressed_is_no_input(ear: Ear, keyboard: Device, event: tuple[int, int, int]) -> None:
    assert_nothing(ear, keyboard, event)


def test_a_stick_and_a_sensor_are_nobodys_work(
    tmp_path: Path, mouse: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tells_of_game_buttons(_descriptor: int, _request: int, can: bytearray) -> None:
        can[GAME_SOUTH // 8] |= 1 << GAME_SOUTH % 8

    monkeypatch.setattr("fcntl.ioctl", tells_of_game_buttons)
    ear = Ear(EvdevInput(tmp_path))
    assert_nothing(ear, mouse, (ABS, X, 300), (KEY, GAME_SOUTH, DOWN), (KEY, GAME_SOUTH, UP))
    ear.source.stop()


def test_devices_may_come_and_go_and_come_back(ear: Ear, tmp_path: Path, keyboard: Device) -> None:
    another = Device(tmp_path / "event7")
    ear.look()
    another.press(A)
    until(lambda: ear.look().keys == 1, "the new one's key")
    another.pull_out()
    keyboard.press(A)
    until(lambda: ear.look().keys == 2, "a key of another")
    back = Device(tmp_path / "event7")
    back.press(A)
    assert ear.total(Counts(3, active=True)).keys == 3
    assert not ear.losses
    back.pull_out()


def test_thousands_of_events_are_counted_exactly(ear: Ear, keyboard: Device, mouse: Device) -> None:
    for _ in range(2_000):
        keyboard.press(A, repeated=3)
        mouse.press(LEFT)
        mouse.tell((REL, X, 1), (REL, WHEEL, 1), (REL, FINE_WHEEL, 120))
    expected = Counts(2_000, 2_000, 2_000, active=True)
    assert ear.total(expected) == expected


def test_after_the_stop_nothing_is_counted_and_a_start_counts_again(ear: Ear, keyboard: Device) -> None:
    ear.source.stop()
    keyboard.press(A)
    ear.source.stop()  # again is no fault
    assert ear.look() == SILENCE


def test_without_a_device_or_the_right_to_read_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CaptureUnavailable, match="no input device"):
        Ear(EvdevInput(tmp_path))
    (tmp_path / "event0").touch()
    opened = os.open

    def refuse(path: Path, *rest: int) -> int:
        if path.parent == tmp_path:
            raise PermissionError
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CaptureUnavailable, match="may not be read") as refusal:
        Ear(EvdevInput(tmp_path))
    assert "usermod -aG input" in refusal.value.advice
    assert "every key" in refusal.value.advice


def test_nothing_of_a_key_stays_in_the_source(ear: Ear, keyboard: Device) -> None:
    keyboard.press(A)
    until(lambda: ear.look().keys, "the key")
    hook = ear.source._hook  # type: ignore[attr-defined]
    for device in hook._devices.values():
        kept = dict(vars(device))
        assert {type(value) for value in kept.values()} == {bool, int, type(ear.tally)}
        del kept["_descriptor"]  # the system numbers files, too, and may have come as far as this key
        assert A not in kept.values()
