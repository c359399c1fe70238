"""What a bundle says once its revisions are applied: the same for its report and for whoever checks it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tracker.model.revision import Change, revised
from tracker.wire.revision import RevisionBody, decode_revision, revision_of
from tracker.wire.segment import SegmentBody, decode_segment, segment_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.evidence.bundle import Contents
    from tracker.model.revision import Revision
    from tracker.model.segment import Picture, Segment

State = Literal["delivered", "waiting", "refused"]


@dataclass(frozen=True, slots=True)
class Line:
    """A segment as it stands now: by which device, whether it is delivered, and what was changed later."""

    segment: Segment
    device: str
    state: State
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Discarded:
    """A segment whose time its freelancer has taken back."""

    id: str
    contract: str
    start: str


class Reading:
    """A bundle as values; what cannot be read as such is left out, and is for somebody else to find."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.hashes = {
            one.id: hashlib.sha256(one.body).hexdigest() for one in (*contents.segments, *contents.revisions)
        }

    @cached_property
    def segments(self) -> Mapping[str, SegmentBody]:
        """The segments' bodies by id."""
        made = {}
        for one in self.contents.segments:
            try:
                made[one.id] = decode_segment(one.body)
            except ValueError:
                continue
        return made

    @cached_property
    def revisions(self) -> Mapping[str, RevisionBody]:
        """The revisions' bodies by id."""
        made = {}
        for one in self.contents.revisions:
            try:
                made[one.id] = decode_revision(one.body)
            except ValueError:
                continue
        return made

    @property
    def _effective(self) -> list[RevisionBody]:
        """The revisions that count: all but those the server has refused."""
        refused = {one.id for one in self.contents.manifest.undelivered if one.state == "refused"}
        return [body for id_, body in self.revisions.items() if id_ not in refused]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The segments as their revisions leave them, in order of time."""
        states = {one.id: one.state for one in self.contents.manifest.undelivered if one.state != "held"}
        changes: dict[str, list[Revision]] = defaultdict(list)
        for revision in self._effective:
            if revision.segment.sha256 == self.hashes.get(revision.segment.id):
                changes[revision.segment.id].append(revision_of(revision))
        made = []
        for id_, body in self.segments.items():
            mine = changes[id_]
            now = revised(segment_of(body), mine)
            if now is not None:
                made.append(
                    Line(now, body.device, states.get(id_, "delivered"), tuple(one.change for one in mine))
                )
        return tuple(sorted(made, key=lambda line: (line.segment.start, line.segment.id)))

    @cached_property
    def discarded(self) -> tuple[Discarded, ...]:
        """The segments that revisions have discarded, in order of time."""
        gone = {
            body.segment.id: Discarded(body.segment.id, body.contract, body.segment.start)
            for body in self._effective
            if body.change is Change.DISCARD
        }
        return tuple(sorted(gone.values(), key=lambda one: (one.start, one.id)))

    @cached_property
    def pictures(self) -> Mapping[str, list[tuple[Line, Picture]]]:
        """Who names each picture that is to be seen, by its hash."""
        named: dict[str, list[tuple[Line, Picture]]] = {}
        for line in self.lines:
            for shot in line.segment.shots:
                for picture in shot.pictures:
                    named.setdefault(picture.sha256, []).append((line, picture))
        return named

    @cached_property
    def away(self) -> Mapping[tuple[str, str], str]:
        """Why pictures are not here, by contract and hash."""
        return {(one.contract, one.sha256): one.state for one in self.contents.manifest.pictures}

    def absent(self, contract: str) -> list[tuple[str, str]]:
        """Return by device which numbers of a contract's chains were not delivered, such as `3, 7 to 9`."""
        return [
            (chain.device, ", ".join(_range(*one) for one in chain.absent))
            for chain in self.contents.manifest.chains
            if chain.contract == contract and chain.absent
        ]


def _range(begin: int, end: int) -> str:
    return str(begin) if end == begin + 1 else f"{begin} to {end - 1}"
