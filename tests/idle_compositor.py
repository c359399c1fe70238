"""A Wayland compositor that knows a seat and ext-idle-notify-v1, and nothing else: libwayland's own server.

It is told line by line: press, play and end (a video, which keeps the screen on), unplug (the seat is gone).
"""

from __future__ import annotations

import ctypes
import os
import select
import sys
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint32, c_void_p
from dataclasses import dataclass

from tracker.capture.activity import instant

WAYLAND = ctypes.CDLL("libwayland-server.so.0")
IDLED, RESUMED = 0, 1
DESTROY, ANY, INPUT_ONLY = 0, 1, 2


class Message(Structure):
    _fields_ = (("name", c_char_p), ("signature", c_char_p), ("types", c_void_p))


class Interface(Structure):
    _fields_ = (
        ("name", c_char_p),
        ("version", c_int),
        ("requests", c_int),
        ("request", POINTER(Message)),
        ("events", c_int),
        ("event", POINTER(Message)),
    )


class Argument(ctypes.Union):
    _fields_ = (("number", c_uint32), ("object", c_void_p))


def interface(name: bytes, version: int, requests: list[Message], events: list[Message]) -> Interface:
    made = [(Message * len(ones))(*ones) for ones in (requests, events)]
    return Interface(name, version, len(requests), made[0], len(events), made[1])


SEAT = Interface.in_dll(WAYLAND, "wl_seat_interface")
UNTYPED = (c_void_p * 3)()
NOTIFICATION = interface(
    b"ext_idle_notification_v1",
    2,
    [Message(b"destroy", b"", ctypes.addressof(UNTYPED))],
    [Message(name, b"", ctypes.addressof(UNTYPED)) for name in (b"idled", b"resumed")],
)
ORDERED = (c_void_p * 3)(ctypes.addressof(NOTIFICATION), None, ctypes.addressof(SEAT))
NOTIFIER = interface(
    b"ext_idle_notifier_v1",
    2,
    [
        Message(b"destroy", b"", ctypes.addressof(UNTYPED)),
        Message(b"get_idle_notification", b"nuo", ctypes.addressof(ORDERED)),
        Message(b"get_input_idle_notification", b"2nuo", ctypes.addressof(ORDERED)),
    ],
    [],
)
BIND = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_uint32, c_uint32)
OBEY = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint32, c_void_p, POINTER(Argument))
GONE = ctypes.CFUNCTYPE(None, c_void_p)
for function, result, *arguments in (
    ("wl_display_create", c_void_p),
    ("wl_display_add_socket", c_int, c_void_p, c_char_p),
    ("wl_display_get_event_loop", c_void_p, c_void_p),
    ("wl_display_flush_clients", None, c_void_p),
    ("wl_event_loop_get_fd", c_int, c_void_p),
    ("wl_event_loop_dispatch", c_int, c_void_p, c_int),
    ("wl_global_create", c_void_p, c_void_p, POINTER(Interface), c_int, c_void_p, BIND),
    ("wl_global_remove", None, c_void_p),
    ("wl_resource_create", c_void_p, c_void_p, POINTER(Interface), c_int, c_uint32),
    ("wl_resource_destroy", None, c_void_p),
    ("wl_resource_get_client", c_void_p, c_void_p),
    ("wl_resource_get_version", c_int, c_void_p),
    ("wl_resource_post_event_array", None, c_void_p, c_uint32, POINTER(Argument)),
    ("wl_resource_set_dispatcher", None, c_void_p, OBEY, c_void_p, c_void_p, GONE),
):
    getattr(WAYLAND, function).restype = result
    getattr(WAYLAND, function).argtypes = arguments


@dataclass
class Notification:
    """Of whom it is asked, and when it will be idle; `idle` says whether that was told."""

    resource: int
    ms: int
    input_only: bool
    due: int
    idle: bool = False

    def tell(self, event: int) -> None:
        WAYLAND.wl_resource_post_event_array(self.resource, event, (Argument * 1)())
        self.idle = event == IDLED


class Compositor:
    """Serves its clients and listens to standard input, both in one loop."""

    def __init__(self, socket: str, version: int) -> None:
        self._notifications: dict[int, Notification] = {}
        self._playing = False
        self._display = WAYLAND.wl_display_create()
        self._callbacks = BIND(self._seat), BIND(self._notifier), OBEY(self._obey), GONE(self._gone)
        seat, notifier, *_ = self._callbacks
        assert WAYLAND.wl_display_add_socket(self._display, socket.encode()) == 0
        self._seat_global = WAYLAND.wl_global_create(self._display, byref(SEAT), 1, None, seat)
        WAYLAND.wl_global_create(self._display, byref(NOTIFIER), version, None, notifier)

    def serve(self) -> None:
        loop = WAYLAND.wl_display_get_event_loop(self._display)
        asked = WAYLAND.wl_event_loop_get_fd(loop)
        known = {"press": self._press, "play": self._play, "end": self._end, "unplug": self._unplug}
        os.write(1, b"ready\n")
        while True:
            WAYLAND.wl_display_flush_clients(self._display)
            ready, _, _ = select.select([0, asked], [], [], self._patience())
            WAYLAND.wl_event_loop_dispatch(loop, 0)
            self._tell_of_silence()
            if 0 in ready:
                words = os.read(0, 1000).decode().split()
                if not words:
                    return
                for word in words:
                    known[word]()
                    WAYLAND.wl_display_flush_clients(self._display)
                    os.write(1, f"{word}\n".encode())

    def _patience(self) -> float | None:
        waiting = [one.due for one in self._notifications.values() if self._can_be_idle(one)]
        return max(0, min(waiting) - instant()) / 1000 if waiting else None

    def _tell_of_silence(self) -> None:
        for one in self._notifications.values():
            if self._can_be_idle(one) and one.due <= instant():
                one.tell(IDLED)

    def _can_be_idle(self, one: Notification) -> bool:
        return not one.idle and (one.input_only or not self._playing)

    def _press(self) -> None:
        self._wake(list(self._notifications.values()))

    def _play(self) -> None:
        self._playing = True
        self._wake([one for one in self._notifications.values() if not one.input_only])

    def _end(self) -> None:
        self._playing = False
        self._wake([one for one in self._notifications.values() if not one.input_only])

    def _wake(self, notifications: list[Notification]) -> None:
        for one in notifications:
            one.due = instant() + one.ms
            if one.idle:
                one.tell(RESUMED)

    def _unplug(self) -> None:
        WAYLAND.wl_global_remove(self._seat_global)

    def _seat(self, client: int, _data: int, version: int, number: int) -> None:
        seat = WAYLAND.wl_resource_create(client, byref(SEAT), version, number)
        self._answer_for(seat)
        WAYLAND.wl_resource_post_event_array(seat, 0, (Argument * 1)(Argument(number=3)))

    def _notifier(self, client: int, _data: int, version: int, number: int) -> None:
        self._answer_for(WAYLAND.wl_resource_create(client, byref(NOTIFIER), version, number))

    def _answer_for(self, resource: int) -> None:
        _, _, obey, gone = self._callbacks
        WAYLAND.wl_resource_set_dispatcher(resource, obey, None, None, gone)

    def _obey(self, _1: int, target: int, request: int, _2: int, arguments: POINTER) -> int:  # type: ignore[valid-type]
        if request == DESTROY:
            WAYLAND.wl_resource_destroy(target)
            return 0
        assert request in {ANY, INPUT_ONLY}
        client, version = WAYLAND.wl_resource_get_client(target), WAYLAND.wl_resource_get_version(target)
        made = WAYLAND.wl_resource_create(client, byref(NOTIFICATION), version, arguments[0].number)
        self._answer_for(made)
        ms = arguments[1].number
        self._notifications[made] = Notification(made, ms, request == INPUT_ONLY, instant() + ms)
        return 0

    def _gone(self, resource: int) -> None:
        self._notifications.pop(resource, None)


if __name__ == "__main__":
    Compositor(sys.argv[1], int(sys.argv[2])).serve()
