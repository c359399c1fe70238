"""Everything the freelancer can do from anywhere: one action each, shared by tray menu and window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from tracker.model.segment import ShotState
from tracker.ui import away_texts, shot_texts
from tracker.ui.icons import line_icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.status import Status

# A desktop's own menu may be light or dark whatever the window is: this grey is legible on both.
_ICON = "#808A99"


class Actions(QObject):
    """The commands with their words, icons and keys; `refresh` enables those that apply."""

    def __init__(self) -> None:
        super().__init__()
        self.begin = self._action("Start", "play")
        self.stop = self._action("Stop", "stop", "Ctrl+S")
        self.memo = self._action("Change memo…", "pencil", "Ctrl+M")
        self.answer = self._action("Answer…", "question")
        self.pause = self._action("", "eye-off")
        self.trial = self._action("Try a shot…", "screen")
        self.withhold = self._action("Withhold this shot", "eye-off")
        self.blur = self._action("Blur this shot", "drop")
        self.discard = self._action("Discard it with its time…", "close")
        self.diary = self._action("Open Work Diary", "book")
        self.window = self._action("Show window", "window")
        self.preferences = self._action("Preferences…", "gear")
        self.quit = self._action("Quit", "close")

    def refresh(self, status: Status, contracts: Sequence[Contract]) -> None:
        """Offer what applies now: stop what runs, resume what is paused, or start what was tracked last."""
        running = status.state != "stopped"
        begin, answer = away_texts.beginning(status, contracts), away_texts.answer_line(status)
        self.stop.setVisible(running)
        self.stop.setEnabled(running)
        self.memo.setEnabled(running)
        self.begin.setVisible(status.state != "tracking" and bool(begin))
        self.begin.setText(plain(begin))
        self.answer.setVisible(bool(answer))
        self.answer.setText(plain(answer))
        self.pause.setVisible(status.state == "tracking")
        self.pause.setText(shot_texts.pause_line(status))
        shown = shot_texts.shown_shot(status)
        self.withhold.setEnabled(shown is not None)
        self.blur.setEnabled(shown is not None and status.shot.state is not ShotState.BLURRED)
        self.discard.setEnabled(shown is not None)
        self.quit.setText("Quit…" if running else "Quit")

    def _action(self, text: str, icon: str, key: str = "") -> QAction:
        action = QAction(line_icon(icon, _ICON), text, self)
        action.setShortcut(QKeySequence(key))
        return action


def plain(text: str) -> str:
    """Return a text in which an ampersand stays one, as menus and buttons need it."""
    return text.replace("&", "&&")
