"""A ZIP in one form only: the same members are the same bytes, so every byte of it can be checked."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBER_MAX = 67_108_864  # bytes
MEMBERS_MAX = 65_535
_FILE_MAX = 2**32 - 1
_NAME_MAX = 200
_LOCAL = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _UNIX, _FIRST_DAY = 20, 3 << 8, 0x21  # stored as it is, by no clock: 1 January 1980
_READABLE = 0o100644 << 16
CONTENTS = "the ZIP's list of contents"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not as it was written, and how that shows."""

    what: str
    why: str


class NotReadable(Exception):
    """The archive's members cannot even be found."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.what}: {fault.why}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    offset: int
    size: int
    crc: int

    @property
    def header(self) -> bytes:
        name = self.name.encode()
        facts = (b"PK\3\4", _VERSION, 0, 0, 0, _FIRST_DAY, self.crc, self.size, self.size, len(name), 0)
        return _LOCAL.pack(*facts) + name

    @property
    def entry(self) -> bytes:
        name = self.name.encode()
        head = (b"PK\1\2", _UNIX | _VERSION, _VERSION, 0, 0, 0, _FIRST_DAY, self.crc, self.size, self.size)
        return _ENTRY.pack(*head, len(name), 0, 0, 0, 0, _READABLE, self.offset) + name

    @property
    def begin(self) -> int:
        """Where its content begins."""
        return self.offset + _LOCAL.size + len(self.name.encode())

    @property
    def end(self) -> int:
        return self.begin + self.size


class Writer:
    """Writes members one after the other, each as it is, then what is known of them, then a comment."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[_Member] = []

    def add(self, name: str, data: bytes) -> None:
        """Write a member."""
        offset = self._members[-1].end if self._members else 0
        member = _Member(name, offset, len(data), zlib.crc32(data))
        if len(data) > MEMBER_MAX or len(self._members) >= MEMBERS_MAX or member.end > _FILE_MAX // 2:
            raise ValueError("there is more than an archive holds")
        self._file.write(member.header)
        self._file.write(data)
        self._members.append(member)

    def finish(self, comment: bytes) -> None:
        """Write the list of contents and the comment behind it."""
        entries = b"".join(member.entry for member in self._members)
        begin = self._members[-1].end if self._members else 0
        self._file.write(entries + _end(len(self._members), len(entries), begin, len(comment)) + comment)


class Archive:
    """An archive of this form with a comment of a known length; raises NotReadable where it is none.

    Nothing is ever unpacked to the disk, and what is read is never larger than the file.
    """

    def __init__(self, file: BinaryIO, comment_length: int) -> None:
        self._file = file
        size = file.seek(0, os.SEEK_END)
        at = size - _END.size - comment_length
        if at < 0 or size > _FILE_MAX:
            raise NotReadable(Fault("the ZIP", "it is cut off, or was never one of Hourproof's"))
        end = self._at(at, _END.size)
        _, _, _, number, _, length, begin, _ = _END.unpack(end)
        if end != _end(number, length, begin, comment_length) or begin + length != at:
            raise NotReadable(Fault("the ZIP's end", "it was changed or cut off"))
        self.comment = self._at(at + _END.size, comment_length)
        self._members = dict(self._listed(self._at(begin, length), number, begin))

    @property
    def names(self) -> list[str]:
        """The members' names as they follow each other."""
        return list(self._members)

    def read(self, name: str) -> bytes:
        """Return a member's content."""
        member = self._members[name]
        return self._at(member.begin, member.size)

    def called(self, name: str) -> str:
        """Return what a member is called where its content lies, so that a changed list betrays itself."""
        member = self._members[name]
        return self._at(member.offset + _LOCAL.size, len(name)).decode("ascii", "replace")

    def faults(self, name: str, data: bytes) -> Iterator[Fault]:
        """Find what is wrong around a member whose content is good."""
        member = self._members[name]
        good = _Member(name, member.offset, member.size, zlib.crc32(data))
        if self._at(member.offset, len(good.header)) != good.header:
            yield Fault(name, "its header in the ZIP was changed")
        if member != good:
            yield Fault(CONTENTS, f"the check sum of {name} was changed")

    def _at(self, place: int, length: int) -> bytes:
        self._file.seek(place)
        return self._file.read(length)

    def _listed(self, entries: bytes, number: int, begin: int) -> Iterator[tuple[str, _Member]]:
        place = offset = 0
        seen: set[str] = set()
        for _ in range(number):
            member = _listed(entries[place : place + _ENTRY.size + _NAME_MAX], offset)
            if member.name in seen:
                raise NotReadable(Fault(CONTENTS, f"{member.name} is in it twice"))
            seen.add(member.name)
            yield member.name, member
            place += len(member.entry)
            offset = member.end
        if place != len(entries) or offset != begin:
            raise NotReadable(Fault(CONTENTS, "it does not match what the ZIP holds"))


def _listed(text: bytes, offset: int) -> _Member:
    """Return the member an entry stands for, the one that begins at the offset."""
    if len(text) < _ENTRY.size:
        raise NotReadable(Fault(CONTENTS, "it is cut off"))
    facts = _ENTRY.unpack_from(text)
    crc, size, length = facts[7], facts[9], facts[10]
    name = text[_ENTRY.size : _ENTRY.size + length].decode("ascii", "replace")
    member = _Member(name, offset, size, crc)
    if size > MEMBER_MAX or member.end > _FILE_MAX:
        raise NotReadable(Fault(CONTENTS, f"member {name!a} is larger than any bundle needs"))
    if not name.isascii() or not name.isprintable() or not text.startswith(member.entry):
        raise NotReadable(Fault(CONTENTS, f"what it says of member {name!a} was changed"))
    return member


def _end(number: int, length: int, begin: int, comment: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, number, number, length, begin, comment)
