"""Pictures: small, legible, and the right colours."""

from __future__ import annotations

import hashlib
import random
from io import BytesIO

import paint
import pytest
from PIL import Image

from tracker.capture.base import EncodedPicture, Frame
from tracker.capture.picture import MAX_BYTES, dhash, encode, is_blank
from tracker.capture.screen import MssScreen
from tracker.errors import CaptureUnavailable
from tracker.model.sameness import SAME

ORANGE = b"\x00\x80\xff\x00"  # as blue, green, red, nothing


def plain(width: int, height: int, scale: float = 1.0) -> Frame:
    return Frame(0, width, height, ORANGE * (width * height), scale)


def noise(width: int, height: int) -> Frame:
    return Frame(0, width, height, random.Random(1).randbytes(4 * width * height))


def opened(picture: EncodedPicture) -> Image.Image:
    image = Image.open(BytesIO(picture.data))
    assert image.format == "WEBP"
    assert image.size == (picture.width, picture.height)
    return image.convert("RGB")


def test_colours_and_size_are_the_frames() -> None:
    picture = encode(plain(320, 200))
    assert (picture.width, picture.height) == (320, 200)
    assert picture.sha256 == hashlib.sha256(picture.data).hexdigest()
    red, green, blue = opened(picture).getpixel((160, 100))
    assert (red, green, blue) == pytest.approx((255, 128, 0), abs=6)


@pytest.mark.parametrize(
    ("scale", "size"), [(1.0, (1600, 900)), (2.0, (800, 450)), (1.25, (1280, 720)), (3.0, (533, 300))]
)
def test_a_picture_has_a_pixel_per_point(scale: float, size: tuple[int, int]) -> None:
    picture = encode(plain(1600, 900, scale))
    assert (picture.width, picture.height) == size
    assert opened(picture).getpixel((size[0] - 1, size[1] - 1)) == pytest.approx((255, 128, 0), abs=6)


def test_text_of_a_screen_of_twice_the_density_stays_sharp(display: str) -> None:
    paint.fill(display, paint.WHITE)
    paint.write(display, "invoice 2026-11: 41 h 20 min", 40, 40)
    (frame,) = MssScreen(display).grab()
    rows = [frame.bgra[y * frame.width * 4 :][: frame.width * 4] for y in range(frame.height)]
    dense = b"".join(2 * b"".join(2 * row[x : x + 4] for x in range(0, len(row), 4)) for row in rows)
    once = encode(frame)
    twice = encode(Frame(0, 2 * frame.width, 2 * frame.height, dense, 2.0))
    assert twice.data == once.data


def test_even_noise_on_a_4k_monitor_fits_the_limit() -> None:
    picture = encode(noise(3840, 2160))
    assert len(picture.data) <= MAX_BYTES
    assert picture.width >= 3840 // 4
    assert opened(picture)


def test_what_a_webp_cannot_hold_is_halved() -> None:
    picture = encode(plain(20_000, 10))
    assert (picture.width, picture.height) == (10_000, 5)


def test_one_colour_is_blank_and_one_other_pixel_is_not() -> None:
    frame = plain(640, 480)
    assert is_blank(frame)
    spotted = bytearray(frame.bgra)
    spotted[4 * 1234] ^= 1
    assert not is_blank(Frame(0, 640, 480, spotted))


def test_a_hash_tells_what_is_lighter_than_its_left_neighbour() -> None:
    steps = Image.linear_gradient("L").rotate(90).resize((1600, 900))  # from black on the left to white
    assert dhash(steps.convert("RGB")) == "f" * 16
    assert dhash(steps.rotate(180).convert("RGB")) == "0" * 16
    assert encode(plain(320, 200)).dhash == "0" * 16


def test_a_hash_is_the_same_at_any_size_and_of_a_blinking_cursor() -> None:
    picture = Image.effect_mandelbrot((1920, 1080), (-3, -2.5, 2, 2.5), 100).convert("RGB")
    with_cursor = picture.copy()
    with_cursor.paste((255, 255, 255), (700, 500, 702, 520))
    hashes = [dhash(one) for one in (picture, picture.resize((960, 540), Image.Resampling.BOX), with_cursor)]
    assert max((int(one, 16) ^ int(hashes[0], 16)).bit_count() for one in hashes) <= SAME


@pytest.mark.parametrize(
    "broken",
    [
        Frame(0, 0, 0, b""),
        Frame(0, 10, 10, b""),
        Frame(0, 10, 10, bytes(399)),
        Frame(0, 10, 10, bytes(401)),
        Frame(0, -10, -10, bytes(400)),
    ],
)
def test_a_broken_frame_is_unavailable(broken: Frame) -> None:
    with pytest.raises(CaptureUnavailable, match="broken"):
        encode(broken)
    with pytest.raises(CaptureUnavailable, match="broken"):
        is_blank(broken)
