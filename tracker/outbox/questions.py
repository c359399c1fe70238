"""Time in question, kept until the freelancer says what it was; nothing of it leaves before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import msgspec
from uuid_utils import uuid7

from tracker.errors import NotDone
from tracker.model.question import Question
from tracker.model.segment import Key, Segment, Shot, ShotState, until
from tracker.outbox import rows
from tracker.outbox.parcel import Hold, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from sqlite3 import Connection

    from tracker.capture.base import EncodedPicture
    from tracker.outbox.database import Database

Answer = Literal["keep", "discard", "move"]
HoldOf = Callable[[Segment], Hold | None]

_ADVICE = "'hourproof away' lists what is open; an answer is given once."
_ALL = "SELECT facts, ends, open FROM question"


def _new_id() -> str:
    return str(uuid7())


def _at_once(_segment: Segment) -> Hold | None:
    """Hold it for nothing."""
    return None


class Questions:
    """Silence while it may be work, and time in question; each change is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def questions(self) -> list[Question]:
        """Return what is in question, the oldest first; time of an announced call is not."""
        with self._db.reading() as connection:
            found = connection.execute(f"{_ALL} ORDER BY begins").fetchall()
        return [question for question in map(_read, found) if not question.answered]

    def end_silence(self, hold_of: HoldOf) -> None:
        """Let the segments that were held for their silence go on: it was work."""
        with self._db.transaction() as connection:
            for segment in _silent(connection):
                rows.hold(connection, segment.id, hold_of(segment))

    def set_aside(
        self,
        question: Question,
        segment: str,
        closed: Segment | None,
        hold_of: HoldOf,
    ) -> None:
        """Take back what was tracked since the question's begin, in closed segments and in the open one.

        `segment` is the open segment's id, `closed` what is left of it.
        """
        with self._db.transaction() as connection:
            shots = list(question.shots)
            for silent in _silent(connection):
                left = until(silent, question.begin, question.why)
                shots += [shot for shot in silent.shots if left is None or shot not in left.shots]
                if left is None:
                    connection.execute("DELETE FROM segment WHERE id = ?", (silent.id,))
                elif left.end < silent.end:
                    rows.rewrite(connection, left)
                if left is not None:
                    rows.hold(connection, left.id, hold_of(left))
            _write(connection, replace(question, shots=tuple(sorted(shots, key=lambda one: one.taken_at))))
            _give(connection, question.id, shots)
            if closed is not None:
                rows.insert(connection, closed)
                rows.hold(connection, closed.id, hold_of(closed))
            connection.execute("DELETE FROM draft WHERE id = ?", (segment,))

    def grow_question(self, question: Question, *, durable: bool) -> None:
        """Save how far an open question has grown; durable: over a power cut, else over a crash."""
        with self._db.transaction(durable=durable) as connection:
            connection.execute("UPDATE question SET ends = ? WHERE id = ?", (question.end, question.id))

    def end_question(self, question: Question, hold_of: HoldOf = _at_once) -> None:
        """Close a question; one without length is none, and that of an announced call is kept.

        A shot taken after its end, as where the run stopped at a midnight that silence hid, is destroyed.
        """
        with self._db.transaction() as connection:
            found = _find(connection, question.id)
            shots = tuple(shot for shot in found.shots if shot.taken_at <= question.end)
            stored = replace(found, end=question.end, open=False, shots=shots)
            if question.answered and stored.begin < stored.end:
                _take_over(connection, stored, stored.kept(_new_id), hold_of)
            elif stored.begin < stored.end:
                _write(connection, stored)
                gone = [(stored.id, shot.id) for shot in found.shots if shot not in shots]
                connection.executemany("DELETE FROM picture WHERE segment = ? AND shot = ?", gone)
            else:
                _destroy(connection, stored)
        if len(shots) < len(found.shots):
            self._db.forget_deleted()

    def end_questions(self, hold_of: HoldOf = _at_once) -> list[Question]:
        """Close and return what a crash has left open, the oldest first: each ends where it had grown to."""
        with self._db.reading() as connection:
            left = connection.execute(f"{_ALL} WHERE open ORDER BY begins").fetchall()
        found = [_read(row) for row in left]
        for question in found:
            self.end_question(question, hold_of)
        return found

    def in_question(self, question_id: str) -> bool:
        """Say whether there is such a question, open or not answered yet."""
        query = "SELECT EXISTS (SELECT 1 FROM question WHERE id = ?)"
        with self._db.reading() as connection:
            return bool(connection.execute(query, (question_id,)).fetchone()[0])

    def add_question_shot(self, question_id: str, shot: Shot, pictures: Sequence[EncodedPicture]) -> None:
        """Keep a shot that was on its way when the time it shows came into question, if it still is."""
        with self._db.transaction() as connection:
            question = _find(connection, question_id)
            if not question.open and shot.taken_at > question.end:
                return
            _write(connection, replace(question, shots=(*question.shots, shot)))
            rows.store(connection, question_id, shot, pictures)

    def change_shot(self, question_id: str, shot_id: str, pictures: Sequence[EncodedPicture]) -> None:
        """Destroy the pictures of a shot of time in question, and keep these, blurred, instead, or none."""
        with self._db.transaction() as connection:
            question = _find(connection, question_id)
            (shot,) = (one for one in question.shots if one.id == shot_id)
            state = ShotState.BLURRED if pictures else ShotState.WITHHELD
            changed = replace(shot, state=state, pictures=rows.named(pictures))
            shots = tuple(changed if one.id == shot_id else one for one in question.shots)
            connection.execute("DELETE FROM picture WHERE segment = ? AND shot = ?", (question_id, shot_id))
            rows.store(connection, question_id, changed, pictures)
            _write(connection, replace(question, shots=shots))
        self._db.forget_deleted()

    def answer(
        self, question_id: str, answer: Answer, contract: Key | None = None, hold_of: HoldOf = _at_once
    ) -> None:
        """Take the freelancer's word for what it was; to move it, name where."""
        if answer == "keep":
            self.keep(question_id, hold_of)
        elif answer == "discard":
            self.drop(question_id)
        elif contract is not None:
            self.move(question_id, contract)

    def keep(self, question_id: str, hold_of: HoldOf = _at_once) -> None:
        """Answer: it was work, counted and marked as idle; its shots may still be announced."""
        with self._db.transaction() as connection:
            question = _answerable(connection, question_id)
            _take_over(connection, question, question.kept(_new_id), hold_of)

    def move(self, question_id: str, key: Key) -> None:
        """Answer: it was work for another contract; its shots were not meant for that one."""
        with self._db.transaction() as connection:
            question = _answerable(connection, question_id)
            _take_over(connection, question, question.moved(key, _new_id), _at_once)
        self._db.forget_deleted()

    def drop(self, question_id: str) -> None:
        """Answer: it was a break, and is destroyed with its shots."""
        with self._db.transaction() as connection:
            _destroy(connection, _answerable(connection, question_id))
        self._db.forget_deleted()


def _read(row: tuple[bytes, int, int]) -> Question:
    facts, ends, open_ = row
    return replace(msgspec.json.decode(facts, type=Question), end=ends, open=bool(open_))


def _find(connection: Connection, question_id: str) -> Question:
    found = connection.execute(f"{_ALL} WHERE id = ?", (question_id,)).fetchone()
    if found is None:
        raise NotDone(f"There is no question {question_id}.", advice=_ADVICE)
    return _read(found)


def _answerable(connection: Connection, question_id: str) -> Question:
    question = _find(connection, question_id)
    if question.open:
        raise NotDone("You are still away: the time is not over yet.", advice="Be back first, then answer.")
    return question


def _silent(connection: Connection) -> list[Segment]:
    """Return the segments that are held for their silence, in order."""
    found = connection.execute("SELECT facts FROM segment WHERE why = 'silence' ORDER BY begins")
    return [unpack(facts) for (facts,) in found.fetchall()]


def _write(connection: Connection, question: Question) -> None:
    facts = msgspec.json.encode(question)
    connection.execute(
        "INSERT INTO question (id, contract, begins, ends, open, facts) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET ends = excluded.ends, open = excluded.open, facts = excluded.facts",
        (question.id, question.key.contract, question.begin, question.end, question.open, facts),
    )


def _give(connection: Connection, owner: str, shots: Iterable[Shot]) -> None:
    """Let the pictures of some shots belong to another segment or question."""
    connection.executemany(
        "UPDATE picture SET segment = ? WHERE shot = ?", [(owner, shot.id) for shot in shots]
    )


def _take_over(
    connection: Connection, question: Question, segments: Iterable[Segment], hold_of: HoldOf
) -> None:
    """Put an answered question's time into the outbox, with the pictures and the doubt that go with it."""
    doubt = "UPDATE segment SET doubted = (SELECT doubted FROM question WHERE id = ?) WHERE id = ?"
    for segment in segments:
        _give(connection, segment.id, segment.shots)
        rows.insert(connection, segment)
        rows.hold(connection, segment.id, hold_of(segment))
        connection.execute(doubt, (question.id, segment.id))
    _destroy(connection, question)


def _destroy(connection: Connection, question: Question) -> None:
    connection.execute("DELETE FROM question WHERE id = ?", (question.id,))
    connection.execute("DELETE FROM picture WHERE segment = ?", (question.id,))
