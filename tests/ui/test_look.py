"""The tokens are legible, and every icon draws."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage

from tracker.paths import resources
from tracker.ui import icons
from tracker.ui.theme import DARK, LIGHT, Theme, choose, stylesheet

TONES = ("ok", "part", "no", "over", "away", "held", "bad")


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink(image: QImage) -> int:
    """Return how many pixels of an icon are drawn."""
    every = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(1 for x, y in every if image.pixelColor(x, y).alpha() > 100)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_text_is_legible_on_its_ground(theme: Theme) -> None:
    pairs = [
        (text, ground)
        for text in (theme.ink, theme.ink2, theme.ink3)
        for ground in (theme.paper, theme.surface)
    ]
    pairs += [theme.tone(tone) for tone in TONES]
    pairs += [
        (theme.on_accent, theme.accent),
        (theme.accent, theme.surface),
        (theme.accent, theme.accent_soft),
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
    assert contrast(theme.line2, theme.surface) >= 3
    assert all(contrast(colour, theme.surface) >= 3 for colour in theme.contracts)


def test_the_ninth_contract_begins_the_colours_again() -> None:
    assert LIGHT.contract(8) == LIGHT.contract(0)


def test_the_freelancer_s_choice_of_mode_goes_before_the_system_s() -> None:
    assert choose("system", system_dark=True) is DARK
    assert choose("light", system_dark=True) is LIGHT
    assert choose("dark", system_dark=False) is DARK


def test_the_stylesheet_has_every_colour_filled_in() -> None:
    assert "$" not in stylesheet(LIGHT)
    assert LIGHT.paper in stylesheet(LIGHT)


@pytest.mark.usefixtures("qapp")
def test_every_drawing_is_drawn_at_every_size() -> None:
    drawings = sorted((resources() / "icons").glob("*.svg"))
    assert len(drawings) > 40
    for drawing in drawings:
        for size in (16, 22, 32):
            image = icons._render(drawing.stem, "#FF0000", size).toImage()
            assert image.width() == size
            assert ink(image) > size, drawing.name


@pytest.mark.usefixtures("qapp")
def test_the_states_differ_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    for desktop in ("", "GNOME", "KDE"):
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
        shapes = set()
        for state in ("stopped", "tracking", "away"):
            image = icons.tray_icon(state, dark=False).pixmap(22, 22).toImage()
            grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
            shapes.add(bytes(grey.constBits()))
        assert len(shapes) == 3


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("panel", ["#FFFFFF", "#1E2126", "#000000"])
@pytest.mark.parametrize("state", ["stopped", "tracking", "away"])
def test_an_icon_is_seen_on_any_panel_where_its_brightness_is_unknown(
    monkeypatch: pytest.MonkeyPatch, panel: str, state: str
) -> None:
    monkeypatch.delenv("XDG_CURRENT_DESKTOP", raising=False)
    image = icons.tray_icon(state, dark=False).pixmap(22, 22).toImage()
    colours = (image.pixelColor(x, y) for x in range(22) for y in range(22))
    distinct = [c for c in colours if c.alpha() == 255 and contrast(c.name(), panel) >= 3]
    assert len(distinct) > 40


@pytest.mark.usefixtures("qapp")
def test_a_running_contract_s_swatch_has_a_tick() -> None:
    icon = icons.swatch("#009BE6", "#FFFFFF")
    off, on = (icon.pixmap(16, 16, state=state).toImage() for state in (icon.State.Off, icon.State.On))
    assert QColor("#009BE6") in (off.pixelColor(8, 8), on.pixelColor(2, 2))
    assert off != on
