"""Pictures of desktops that look like work: editors, pages, sheets, drawn anew for each test."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 1000
PAINTINGS = 4  # different ones of each kind

_INKS = ("#7fb4ff", "#c792ea", "#f2c572", "#8fd694", "#ef8f7a", "#9aa7b8")


@dataclass(frozen=True)
class Painting:
    """A WebP picture and its size."""

    data: bytes
    width: int = WIDTH
    height: int = HEIGHT


@cache
def paint(kind: str, variant: int) -> Painting:
    """Return a desktop that shows code, a terminal, a review, a sheet, a page, a document or a design."""
    rng = random.Random(f"{kind} {variant}")
    image = Image.new("RGB", (WIDTH, HEIGHT), "#4b4a6b")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 26), fill="#171a21")
    draw.rounded_rectangle((760, 9, 840, 17), 4, fill="#9aa3af")
    {
        "code": _code,
        "terminal": _terminal,
        "review": _review,
        "sheet": _sheet,
        "web": _web,
        "document": _document,
        "design": _design,
    }[kind](draw, rng)
    out = BytesIO()
    image.save(out, "WEBP", quality=60, method=2)
    return Painting(out.getvalue())


def _window(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], ground: str, bar: str) -> None:
    left, top, right, _ = box
    draw.rounded_rectangle(box, 12, fill=ground)
    draw.rounded_rectangle((left, top, right, top + 44), 12, fill=bar)
    for n in range(3):
        draw.ellipse((left + 18 + n * 26, top + 15, left + 32 + n * 26, top + 29), fill="#98a1ad")


def _lines(
    draw: ImageDraw.ImageDraw, rng: random.Random, box: tuple[int, int, int, int], inks: tuple[str, ...]
) -> None:
    left, top, right, bottom = box
    depth = 0
    for y in range(top, bottom - 12, 22):
        depth = max(0, min(4, depth + rng.choice((-1, 0, 0, 1))))
        x = left + depth * 32
        if rng.random() < 0.12:
            continue
        for _ in range(rng.randrange(1, 6)):
            width = rng.randrange(24, 130)
            if x + width > right:
                break
            draw.rounded_rectangle((x, y, x + width, y + 9), 4, fill=rng.choice(inks))
            x += width + 12


def _code(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (0, 26, WIDTH, HEIGHT), "#161a22", "#1e232d")
    draw.rectangle((0, 70, 260, HEIGHT), fill="#1b202a")
    _lines(draw, rng, (24, 96, 240, HEIGHT - 60), ("#5d6a7d", "#78869a"))
    _lines(draw, rng, (330, 96, 1560, 760), _INKS)
    draw.rectangle((260, 780, WIDTH, HEIGHT), fill="#11151c")
    _lines(draw, rng, (290, 800, 1500, HEIGHT - 20), ("#8fd694", "#7a8799"))


def _terminal(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (90, 70, 1500, 950), "#1d2230", "#2a3142")
    _lines(draw, rng, (120, 140, 1400, 930), ("#8fd694", "#9aa7b8", "#7fb4ff"))
    _window(draw, (1000, 620, 1560, 960), "#f4f5f7", "#e2e5ea")
    _lines(draw, rng, (1030, 690, 1520, 930), ("#8a94a3",))


def _review(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (0, 26, WIDTH, HEIGHT), "#ffffff", "#eceff3")
    _lines(draw, rng, (60, 96, 700, 160), ("#3a4657",))
    for y in range(180, 960, 130):
        good = rng.random() < 0.5
        draw.rectangle((60, y, 1540, y + 104), fill="#e6f4ea" if good else "#fbeaea")
        _lines(
            draw, rng, (90, y + 12, 1500, y + 104), ("#5b7f68", "#7b8794") if good else ("#a36a6a", "#7b8794")
        )


def _sheet(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (0, 26, WIDTH, HEIGHT), "#ffffff", "#e7eee9")
    draw.rectangle((0, 70, WIDTH, 130), fill="#f3f6f4")
    for x in range(0, WIDTH, 145):
        draw.line((x, 130, x, HEIGHT), fill="#dfe4e1")
    for y in range(130, HEIGHT, 30):
        draw.line((0, y, WIDTH, y), fill="#e9edea")
        for x in range(0, WIDTH, 145):
            if rng.random() < 0.72:
                draw.rounded_rectangle(
                    (x + 12, y + 11, x + rng.randrange(40, 128), y + 20), 3, fill="#6b7a72"
                )
    draw.rectangle((435, 400, 580, 430), outline="#1a7f4b", width=4)


def _web(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (60, 60, 1540, HEIGHT), "#ffffff", "#e9ebf1")
    draw.rounded_rectangle((420, 72, 1180, 96), 10, fill="#ffffff")
    tone = rng.choice(("#2c8c6a", "#3b6fb5", "#a0603a"))
    draw.rounded_rectangle((110, 130, 250, 160), 8, fill=tone)
    for n in range(4):
        draw.rounded_rectangle((940 + n * 140, 138, 1040 + n * 140, 150), 6, fill="#8993a1")
    draw.rounded_rectangle((110, 200, 1490, 560), 16, fill="#e3eee8")
    for n, width in enumerate((460, 500, 230)):
        draw.rounded_rectangle((160, 260 + n * 52, 160 + width, 284 + n * 52), 10, fill="#26313f")
    draw.rounded_rectangle((160, 440, 330, 492), 12, fill=tone)
    draw.rounded_rectangle((920, 240, 1430, 520), 14, fill="#7db6a1")
    draw.polygon(((920, 520), (1100, 340), (1290, 520)), fill="#b8d8ca")
    draw.ellipse((1240, 280, 1330, 370), fill="#dcebe4")
    for n in range(3):
        draw.rounded_rectangle((110 + n * 470, 610, 540 + n * 470, 780), 12, fill="#eef0f4")
        for line in range(3):
            end = 110 + n * 470 + rng.randrange(180, 420)
            draw.rounded_rectangle((110 + n * 470, 810 + line * 34, end, 824 + line * 34), 6, fill="#a3abb8")


def _document(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (0, 26, WIDTH, HEIGHT), "#e8ebf0", "#dde1e8")
    draw.rectangle((420, 100, 1180, HEIGHT), fill="#ffffff")
    draw.rounded_rectangle((500, 170, 900, 196), 8, fill="#26313f")
    for y in range(240, 970, 34):
        if rng.random() < 0.85:
            draw.rounded_rectangle((500, y, rng.randrange(820, 1110), y + 11), 5, fill="#8c96a5")
    draw.rectangle((1210, 160, 1400, 300), fill="#fff7d6")


def _design(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _window(draw, (0, 26, WIDTH, HEIGHT), "#f6f7f9", "#ffffff")
    draw.rectangle((0, 70, 220, HEIGHT), fill="#ffffff")
    _lines(draw, rng, (20, 100, 200, HEIGHT - 40), ("#aab2bf",))
    draw.rectangle((1360, 70, WIDTH, HEIGHT), fill="#ffffff")
    _lines(draw, rng, (1384, 100, 1580, 700), ("#aab2bf", "#d36b4a"))
    for n, tone in enumerate(rng.sample(("#f2b08c", "#9cc4f0", "#b9d8c2", "#e6cfe9"), 3)):
        left = 290 + n * 350
        draw.rectangle((left, 180, left + 300, 840), fill="#ffffff", outline="#d4d9e1", width=3)
        draw.rectangle((left + 24, 210, left + 276, 430), fill=tone)
        for y in range(470, 800, 40):
            draw.rounded_rectangle((left + 24, y, left + rng.randrange(120, 276), y + 14), 6, fill="#b3bbc7")
    draw.rectangle((640, 180, 940, 840), outline="#2c6fe0", width=6)
