"""What a program and its children cost: memory, processor, wake-ups."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TICKS = os.sysconf("SC_CLK_TCK")
UTIME, CUTIME_END = 11, 15  # of the fields of /proc/PID/stat behind the name: utime, stime, cutime, cstime


@dataclass(frozen=True)
class Tree:
    """The app's process and everything that came from it, with or without the embedded backend."""

    pid: int
    backend: bool = True

    @property
    def memory(self) -> int:
        """Proportional set size in bytes."""
        return 1024 * sum(_pss(pid) for pid in self._pids())

    @property
    def processor(self) -> float:
        """Seconds of processor time so far, with those of children that have ended."""
        return sum(_ticks(pid) for pid in self._pids()) / TICKS

    @property
    def wakeups(self) -> int:
        """Voluntary context switches so far, of all threads that live."""
        return sum(_switches(pid) for pid in self._pids())

    def without_backend(self) -> bool:
        """Say whether no embedded backend runs."""
        return not any(_serves(pid) for pid in Tree(self.pid)._pids())

    def _pids(self) -> Iterator[int]:
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            if self.backend or not _serves(pid):
                yield pid
            with suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())


def _serves(pid: int) -> bool:
    with suppress(OSError):
        return b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _ticks(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[UTIME:CUTIME_END]))
    return 0


def _switches(pid: int) -> int:
    switches = 0
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    switches += int(line.split()[1])
    return switches
