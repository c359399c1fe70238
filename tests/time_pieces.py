"""Time as the model of the time machine knows it: pieces of a run, silence, and the run itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

SECOND, MINUTE, SLOT, HOUR = 1_000, 60_000, 600_000, 3_600_000


@dataclass
class Piece:
    """Time as it must be stored; `input` is when there was any, and how many keys."""

    run: int
    start: int
    end: int
    contract: str
    memo: str
    source: bool
    why: str = ""
    idle: bool = False
    input: list[tuple[int, int]] = field(default_factory=list)

    @property
    def ms(self) -> int:
        return self.end - self.start

    def minutes(self) -> list[tuple[int, int, int, int | None]]:
        """Start, length, active seconds and keys of each minute it touches."""
        return [
            (
                at,
                min(at + MINUTE, self.end) - max(at, self.start),
                len({(when - 1) // SECOND for when, _ in self.input if at < when <= at + MINUTE}),
                sum(keys for when, keys in self.input if at < when <= at + MINUTE) if self.source else None,
            )
            for at in range(self.start // MINUTE * MINUTE, self.end, MINUTE)
        ]

    def cut(self, end: int, why: str) -> Piece:
        return replace(self, end=end, why=why, input=[one for one in self.input if one[0] <= end])

    def next(self, **what: object) -> Piece:
        """The open segment that follows it."""
        return replace(self, start=self.end, input=[], **what)


@dataclass
class Silence:
    """Time without anybody: in question, or (of an announced call) kept without one."""

    run: int
    begin: int
    end: int
    contract: str
    memo: str
    source: bool
    why: str
    call: int | None  # the end of the call that answers it
    ends: int = 0  # where the run stops if nobody comes

    def kept(self, contract: str, memo: str) -> Iterator[Piece]:
        for slot in range(self.begin // SLOT * SLOT, self.end, SLOT) if self.begin < self.end else ():
            start, end = max(slot, self.begin), min(slot + SLOT, self.end)
            why = "slot-end" if end < self.end else self.why
            yield Piece(self.run, start, end, contract, memo, self.source, why, idle=True)


@dataclass
class Run:
    """A run of tracking under way; `open` is its open segment, `away` what is there instead."""

    number: int
    offset: int  # of its timeline against the boot clock
    open: Piece
    limit: int
    source: bool  # whether input is counted now
    heard: int  # when there was input or a command
    again: int  # when counting is tried again, by the clock that is awake
    wait: int = 2 * SECOND  # from then to the time after
    call: int = 0
    away: Silence | None = None

    @property
    def upto(self) -> int:
        return self.away.end if self.away else self.open.end
