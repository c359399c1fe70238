"""What the freelancer changes of closed time: in place while it is held, by a signed revision afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from uuid_utils import uuid7

from tracker.errors import NotDone
from tracker.model.revision import Change, Revision, revised
from tracker.model.segment import MEMO_MAX, Picture, ShotState
from tracker.outbox import rows
from tracker.outbox.parcel import State, pack, stored, unpack
from tracker.wire.revision import Target
from tracker.wire.segment import decode_segment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from sqlite3 import Connection

    from tracker.capture.base import EncodedPicture
    from tracker.model.segment import Segment
    from tracker.outbox.database import Database
    from tracker.outbox.rows import Sealer

_NO_SEGMENT = "'hourproof diary --json' shows the ids of the segments."


class Revisions:
    """Changes a segment wherever it stands; `at` is the wall clock's instant.

    What is taken back is destroyed here at once, but for the time of a segment that the server holds: that
    goes when the server has said so.
    """

    _db: Database
    _sealer: Sealer

    def change_memo(self, segment_id: str, memo: str, at: int) -> None:
        """Give a segment another memo; the same memo changes nothing. Raises NotDone."""
        if len(memo) > MEMO_MAX:
            raise NotDone(f"A memo has at most {MEMO_MAX} characters.", advice="Shorten it.")
        with self._db.transaction() as connection:
            segment = self._changeable(connection, segment_id)
            if segment.memo != memo:
                self._revise(connection, segment, _Wanted(Change.MEMO, at, memo=memo))

    def withhold(self, segment_id: str, shot_id: str, at: int) -> None:
        """Destroy the pictures of a shot; the time stays. Raises NotDone."""
        with self._db.transaction() as connection:
            segment = self._showing(connection, segment_id, shot_id)
            self._revise(connection, segment, _Wanted(Change.WITHHOLD, at, shot=shot_id))
        self._db.forget_deleted()

    def give_up(self, segment_id: str, hashes: Collection[str], at: int) -> bool:
        """Withhold shots whose pictures are lost, so that the time can go; say whether it waits for that."""
        with self._db.reading() as connection:
            query = "SELECT facts FROM segment WHERE id = ? AND state = 'waiting'"
            found = connection.execute(query, (segment_id,)).fetchone()
            query = "SELECT EXISTS (SELECT 1 FROM revision WHERE segment = ? AND state = 'waiting')"
            (changed,) = connection.execute(query, (segment_id,)).fetchone()
        shots = () if found is None else unpack(found[0]).shots
        lost = [one.id for one in shots if any(picture.sha256 in hashes for picture in one.pictures)]
        for shot in lost:
            self.withhold(segment_id, shot, at)
        return bool(lost or changed)

    def blur(self, segment_id: str, shot_id: str, pictures: Sequence[EncodedPicture], at: int) -> None:
        """Destroy the pictures of a shot, and keep these, blurred as a whole, instead. Raises NotDone."""
        if not pictures:
            raise NotDone("There is nothing to keep in the shot's place.", advice="Withhold it instead.")
        kept = rows.named(pictures)
        with self._db.transaction() as connection:
            segment = self._showing(connection, segment_id, shot_id)
            wanted = _Wanted(Change.BLUR, at, shot=shot_id, pictures=kept)
            (shot,) = (one for one in segment.shots if one.id == shot_id)
            self._revise(connection, segment, wanted)
            rows.store(connection, segment_id, shot, pictures)
        self._db.forget_deleted()

    def discard(self, segment_id: str, at: int) -> None:
        """Destroy a segment with its pictures and its time; held, as if it had never been. Raises NotDone."""
        with self._db.transaction() as connection:
            segment = self._changeable(connection, segment_id)
            self._revise(connection, segment, _Wanted(Change.DISCARD, at))
        self._db.forget_deleted()

    def segments_named(self, part: str) -> list[Segment]:
        """Return the closed segments whose id begins or ends like that, but for what is being discarded."""
        return self._found("id LIKE ? || '%' OR id LIKE '%' || ?", part, part)

    def segments_with_shot(self, part: str) -> list[Segment]:
        """Return the closed segments in which such a part of an id occurs."""
        return self._found("instr(CAST(coalesce(facts, body) AS TEXT), ?)", part)

    def _found(self, condition: str, *values: str) -> list[Segment]:
        query = f"SELECT id, facts, body FROM segment WHERE {condition} ORDER BY begins"  # noqa: S608  # our own
        with self._db.reading() as connection:
            rows = connection.execute(query, values).fetchall()
            found = [revised(stored(facts, body), _made(connection, id_)) for id_, facts, body in rows]
        return [segment for segment in found if segment is not None]

    def _changeable(self, connection: Connection, segment_id: str) -> Segment:
        """Return a segment as it is now; raises NotDone where there is none, or it goes already."""
        query = "SELECT facts, body FROM segment WHERE id = ?"
        found = connection.execute(query, (segment_id,)).fetchone()
        if found is None:
            raise NotDone(f"There is no segment {segment_id} here.", advice=_NO_SEGMENT)
        segment = revised(stored(*found), _made(connection, segment_id))
        if segment is None:
            raise NotDone("The segment is discarded already.", advice="It goes with the next delivery.")
        return segment

    def _showing(self, connection: Connection, segment_id: str, shot_id: str) -> Segment:
        """Return a segment whose shot can still be taken back."""
        segment = self._changeable(connection, segment_id)
        state = next((shot.state for shot in segment.shots if shot.id == shot_id), None)
        if state is None:
            raise NotDone(f"The segment has no shot {shot_id}.", advice=_NO_SEGMENT)
        if state in {ShotState.WITHHELD, ShotState.FAILED}:
            raise NotDone("The shot has no picture (any more).", advice="There is nothing to take back.")
        return segment

    def _revise(self, connection: Connection, segment: Segment, wanted: _Wanted) -> None:
        query = "SELECT state, body, sha256 FROM segment WHERE id = ?"
        state, body, sha256 = connection.execute(query, (segment.id,)).fetchone()
        query = "SELECT coalesce(max(made), 0) FROM revision WHERE segment = ?"
        (last,) = connection.execute(query, (segment.id,)).fetchone()
        at = max(wanted.at, last + 1)  # in their order, whatever the clock does
        made = replace(wanted.of(segment.id), at=at)
        after = revised(segment, [made])
        gone: set[str] = set()
        if wanted.change is not Change.MEMO:
            gone = (_pictures(segment) | _kept(connection, segment.id, wanted.shot)) - _pictures(after)
        revision = replace(made, gone=tuple(sorted(gone)))
        if state != State.HELD:
            sealed = decode_segment(body)
            target = Target(segment.id, sha256, sealed.device, sealed.seq, sealed.start)
            self._sealer.seal_revision(connection, revision, segment.key, target)
        if wanted.shot:
            values = (segment.id, wanted.shot)
            connection.execute("DELETE FROM picture WHERE segment = ? AND shot = ?", values)
        if after is None and state != State.DELIVERED:
            rows.erase(connection, segment.id)
        elif after is not None:
            facts = None if state == State.DELIVERED else pack(after)
            change = "UPDATE segment SET memo = ?, facts = ? WHERE id = ?"
            connection.execute(change, (after.memo, facts, segment.id))


class _Wanted(msgspec.Struct, frozen=True):
    """A change that is asked for."""

    change: Change
    at: int
    memo: str = ""
    shot: str = ""
    pictures: tuple[Picture, ...] = ()

    def of(self, segment_id: str) -> Revision:
        """Return it as a revision of a segment."""
        return Revision(str(uuid7()), segment_id, self.at, self.change, self.memo, self.shot, self.pictures)


def _pictures(segment: Segment | None) -> set[str]:
    shots = segment.shots if segment is not None else ()
    return {picture.sha256 for shot in shots for picture in shot.pictures}


def _kept(connection: Connection, segment_id: str, shot_id: str) -> set[str]:
    """Return what is kept of a shot, or of all: a revision that was refused may have brought it."""
    query = "SELECT sha256 FROM picture WHERE segment = ?1 AND ?2 IN (shot, '')"
    return {sha256 for (sha256,) in connection.execute(query, (segment_id, shot_id)).fetchall()}


def _made(connection: Connection, segment_id: str) -> list[Revision]:
    query = "SELECT facts FROM revision WHERE segment = ? AND state <> 'refused'"
    found = connection.execute(query, (segment_id,)).fetchall()
    return [msgspec.json.decode(facts, type=Revision) for (facts,) in found]
