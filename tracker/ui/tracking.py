"""What is seen while tracking: contract and memo, this slot by the minute, its shot, the week, and Stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tracker.model.slot import MINUTE, parse_instant
from tracker.ui import status as say
from tracker.ui.amounts import minute_names, slot_range, spell, spell_limit
from tracker.ui.buttons import button
from tracker.ui.labels import Mark, Tag, Wrapped, label
from tracker.ui.meter import LevelBars, SlotMeter, WeekBar
from tracker.ui.shot import ShotCard
from tracker.ui.work_card import WorkCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.status import SlotStatus, Status
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_SHIELDS = {"ok": "shield-ok", "part": "shield-part", "no": "shield-no"}


class Tracking(QWidget):
    """The running work; nothing in it moves while time passes."""

    stopping = Signal()
    switching = Signal()
    memo = Signal()

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._work = WorkCard(theme)
        self._slot = _SlotCard(theme)
        self.shot = ShotCard(desk, bridge, theme)
        self._week = _Week(theme)
        stop = button("Stop", "primary", icon=("stop", theme.on_accent))
        stop.clicked.connect(self.stopping)
        self._work.switching.connect(self.switching)
        self._work.memo.connect(self.memo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._work, self._slot, self.shot):
            column.addWidget(part)
        column.addSpacing(4)
        column.addWidget(self._week)
        column.addStretch()
        column.addSpacing(4)
        column.addWidget(stop)

    def refresh(self, status: Status, contracts: Sequence[Contract]) -> None:
        """Show this state."""
        contract = next((one for one in contracts if one.id == status.contract), None)
        place = say.colours(contracts).get(status.contract or "", 0)
        name = say.running_name(status, contracts)
        self._work.refresh(status, name, contract, place)
        policy = say.policy_of(status.contract, contracts)
        if status.slot is not None:
            under_way = (self._desk.now() - parse_instant(status.slot.start)) // MINUTE
            self._slot.refresh(status.slot, under_way, policy.min_level)
            self._slot.advise(say.advice(status, policy))
        self.shot.refresh(status)
        self._week.refresh(status, place)


class _SlotCard(QFrame):
    """The slot under way: how it stands, its minutes, level and counts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._range, self._verdict = label(role="strong"), Tag(theme)
        self._meter, self._bars = SlotMeter(theme), LevelBars(theme)
        self._level, self._of = label(role="figure"), label("of 10", "meta")
        self._advice = Wrapped(role="meta")
        self._counts = [
            (Mark(icon, theme.ink3), label(role="second"), name)
            for icon, name in (("keyboard", "keys"), ("mouse", "clicks"), ("scroll", "scrolls"))
        ]
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._range)
        head.addStretch()
        head.addWidget(self._verdict)
        foot.setSpacing(6)
        for part in (self._bars, self._level, self._of):
            foot.addWidget(part)
        foot.addStretch()
        for mark, number, _ in self._counts:
            foot.addSpacing(8)
            foot.addWidget(mark)
            foot.addWidget(number)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 11, 12, 11)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._meter)
        column.addLayout(foot)
        column.addWidget(self._advice)

    def refresh(self, slot: SlotStatus, under_way: int, minimum: int) -> None:
        """Show how this slot stands."""
        self._range.setText(slot_range(slot.start))
        stands = say.verdict(slot)
        self._verdict.show_word(stands.text, _SHIELDS[stands.tone], stands.tone)
        self._meter.show_minutes(slot.minutes, minute_names(slot.start), under_way)
        self._bars.show_level(slot.level, minimum)
        self._bars.setVisible(slot.level is not None)
        self._level.setText("Level unknown" if slot.level is None else str(slot.level))
        self._of.setVisible(slot.level is not None)
        for (mark, number, name), count in zip(
            self._counts, (slot.keys, slot.clicks, slot.scrolls), strict=True
        ):
            mark.setVisible(count is not None)
            number.setVisible(count is not None)
            number.setText(f"{count or 0:,}")
            number.setAccessibleName(f"{count or 0} {name}")
            number.setToolTip(f"{count or 0} {name} in this slot")

    def advise(self, advice: str) -> None:
        """Say what would protect the slot."""
        self._advice.say(advice)  # always a line at least: nothing moves when it comes or goes


class _Week(QWidget):
    """This week, against the limit where there is one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._spent, self._of, self._bar = label(role="figure"), label(role="meta"), WeekBar(theme)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label("This week", "second"))
        row.addStretch()
        row.addWidget(self._spent)
        row.addWidget(self._of)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def refresh(self, status: Status, place: int) -> None:
        """Show the week of the running contract."""
        week = status.week
        self._spent.setText(spell(week.ms))
        self._of.setText("no limit" if week.limit_ms is None else f"of {spell_limit(week.limit_ms)}")
        self._bar.setVisible(week.limit_ms is not None)
        if week.limit_ms is not None:
            self._bar.show_share(week.ms, week.limit_ms, self._theme.contract(place))
