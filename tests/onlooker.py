"""Somebody who looks at the reminders now and then, over a desktop and a memory made for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import msgspec
from doubles import NINE
from ui.fake_desk import STOPPED

from tracker.errors import StorageFailed
from tracker.model.slot import MINUTE, SECOND, instant
from tracker.model.week import week_of
from tracker.reminders import Kind
from tracker.reminding import Reminders
from tracker.settings import Settings
from tracker.status import Status, WeekStatus


@dataclass
class Hands:
    """The desktop's word on the last input."""

    idle: int | None = 10 * SECOND
    asked: int = 0

    def idle_ms(self) -> int | None:
        self.asked += 1
        return self.idle

    def close(self) -> None:
        self.idle = None


@dataclass
class Memory:
    """A home's memory, on a disk that may be full."""

    kept: dict[str, str] = field(default_factory=dict)
    full: bool = False
    writes: int = 0

    def reminded(self) -> dict[str, str]:
        return dict(self.kept)

    def remember_reminded(self, reminded: Any) -> None:
        if self.full:
            raise StorageFailed("The disk is full.")
        self.writes += 1
        self.kept = dict(reminded)


@dataclass
class Onlooker:
    """Somebody who looks now and then."""

    memory: Any = field(default_factory=Memory)
    hands: Hands | None = field(default_factory=Hands)
    settings: Settings = field(default_factory=Settings)
    status: Status = STOPPED
    entries: list[Any] = field(default_factory=list)
    now: int = NINE

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.reminders = Reminders(self.memory, lambda: self.entries, self.hands, UTC)

    def is_(self, **changes: Any) -> None:
        self.status = msgspec.structs.replace(self.status, **changes)

    def tracks(self, session_ms: int = 0, *, memo: str = "Plans", contract: str = "c01", **more: Any) -> None:
        self.is_(state="tracking", contract=contract, memo=memo, session_ms=session_ms, **more)

    def used(self, ms: int, limit_ms: int | None) -> None:
        self.is_(week=WeekStatus(instant(week_of(self.now)), ms, limit_ms))

    def stops(self) -> None:
        self.is_(state="stopped", contract=None, memo="")

    def look(self, after: int = 0) -> list[tuple[Kind, bool]]:
        """Let time pass and look: what stands, and whether it is new."""
        self.now += after
        self.reminders.look(self.status, self.settings, self.now)
        return [(one.kind, one.new) for one in self.reminders.standing]

    def kinds(self, after: int = 0) -> list[Kind]:
        return [kind for kind, _ in self.look(after)]

    def looks(self, minutes: int) -> list[list[Kind]]:
        """Look each minute."""
        return [self.kinds(MINUTE) for _ in range(minutes)]
