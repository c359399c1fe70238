"""What the doctor has found, each capability with its state, why, and what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from tracker.ui.buttons import button
from tracker.ui.labels import Mark, Wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.doctor import Finding
    from tracker.ui.theme import Theme

_NAMES = {
    "input": "Counts",
    "screen": "Shots",
    "windows": "Privacy rules",
    "idle": "Silence",
    "lock": "Screen lock",
    "sleep": "Sleep",
    "tray": "Tray",
    "keyring": "Keyring",
    "network": "Server",
    "clock": "Clock",
    "disk": "Disk",
}
_MARKS = {"works": "check", "limited": "warning", "missing": "close"}
_TONES = {"works": "ok", "limited": "part", "missing": "no"}
_ORDER = tuple(_NAMES)
_BLIND = {"missing": ("Take shots all the same", "true"), "limited": ("Withhold shots again", "false")}


class Findings(QScrollArea):
    """The list, what lacks something first; where a decision mends it, the decision stands beside it."""

    deciding = Signal(str, str)  # a setting and its new value
    allowing = Signal()  # what macOS lets nobody do unasked

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "card")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the arrow keys scroll it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What works here")

    def show_findings(self, found: Sequence[Finding]) -> None:
        """Show these in place of what was shown."""
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for place, finding in enumerate(sorted(found, key=_weight)):
            if place:
                rule = QFrame()
                rule.setProperty("kind", "rule")
                column.addWidget(rule)
            column.addWidget(self._row(finding))
        column.addStretch()
        self.setWidget(rows)

    def _row(self, finding: Finding) -> QWidget:
        row = QWidget()
        row.setAccessibleName(line(finding))
        mark = Mark(_MARKS[finding.state], self._theme.tone(_TONES[finding.state])[0])
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Wrapped(title(finding), "strong"))
        for text in filter(None, (finding.why, finding.advice)):
            words.addWidget(Wrapped(text, "second"))
        if finding.capability == "windows" and finding.state in _BLIND:
            name, value = _BLIND[finding.state]
            decide = button(name, "plain")
            decide.clicked.connect(lambda: self.deciding.emit("shots_without_rules", value))
            words.addWidget(decide, alignment=Qt.AlignmentFlag.AlignLeft)
        if sys.platform == "darwin" and finding.capability == "screen" and finding.state == "missing":
            allow = button("Open System Settings", "plain")
            allow.clicked.connect(self.allowing)
            words.addWidget(allow, alignment=Qt.AlignmentFlag.AlignLeft)
        line_up = QHBoxLayout(row)
        line_up.setContentsMargins(12, 10, 12, 10)
        line_up.setSpacing(12)
        line_up.addWidget(mark, alignment=Qt.AlignmentFlag.AlignTop)
        line_up.addLayout(words, 1)
        return row


def title(finding: Finding) -> str:
    """Return what a capability is called, and its state where it does not simply work."""
    name = _NAMES.get(finding.capability, finding.capability)
    return name if finding.state == "works" else f"{name}: {finding.state}"


def line(finding: Finding) -> str:
    """Return all that is found about a capability, as a screen reader says it."""
    name = _NAMES.get(finding.capability, finding.capability)
    return f"{name}: {finding.state}. {finding.why} {finding.advice}".strip()


def _weight(finding: Finding) -> tuple[bool, int]:
    known = _ORDER.index(finding.capability) if finding.capability in _ORDER else len(_ORDER)
    return finding.state == "works", known
