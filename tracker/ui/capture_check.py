"""The capture check: what would be recorded here, seen before anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tracker.ui.buttons import button
from tracker.ui.findings import Findings
from tracker.ui.labels import Wrapped, label
from tracker.ui.thumbnails import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QImage, QShowEvent

    from tracker.capture.photographer import ShotResult
    from tracker.doctor import Finding
    from tracker.errors import TrackerError
    from tracker.rehearsal import Heard
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_TITLE = "See what is recorded, before\N{NO-BREAK SPACE}anything\N{NO-BREAK SPACE}is"
_BEFORE = (
    "How often you use keys, mouse and wheel, never which key.",
    "A shot of your screen at a random moment of each ten minutes. You see it first, and can take it back.",
    "What you say you do: the memo.",
    "Nothing at all while tracking is stopped.",
)
_NOW = "Type, click and scroll a little. Nothing of this is kept, or leaves this computer."
_SECOND = 1_000  # ms
_WIDTH = 140  # points, of the test shot
_HEIGHT = 88


class CaptureCheck(QWidget):
    """Says what is recorded; once asked, shows it: a test shot, live counts, and how all stands here."""

    closer = Signal()  # the test shot, in its size
    looked = Signal()  # there is something to see

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._bridge = bridge
        self._counting = False  # whether it has begun
        self._waiting = False  # for an answer
        self._abroad = False  # the freelancer was sent to the system's settings
        self._second = QTimer(self, interval=_SECOND)
        self._second.timeout.connect(self._count)
        self._text = Wrapped("While you track, this is recorded:", "second")
        self._before = _list(_BEFORE)
        self._sight, self._findings = _Sight(), Findings(theme)
        self._sight.closer.connect(self.closer)
        self._findings.deciding.connect(self._decide)
        self._findings.allowing.connect(self._allow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Wrapped(_TITLE, "title"))
        column.addWidget(self._text)
        column.addWidget(self._before)
        column.addWidget(self._sight)
        column.addWidget(self._findings, 1)
        self._stretch = QWidget()
        column.addWidget(self._stretch, 1)
        self._turn(seen=False)

    def look(self) -> None:
        """Take a test shot, count, and try what else is needed; nothing of it is kept."""
        self._counting = True
        self._bridge.after(self._desk.examine(), self._show_findings, self._fail)
        self._bridge.after(self._desk.try_shot(), self._show_shot, self._show_refusal)
        self._watch()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Go on counting."""
        super().showEvent(event)
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Count only for who looks."""
        super().hideEvent(event)
        self._watch()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Look again when the freelancer comes back from the system's settings."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self._abroad and self.isActiveWindow():
            self._abroad = False
            self.look()

    def _watch(self) -> None:
        if self._counting and self.isVisible():
            self._second.start()
            self._count()
        elif self._second.isActive():
            self._second.stop()
            self._desk.end_rehearsal()

    def _count(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._bridge.after(self._desk.rehearse(), self._show_counts, self._count_no_more)

    def _show_counts(self, heard: Heard) -> None:
        self._waiting = False
        self._sight.show_counts(heard)
        if not self._second.isActive():  # the answer came after the end
            self._desk.end_rehearsal()

    def _count_no_more(self, _error: TrackerError) -> None:
        """Be silent: that nothing counts is among the findings."""
        self._waiting = False
        self._second.stop()

    def _show_findings(self, found: Sequence[Finding]) -> None:
        self._findings.show_findings(found)
        self._turn(seen=True)
        self.looked.emit()

    def _fail(self, error: TrackerError) -> None:
        self._bridge.failed.emit(error)
        self.looked.emit()

    def _show_shot(self, taken: ShotResult) -> None:
        if taken.reason:
            self._sight.show_refusal(taken.reason)
            return
        count, picture = len(taken.pictures), taken.pictures[0]
        self._sight.show_facts(count)
        width = round(_WIDTH * self.devicePixelRatioF())
        decode(self._bridge, picture.data, width, self._sight.show_image)

    def _show_refusal(self, error: TrackerError) -> None:
        self._sight.show_refusal(error.title)

    def _decide(self, name: str, value: str) -> None:
        self._bridge.after(self._desk.change_setting(name, value), lambda _settings: self.look())

    def _allow(self) -> None:
        from tracker.capture import permissions  # noqa: PLC0415  # only macOS has such

        self._abroad = True
        permissions.SCREEN.ask_user()
        _browse(permissions.SCREEN.page)

    def _turn(self, *, seen: bool) -> None:
        if seen:
            self._text.say(
                "Type, click and scroll a little. Nothing of this is kept, or leaves this computer."
            )
        for part, shown in ((self._before, not seen), (self._stretch, not seen), (self._sight, seen)):
            part.setVisible(shown)
        self._findings.setVisible(seen)


class _Sight(QFrame):
    """What is seen: the test shot at the left, the counts at the right."""

    closer = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._image = QLabel()
        self._image.setFixedSize(_WIDTH, _HEIGHT)
        self._image.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._image.setAccessibleName("The test shot")
        self._figures = [(label("", "figure"), label(name, "meta")) for name in ("keys", "clicks", "scrolls")]
        self._said = Wrapped("", "meta")
        self._closer = button("Look closer", "quiet")
        self._closer.clicked.connect(self.closer)
        self._closer.hide()
        counts = QHBoxLayout()
        for figure, name in self._figures:
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(figure)
            pair.addWidget(name)
            counts.addLayout(pair, 1)
        facts = QVBoxLayout()
        facts.setSpacing(6)
        facts.addLayout(counts)
        facts.addWidget(self._said)
        facts.addStretch()
        facts.addWidget(self._closer, alignment=Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(self._image, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(facts, 1)

    def show_counts(self, heard: Heard) -> None:
        """Show what was counted, or for how many seconds there was input where no more is told."""
        if heard.keys is None:
            first, *others = self._figures
            first[0].setText(str(heard.active))
            first[1].setText("active seconds")
            for figure, name in others:
                figure.hide()
                name.hide()
            return
        for (figure, _name), number in zip(self._figures, heard[:3], strict=True):
            figure.setText(str(number))

    def show_facts(self, monitors: int) -> None:
        """Say of which monitors the test shot is."""
        of = f", monitor 1 of {monitors}" if monitors > 1 else ""
        self._said.say(f"How many, never which. On the left a test shot{of}.")
        self._image.show()
        self._closer.show()

    def show_refusal(self, reason: str) -> None:
        """Say why there is no test shot."""
        self._said.say(f"No test shot: {reason}")
        self._image.hide()
        self._closer.hide()

    def show_image(self, image: QImage) -> None:
        """Show the test shot, decoded."""
        pixels = QPixmap.fromImage(image)
        pixels.setDevicePixelRatio(max(1.0, image.width() / _WIDTH))
        self._image.setPixmap(pixels)
        self._image.setFixedHeight(min(_HEIGHT, round(image.height() / pixels.devicePixelRatio())))


def _list(lines: Sequence[str]) -> QFrame:
    """Return a card with these lines, each set off from the next."""
    card = QFrame()
    card.setProperty("kind", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 12, 12, 12)
    column.setSpacing(10)
    for line in lines:
        column.addWidget(Wrapped(line))
    return card


def _browse(page: str) -> None:
    from PySide6.QtCore import QUrl  # noqa: PLC0415  # as above
    from PySide6.QtGui import QDesktopServices  # noqa: PLC0415  # as above

    QDesktopServices.openUrl(QUrl(page))
