"""The away question on a real display and over a real bus, asked while somebody types elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sni
from ui.child import Child, child
from waiting import until
from xembed import Eyes, Place
from Xlib import X
from Xlib.display import Display

from tracker.ui.theme import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hands import Hands

TITLE = "Away — Hourproof"
FOOT = 64  # px, where the buttons are
CARD, CHOSEN, QUESTION = LIGHT.line, LIGHT.accent, LIGHT.away


class Editor:
    """A program of somebody else's that has the keyboard."""

    def __init__(self, display: str) -> None:
        self._display = Display(display)
        screen = self._display.screen()
        self._window = screen.root.create_window(
            40, 40, 300, 200, 0, screen.root_depth, event_mask=X.KeyPressMask
        )
        self._window.map()
        self._display.sync()

    @property
    def focused(self) -> bool:
        self._display.sync()
        return bool(self._display.get_input_focus().focus == self._window)

    def take(self, hands: Hands) -> None:
        """Click into it, wherever the window manager has put it, until it has the keyboard."""

        def clicked() -> bool:
            corner = self._display.screen().root.translate_coords(self._window, 20, 20)
            hands.move(corner.x, corner.y)
            hands.click()
            return self.focused

        until(clicked, "the editor to have the keyboard")

    def typed(self) -> int:
        """Return how many keys have arrived since it was asked last."""
        self._display.sync()
        events = [self._display.next_event() for _ in range(self._display.pending_events())]
        return sum(1 for event in events if event.type == X.KeyPress)

    def close(self) -> None:
        self._display.close()


@pytest.fixture
def eyes(display: str) -> Iterator[Eyes]:
    eyes = Eyes(display)
    yield eyes
    eyes.close()


@pytest.fixture
def editor(display: str, window_manager: None) -> Iterator[Editor]:  # noqa: ARG001  # it frames windows
    editor = Editor(display)
    yield editor
    editor.close()


def asked(eyes: Eyes) -> Place:
    return until(lambda: eyes.window(TITLE), "the question")


def click(eyes: Eyes, hands: Hands, colour: str, *, foot: bool = False) -> None:
    """Click just below where this colour is first seen in the dialog, or in its foot."""
    place = asked(eyes)
    if foot:
        place = Place(place.x, place.y + place.height - FOOT, place.width, FOOT)
    x, y = until(lambda: eyes.find(colour, place), f"{colour} in the question")
    hands.move(x + 6, y + 6)
    hands.click()


@pytest.mark.usefixtures("tray_host")
def test_it_takes_no_key_from_what_is_being_typed_and_is_answered_by_clicking(
    tmp_path: Path, display: str, editor: Editor, eyes: Eyes, hands: Hands
) -> None:
    with child(tmp_path, "3", "--minimized", DISPLAY=display) as app:
        until(eyes.icon, "the icon")
        editor.take(hands)
        app.tell("away")
        app.tell("back")
        place = asked(eyes)
        editor.typed()
        hands.press("a", "b", "Return")
        assert editor.focused
        assert until(editor.typed, "the keys") == 3
        assert app.asked == []
        assert place.x + place.width <= 1280
        assert place.y + place.height <= 800
        click(eyes, hands, CARD)  # the first one
        click(eyes, hands, CHOSEN, foot=True)  # the button that can be pressed now
        until(lambda: app.asked == ["answer q1 keep"], "the answer")
        until(lambda: eyes.window(TITLE) is None, "the question to go")


@pytest.mark.usefixtures("tray_host")
def test_escape_leaves_it_open_for_the_tray_s_menu(
    tmp_path: Path, display: str, editor: Editor, eyes: Eyes, hands: Hands
) -> None:
    with child(tmp_path, "3", "--minimized", DISPLAY=display) as app:
        until(eyes.icon, "the icon")
        editor.take(hands)
        app.tell("back")
        asked(eyes)
        click(eyes, hands, QUESTION)
        until(lambda: not editor.focused, "the question to have the keyboard")
        hands.press("Escape")
        until(lambda: eyes.window(TITLE) is None, "the question to go")
        app.tell("away")
        app.tell("back")
        app.tell("raise")
        until(lambda: eyes.window("Hourproof"), "the window")
        assert eyes.window(TITLE) is None
        assert app.asked == []


@pytest.fixture
def panel(session_bus: str) -> Iterator[sni.Panel]:
    with sni.panel(session_bus) as panel:
        yield panel


@pytest.fixture
def app(tmp_path: Path, display: str, session_bus: str, panel: sni.Panel) -> Iterator[Child]:
    with child(tmp_path, "3", "--minimized", DISPLAY=display, DBUS_SESSION_BUS_ADDRESS=session_bus) as app:
        until(panel.icons, "the icon")
        yield app


def labels(panel: sni.Panel) -> list[str]:
    return [entry.label for entry in panel.menu() if entry.visible and entry.label]


def test_the_menu_opens_the_question(panel: sni.Panel, app: Child, eyes: Eyes) -> None:
    app.tell("away")
    until(lambda: "Resume Northbeam" in labels(panel), "what is paused")
    app.tell("back")
    until(lambda: "Answer: 17 min 08 s away…" in labels(panel), "the line")
    panel.choose("Answer: 17 min 08 s away…")
    assert asked(eyes)


def test_the_menu_takes_a_call_and_its_end(panel: sni.Panel, app: Child) -> None:
    app.tell("begin c00")
    until(lambda: "In a call until…" in labels(panel), "the submenu")
    panel.choose("30 min")
    until(lambda: app.asked[1:] == ["call 2026-11-19T09:37:00.000Z"], "the call")
    until(lambda: any(one.startswith("In a call until ") for one in labels(panel)), "its time")
    panel.choose("End call")
    until(lambda: app.asked[2:] == ["call"], "its end")


def test_the_menu_resumes_what_stopped_by_itself(panel: sni.Panel, app: Child) -> None:
    app.tell("lost")
    until(lambda: "Resume Northbeam" in labels(panel), "the offer")
    panel.choose("Resume Northbeam")
    until(lambda: app.asked == ["resume"], "the run to go on")
