"""Turns a frame into the picture that is kept: small, and still legible."""

from __future__ import annotations

import hashlib
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

from PIL import Image

from tracker.capture.base import EncodedPicture
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.capture.base import Frame

MAX_BYTES = 400 * 1024
_QUALITIES = (40, 20, 10)
_METHOD = 2  # of WebP's 0 to 6: beyond it a file hardly gets smaller, but takes much longer
_LONGEST_SIDE = 16_383  # pixels, of a WebP
_THUMBNAIL = (9, 8)  # of a dHash: 64 pairs of neighbours


def encode(frame: Frame, *, small: bool = False) -> EncodedPicture:
    """Return the frame as WebP with a pixel per point; if it is too large then coarser, then half as wide.

    A small one is coarse from the start: it weighs about a third less, and its text can still be read.
    """
    for image, quality in _attempts(frame, _QUALITIES[-1:] if small else _QUALITIES):
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=_METHOD)
        if buffer.tell() <= MAX_BYTES:
            break
    data = buffer.getvalue()
    return EncodedPicture(
        monitor=frame.monitor,
        width=image.width,
        height=image.height,
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        dhash=dhash(image),
    )


def dhash(image: Image.Image) -> str:
    """Return what an image roughly shows: of 64 places, which are darker than the next to the right."""
    grey = image.resize(_THUMBNAIL, Image.Resampling.BOX, reducing_gap=1.0).convert("L").tobytes()
    width, height = _THUMBNAIL
    bits = (grey[at] < grey[at + 1] for y in range(height) for at in range(y * width, (y + 1) * width - 1))
    return f"{sum(bit << n for n, bit in enumerate(bits)):016x}"


def is_blank(frame: Frame) -> bool:
    """Say whether the frame shows a single colour, as a desktop does that lets nobody look."""
    return _view(frame).getcolors(maxcolors=1) is not None


def _attempts(frame: Frame, qualities: Sequence[int]) -> Iterator[tuple[Image.Image, int]]:
    """Yield ever smaller forms of a frame: each size in all qualities, the best first."""
    for halvings in count():
        image = _shrunk(frame, frame.scale * 2**halvings)
        if max(image.size) <= _LONGEST_SIDE:
            yield from ((image, quality) for quality in qualities)


def _shrunk(frame: Frame, scale: float) -> Image.Image:
    """Return the frame with that many of its pixels, each way, made one; shrunk before colours are copied."""
    small = _view(frame)
    if scale > 1:
        size = (max(1, round(frame.width / scale)), max(1, round(frame.height / scale)))
        small = small.resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)
    pixels = small.tobytes() if scale > 1 else frame.bgra
    return Image.frombuffer("RGB", small.size, pixels, "raw", "BGRX", 0, 1)


def _view(frame: Frame) -> Image.Image:
    """Return the frame's bytes as an image without copying them; what it calls red is blue."""
    if min(frame.width, frame.height) < 1 or len(frame.bgra) != 4 * frame.width * frame.height:
        raise CaptureUnavailable("The screen came as a broken picture.")
    return Image.frombuffer("RGBX", (frame.width, frame.height), frame.bgra, "raw", "RGBX", 0, 1)
