"""Reads what strace saw a program do to the files of a folder, and what it said through its pipes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    "openat,write,pwrite64,lseek,ftruncate,fallocate,fsync,fdatasync,mmap,sendto,"
    "link,linkat,unlink,unlinkat,rename,renameat,renameat2"
)
_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\w+)(?:<(.*)>)?")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_UNFINISHED = " <unfinished ...>"
_FD = re.compile(r"(\d+)<(.*?)>(?:\(deleted\))?(?:, )?(.*)")
_TEXT = re.compile(r'"((?:\\x..)*)"')


@dataclass(frozen=True, slots=True)
class Made:
    """A file has a name, or one more: empty if it is new."""

    file: int
    path: Path


@dataclass(frozen=True, slots=True)
class Gone:
    """A file has lost its name."""

    file: int
    path: Path


@dataclass(frozen=True, slots=True)
class Moved:
    """A file has another name, in the place of any file that had it."""

    file: int
    path: Path
    to: Path


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes went into a file."""

    file: int
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was given a size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """A file, or the names in a folder, are on the disk: all that was done before event `began`."""

    file: int | None
    folder: Path
    began: int


@dataclass(frozen=True, slots=True)
class Shared:
    """A file was mapped into memory: from here on it may hold anything."""

    file: int


@dataclass(frozen=True, slots=True)
class Said:
    """The program told somebody something."""

    text: str


Named = Made | Gone | Moved
Event = Named | Written | Cut | Synced | Shared | Said


def read(trace: Path, folder: Path, before: Mapping[Path, bytes]) -> Iterator[Event]:
    """Return what happened in the folder, each call when it returned; files are numbered as they came."""
    reader = _Reader(folder, {path: number for number, path in enumerate(before)}, len(before))
    reader.sizes = {number: len(data) for number, data in enumerate(before.values())}
    begun: dict[str, tuple[str, int]] = {}  # by thread: a call that another one's came in between of
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in map(str.rstrip, lines):
            resumed = _RESUMED.match(line)
            if line.endswith(_UNFINISHED):
                begun[line.split()[0]] = (line.removesuffix(_UNFINISHED), reader.events)
                continue
            head, began = begun.pop(resumed[1]) if resumed else ("", reader.events)
            call = _CALL.fullmatch(head + resumed[2] if resumed else line)
            if call and not call[4].startswith("-"):
                for event in reader.call(call[2], call[3], call[4], call[5], began):
                    reader.events += 1
                    yield event


@dataclass
class _Reader:
    """Knows which file a name or a descriptor stands for right now."""

    folder: Path
    names: dict[Path, int]
    files: int = 0
    events: int = 0
    sizes: dict[int, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)  # by descriptor, where it writes next
    appending: set[str] = field(default_factory=set)  # descriptors that write at the end

    def call(self, name: str, args: str, result: str, opened: str | None, began: int) -> Iterator[Event]:
        if name == "openat":
            yield from self._open(args, result, Path(_text(opened or "")))
        elif name.startswith("link"):
            old, new = (Path(_text(text)) for text in _TEXT.findall(args))
            if old in self.names:
                self.names[new] = self.names[old]
                yield Made(self.names[new], new)
        elif name.startswith(("unlink", "rename")):
            yield from self._rename(name, [Path(_text(text)) for text in _TEXT.findall(args)])
        elif name == "mmap":
            yield from self._map(args)
        elif descriptor := _FD.fullmatch(args):
            yield from self._use(name, descriptor, result, began)

    def _open(self, args: str, descriptor: str, path: Path) -> Iterator[Event]:
        if not path.is_relative_to(self.folder):
            return
        self.places[descriptor] = 0
        (self.appending.add if "O_APPEND" in args else self.appending.discard)(descriptor)
        if "O_CREAT" in args and path not in self.names:
            self.names[path] = self.files
            self.files += 1
            yield Made(self.names[path], path)
        elif "O_TRUNC" in args and path in self.names:
            yield self._cut(self.names[path], 0)

    def _rename(self, name: str, paths: list[Path]) -> Iterator[Event]:
        file = self.names.pop(paths[0], None)
        if file is None:
            return
        if name.startswith("unlink"):
            yield Gone(file, paths[0])
        else:
            self.names[paths[1]] = file
            yield Moved(file, paths[0], paths[1])

    def _map(self, args: str) -> Iterator[Event]:
        _, _, protection, flags, target, _ = args.split(", ")
        descriptor = _FD.fullmatch(target)
        file = self.names.get(Path(_text(descriptor[2]))) if descriptor else None
        if file is not None and "PROT_WRITE" in protection and "MAP_SHARED" in flags:
            yield Shared(file)

    def _use(self, name: str, descriptor: re.Match[str], result: str, began: int) -> Iterator[Event]:
        number, target, rest = descriptor[1], _text(descriptor[2]), descriptor[3]
        path, count = Path(target), int(result)
        file = self.names.get(path)
        if target.startswith(("pipe:", "socket:")):
            if name in {"write", "sendto"}:
                yield Said(_bytes(rest)[:count].decode(errors="replace"))
        elif name in {"fsync", "fdatasync"} and path.is_relative_to(self.folder):
            if file is not None or path.is_dir():
                yield Synced(file, path if file is None else path.parent, began)
        elif file is None:
            return
        elif name == "lseek":
            self.places[number] = count
        elif name == "pwrite64":
            yield self._write(file, int(rest.rpartition(", ")[2]), _bytes(rest)[:count])
        elif name == "write":
            at = self.sizes.get(file, 0) if number in self.appending else self.places[number]
            self.places[number] = at + count
            yield self._write(file, at, _bytes(rest)[:count])
        elif name == "ftruncate":
            yield self._cut(file, int(rest))
        else:
            raise NotImplementedError(name)

    def _write(self, file: int, at: int, data: bytes) -> Written:
        self.sizes[file] = max(self.sizes.get(file, 0), at + len(data))
        return Written(file, at, data)

    def _cut(self, file: int, size: int) -> Cut:
        self.sizes[file] = size
        return Cut(file, size)


def _text(escaped: str) -> str:
    """Return a name, which strace escapes where it quotes."""
    return bytes.fromhex(escaped.replace("\\x", "")).decode() if escaped.startswith("\\x") else escaped


def _bytes(rest: str) -> bytes:
    found = _TEXT.match(rest)
    return bytes.fromhex(found[1].replace("\\x", "")) if found else b""
