"""What speaks with a compositor holds its own against one that hangs up, refuses, or talks nonsense."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tracker.capture import choose_idle, choose_input
from tracker.capture.tally import Tally
from tracker.capture.wayland import Link, read_text, read_uint, text, uint
from tracker.errors import CaptureUnavailable

DISPLAY, REGISTRY, FIRST_SYNC = 1, 2, 3
Answer = Callable[[socket.socket], None]


def event(whose: int, which: int, body: bytes = b"") -> bytes:
    return struct.pack("=II", whose, (8 + len(body)) << 16 | which) + body


def offer(number: int, interface: str) -> bytes:
    return event(REGISTRY, 0, uint(number) + text(interface) + uint(1))


@contextmanager
def compositor(answer: Answer) -> Iterator[dict[str, str]]:
    """Run one that answers so whoever calls first, and tell where it is."""
    with TemporaryDirectory(prefix="hp-") as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(Path(folder, "wayland-0")))
        server.listen()

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                answer(caller)

        thread = threading.Thread(target=serve)
        thread.start()
        yield {"XDG_RUNTIME_DIR": folder, "XDG_SESSION_TYPE": "wayland"}
        thread.join(10)
        assert not thread.is_alive()


def hang_up(caller: socket.socket) -> None:
    caller.recv(4096)


def refuse(caller: socket.socket) -> None:
    caller.recv(4096)
    caller.sendall(event(DISPLAY, 0, uint(DISPLAY) + uint(1) + text("no")))
    caller.recv(4096)


def talk_nonsense(caller: socket.socket) -> None:
    caller.recv(4096)
    caller.sendall(struct.pack("=II", REGISTRY, 4 << 16) * 2)
    caller.recv(4096)


def offer_half(caller: socket.socket) -> None:
    caller.recv(4096)
    caller.sendall(event(REGISTRY, 0, uint(1) + uint(90) + b"wl_") + event(FIRST_SYNC, 0, uint(0)))
    caller.recv(4096)


def talk_for_ever(caller: socket.socket) -> None:
    with suppress(OSError):  # the other side hangs up
        while True:
            caller.sendall(event(REGISTRY, 0, uint(1) + text("x" * 30_000) + uint(1)))


def offer_no_seat(caller: socket.socket) -> None:
    caller.recv(4096)
    caller.sendall(offer(1, "ext_idle_notifier_v1") + event(FIRST_SYNC, 0, uint(0)))
    caller.recv(4096)


def refuse_at_last(caller: socket.socket) -> None:
    caller.recv(4096)
    offers = offer(1, "ext_idle_notifier_v1") + offer(2, "wl_seat")
    caller.sendall(offers + event(FIRST_SYNC, 0, uint(0)))
    refuse(caller)


@pytest.mark.parametrize(
    "answer", [hang_up, refuse, talk_nonsense, offer_half, talk_for_ever, offer_no_seat, refuse_at_last]
)
def test_a_compositor_that_does_not_answer_well_is_no_source(answer: Answer) -> None:
    with compositor(answer) as env:
        source = choose_input(env | {"HOURPROOF_INPUT": "ext-idle"})
        with pytest.raises(CaptureUnavailable, match="does not tell"):
            source.start(Tally(), lambda _: None)


def test_an_answer_in_single_bytes_is_read_whole() -> None:
    def stutter(caller: socket.socket) -> None:
        caller.recv(4096)
        for byte in offer(7, "wl_seat") + event(FIRST_SYNC, 0, uint(0)):
            caller.sendall(bytes([byte]))
        caller.recv(4096)

    with compositor(stutter) as env:
        link = Link(env)
        assert link.find("wl_seat") == (7, "wl_seat", 1)
        link.close()


@pytest.mark.parametrize("word", ["", "abc", "abcd", "wl_compositor", "Zürich"])
def test_texts_and_numbers_are_read_as_they_were_written(word: str) -> None:
    assert len(text(word)) % 4 == 0
    assert read_text(text(word) + b"rest") == (word, b"rest")
    assert read_uint(uint(2**32 - 1) + b"rest") == (2**32 - 1, b"rest")


def test_without_a_compositor_nothing_is_known() -> None:
    idle = choose_idle({"WAYLAND_DISPLAY": "/nowhere/wayland-0"})
    assert idle
    assert idle.idle_ms() is None
