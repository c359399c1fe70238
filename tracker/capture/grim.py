"""Takes what the monitors show through grim, on compositors that let it: those made with wlroots."""

from __future__ import annotations

import subprocess
from threading import Timer
from typing import TYPE_CHECKING, cast

from tracker.capture.base import MONITORS, Frame
from tracker.capture.outputs import layout
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from io import BufferedReader

    from tracker.capture.outputs import Output

PROTOCOL = "zwlr_screencopy_manager_v1"
_PATIENCE = 10.0  # seconds for one monitor; it takes some hundredths
_MOST = 64_000_000  # pixels of one monitor; an 8K screen has 33 million
_LINE = 32  # bytes of the longest line before the pixels
_COLOURS = 3  # bytes a pixel as grim writes it: red, green, blue


class GrimScreen:
    """The monitors of one Wayland session; their pixels come through a pipe and never lie in a file."""

    name = "grim"

    def __init__(self, program: str, environ: Mapping[str, str]) -> None:
        self._program = program
        self._environ = environ

    def grab(self) -> tuple[Frame, ...]:
        """Return a frame for each monitor, at most 4; raises CaptureUnavailable with the reason."""
        try:
            return self._grab()
        except _Gone:  # a monitor was unplugged meanwhile: those that are there now
            return self._grab()

    def close(self) -> None:
        """Nothing is kept between shots."""

    def _grab(self) -> tuple[Frame, ...]:
        outputs = layout(self._environ).outputs[:MONITORS]
        if not outputs:
            raise CaptureUnavailable("No monitor is on.", advice="Switch a monitor on.")
        return tuple(self._frame(number, output) for number, output in enumerate(outputs))

    def _frame(self, number: int, output: Output) -> Frame:
        command = [self._program, "-t", "ppm", "-o", output.name, "-"]
        try:
            with subprocess.Popen(  # noqa: S603  # no shell reads it
                command, env=dict(self._environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as grim:
                limit = Timer(_PATIENCE, grim.kill)
                limit.start()
                try:
                    width, height, bgra = _read(cast("BufferedReader", grim.stdout))
                finally:
                    limit.cancel()
                    grim.kill()  # it has told all, or will not
        except (OSError, ValueError) as error:
            raise _Gone(
                "The screen cannot be read: grim does not give what a monitor shows.",
                advice="Run grim in a terminal: it tells what is wrong.",
            ) from error
        return Frame(number, width, height, bgra, width / output.area.width, output.area, output.name)


class _Gone(CaptureUnavailable):
    """grim could not take a monitor."""

    type = CaptureUnavailable.type


def _read(pipe: BufferedReader) -> tuple[int, int, bytearray]:
    """Return width, height and pixels of a picture in the format PPM; raises ValueError if it is none."""
    kind, size, depth = (pipe.readline(_LINE) for _ in range(3))
    width, height = (int(number) for number in size.split())
    if (kind, depth) != (b"P6\n", b"255\n") or not 0 < width * height <= _MOST or width < 1:
        raise ValueError("not a PPM")
    rgb = bytearray(_COLOURS * width * height)
    if pipe.readinto(rgb) != len(rgb):
        raise ValueError("cut short")
    bgra = bytearray(4 * width * height)
    for place in range(_COLOURS):
        bgra[2 - place :: 4] = rgb[place::_COLOURS]
    return width, height, bgra
