"""Hand-written doubles for the edges: the clock, and faults."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from tracker.clock import Reading

NINE = 1_795_078_800_000  # Thursday 2026-11-19 09:00:00 UTC


@dataclass
class FakeClock:
    """Time that passes when told; waiting passes it too."""

    wall: int = NINE
    boot: int = 5_000_000
    awake: int = 4_000_000
    waits: list[float] = field(default_factory=list)

    def now(self) -> Reading:
        return Reading(self.wall, self.boot, self.awake)

    def wait(self, nudge: threading.Event, seconds: float) -> bool:
        self.waits.append(seconds)
        self.advance(max(0, round(seconds * 1000)))
        return nudge.is_set()

    def advance(self, ms: int) -> None:
        self.sleep(ms)
        self.awake += ms

    def sleep(self, ms: int) -> None:
        """Be suspended for so long."""
        self.wall += ms
        self.boot += ms


@dataclass
class FakeSecrets:
    """A keyring in memory."""

    kept: dict[str, str] = field(default_factory=dict)
    warning: str = ""

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def set(self, name: str, value: str) -> None:
        self.kept[name] = value

    def set_all(self, values: dict[str, str]) -> None:
        self.kept |= values

    def delete(self, *names: str) -> None:
        for name in names:
            self.kept.pop(name, None)
