"""A power cut at any moment: a program's writes are recorded, and every disk they may leave is made.

What was synced is on the disk. Of the rest there may be any part, in any order, sector by sector; names alone
(made, gone, moved) come in their order, as every journalled file system keeps them, and a file that is synced
has its name. A file that is mapped and shared holds anything at all. A program opens its files by absolute
paths, and nobody else writes into its folder.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

from desktop import environment
from strace import CALLS, Cut, Event, Gone, Made, Moved, Named, Said, Shared, Synced, Written, read

_SEED = 13
SECTOR = 512  # of this many bytes a disk writes all or nothing


class Kind(Enum):
    """What a cut leaves of what was on its way."""

    NOTHING = auto()
    ALL = auto()
    TORN = auto()  # all but the end of the last
    SOME = auto()  # any of it


EACH = (Kind.NOTHING, Kind.ALL, Kind.TORN, Kind.SOME, Kind.SOME, Kind.SOME)


@dataclass(frozen=True, slots=True)
class Cutting:
    """One power cut: what the program had said before it, and the files it leaves."""

    point: int
    kind: Kind
    said: str
    files: dict[str, bytes]

    def lay(self, folder: Path) -> None:
        """Put the files into an empty folder."""
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@dataclass(frozen=True, slots=True)
class Recording:
    """What a program did to a folder and what it said, in order; and what lay there before."""

    folder: Path
    before: dict[Path, bytes]
    events: tuple[Event, ...]

    def cuts(self, chance: Random, at_most: int | None = None) -> Iterator[Cutting]:
        """Make every cut, or so many of them: the last moment before each sync is always among them."""
        chosen = set(self._chosen(chance, at_most))
        said = list(accumulate((e.text if isinstance(e, Said) else "" for e in self.events), initial=""))
        disk = _Disk.holding(self.before)
        for point in range(len(self.events) + 1):
            for number, kind in enumerate(EACH):
                if (point, number) in chosen:
                    files = disk.left(kind, chance)
                    inside = {str(path.relative_to(self.folder)): data for path, data in files.items()}
                    yield Cutting(point, kind, said[point], inside)
            if point < len(self.events):
                disk.take(point, self.events[point])

    def replay(self, room: Path, start: Callable[[Cutting], None], at_most: int | None = None) -> int:
        """Start again after each cut, in a room that holds what it leaves; return how many cuts that were."""
        cuts = 0
        for cutting in self.cuts(Random(_SEED), at_most):
            cuts += 1
            room.mkdir()
            cutting.lay(room)
            try:
                start(cutting)
            except BaseException as error:
                error.add_note(f"after a cut before event {cutting.point} that leaves {cutting.kind.name}")
                raise
            shutil.rmtree(room)
        return cuts

    def _chosen(self, chance: Random, at_most: int | None) -> list[tuple[int, int]]:
        """Return (point, number of the kind); what is only said changes no disk."""
        points = [n for n, event in enumerate((*self.events, None)) if not isinstance(event, Said)]
        every = [(point, number) for point in points for number in range(len(EACH))]
        if at_most is None or len(every) <= at_most:
            return every
        last = {(n, 0) for n, event in enumerate(self.events) if isinstance(event, Synced)}
        others = [one for one in every if one not in last]
        return [*last, *chance.sample(others, max(0, at_most - len(last)))]


def record(command: Sequence[str], folder: Path, trace: Path, **settings: str) -> Recording:
    """Let a program run to its end on a folder, and return what it did there; it must not fail."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    strace = ["strace", "-f", "-y", "-xx", "-s", "100000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    done = subprocess.run(
        [*strace, *command], env=environment(**settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Recording(folder, before, tuple(read(trace, folder, before)))


@dataclass
class _Disk:
    """What is on the disk for sure, and what is on its way there."""

    files: dict[int, bytes]
    names: dict[Path, int]
    on_their_way: dict[int, Written | Cut] = field(default_factory=dict)  # by the number of the event
    renaming: dict[int, Named] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)

    @classmethod
    def holding(cls, before: dict[Path, bytes]) -> _Disk:
        return cls(dict(enumerate(before.values())), {path: file for file, path in enumerate(before)})

    def take(self, number: int, event: Event) -> None:
        """Let an event happen."""
        match event:
            case Written() | Cut():
                self.on_their_way[number] = event
            case Made() | Gone() | Moved():
                self.renaming[number] = event
            case Synced(file=None, folder=folder, began=began):
                self._name(
                    n for n, event in self.renaming.items() if n < began and event.path.parent == folder
                )
            case Synced(file=int(file), began=began):
                for n in [n for n, op in self.on_their_way.items() if op.file == file and n < began]:
                    _apply(self.files, self.on_their_way.pop(n))
                self._name(n for n, op in self.renaming.items() if n < began and op.file == file)
            case Shared(file):
                self.shared.add(file)
            case Said():
                pass

    def left(self, kind: Kind, chance: Random) -> dict[Path, bytes]:
        """Return the files that a cut of this kind leaves at this moment."""
        names, files = dict(self.names), dict(self.files)
        renaming, writes = list(self.renaming.values()), list(self.on_their_way.values())
        if kind is Kind.NOTHING:
            renaming, writes = [], []
        elif kind is Kind.TORN:
            writes = [*writes[:-1], *_torn(writes[-1:], chance)]
        elif kind is Kind.SOME:
            renaming = renaming[: chance.randint(0, len(renaming))]
            writes = _some(writes, chance)
        for event in renaming:
            _rename(names, event)
        for write in writes:
            _apply(files, write)
        for file in self.shared & files.keys():
            files[file] = chance.randbytes(len(files[file]))
        return {path: files.get(file, b"") for path, file in names.items()}

    def _name(self, numbers: Iterator[int]) -> None:
        """Have names on the disk up to the last of these events."""
        last = max(numbers, default=-1)
        for n in [n for n in self.renaming if n <= last]:
            _rename(self.names, self.renaming.pop(n))


def _rename(names: dict[Path, int], event: Named) -> None:
    match event:
        case Made(file, path):
            names[path] = file
        case Gone(_, path):
            names.pop(path, None)
        case Moved(file, path, to):
            names.pop(path, None)
            names[to] = file


def _apply(files: dict[int, bytes], write: Written | Cut) -> None:
    data = files.get(write.file, b"")
    if isinstance(write, Cut):
        files[write.file] = data[: write.size].ljust(write.size, b"\0")
    else:
        end = write.at + len(write.data)
        files[write.file] = data[: write.at].ljust(write.at, b"\0") + write.data + data[end:]


def _torn(writes: Sequence[Written | Cut], chance: Random) -> list[Written | Cut]:
    """Return writes without what comes after a random byte of each."""
    return [
        replace(write, data=write.data[: chance.randrange(len(write.data))])
        if isinstance(write, Written) and write.data
        else write
        for write in writes
    ]


def _some(writes: Sequence[Written | Cut], chance: Random) -> list[Written | Cut]:
    """Return any of the writes, some of them with only some of their sectors."""
    share = chance.choice((0.2, 0.5, 0.8, 0.95))
    kept: list[Written | Cut] = []
    for write in writes:
        if chance.random() < share:
            kept.append(write)
        elif isinstance(write, Written) and chance.random() < share:
            kept += [sector for sector in _sectors(write) if chance.random() < share]
    return kept


def _sectors(write: Written) -> Iterator[Written]:
    first = SECTOR - write.at % SECTOR
    edges = [0, *range(first, len(write.data), SECTOR), len(write.data)]
    for begin, end in pairwise(edges):
        yield replace(write, at=write.at + begin, data=write.data[begin:end])
