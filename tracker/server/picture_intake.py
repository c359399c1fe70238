"""Takes pictures in: those that come together are checked together, and share the sync of their folder."""

from __future__ import annotations

import hashlib
from asyncio import wrap_future
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from tracker.server import ledger
from tracker.server.access import freelancers_place
from tracker.server.batches import Batches, promise
from tracker.server.ledger import DESTROYED, REJECTED
from tracker.server.pictures import NotAnImage
from tracker.server.problems import Refusal, too_large
from tracker.wire import PICTURE_MAX
from tracker.wire.problem import Problem

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tracker.clock import Clock
    from tracker.server.access import Word
    from tracker.server.database import Database
    from tracker.server.pictures import Pictures


@dataclass(frozen=True, slots=True, eq=False)
class _Put:
    """A picture as it came in: who put it where, and whether it will have been new."""

    word: Word
    contract: str
    sha256: str
    data: bytes
    done: Future[bool] = field(default_factory=promise)


class PictureIntake:
    """Decides which pictures are kept."""

    def __init__(self, clock: Clock, database: Database, pictures: Pictures) -> None:
        self._clock = clock
        self._database = database
        self._pictures = pictures
        self._puts: Batches[_Put] = Batches("pictures", self._take)

    async def put(self, word: Word, contract: str, sha256: str, data: bytes) -> bool:
        """Keep a picture durably and say whether it is new; one that is refused for good is remembered."""
        put = _Put(word, contract, sha256, data)
        self._puts.put(put)
        return await wrap_future(put.done)

    def close(self) -> None:
        """Finish what was asked for."""
        self._puts.end()

    def _take(self, puts: list[_Put]) -> None:
        try:
            for put, outcome in zip(puts, self._outcomes(puts), strict=True):
                if isinstance(outcome, bool):
                    put.done.set_result(outcome)
                else:
                    put.done.set_exception(outcome)
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to those who wait
            for put in puts:
                if not put.done.done():
                    put.done.set_exception(error)

    def _outcomes(self, puts: list[_Put]) -> list[bool | Exception]:
        refused = self._refused(puts)
        good = [put for put in puts if put not in refused]
        stored = self._pictures.store([(put.contract, put.sha256, put.data) for put in good])
        outcomes = refused | dict(zip(good, stored, strict=True))
        self._destroy_again(good, outcomes)
        for put, outcome in outcomes.items():
            if isinstance(outcome, NotAnImage):
                self._reject(put)
                title = "The picture is no WebP image."
                outcomes[put] = Refusal(Problem("not-an-image", title, 422, f"It was not kept: {outcome}."))
        return [outcomes[put] for put in puts]

    def _refused(self, puts: list[_Put]) -> dict[_Put, bool | Exception]:
        """Return those that may not be put here, and why."""
        refused: dict[_Put, bool | Exception] = {}
        with self._database.read() as connection:
            for put in puts:
                try:
                    freelancers_place(connection, put.word, put.contract)
                    _check(put)
                except Refusal as refusal:
                    refused[put] = refusal
        for put, why in refused.items():
            if isinstance(why, Refusal) and why.problem.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                self._reject(put)
        return refused

    def _destroy_again(self, puts: list[_Put], outcomes: dict[_Put, bool | Exception]) -> None:
        """Let none come back that was taken back: asked when they lie there, as that may be meanwhile."""
        with self._database.read() as connection:
            for put in puts:
                if ledger.state(connection, put.contract, put.sha256) == DESTROYED:
                    self._pictures.remove(put.contract, put.sha256)
                    outcomes[put] = False

    def _reject(self, put: _Put) -> None:
        """Remember that a picture cannot be had, so that it does not cost the time it belongs to."""
        now = self._clock.now().wall
        self._database.write(
            lambda connection: ledger.remember(connection, put.contract, {put.sha256: REJECTED}, now)
        )


def _check(put: _Put) -> None:
    """Refuse bytes that are not what the address says."""
    if len(put.data) > PICTURE_MAX:
        raise too_large(PICTURE_MAX)
    if hashlib.sha256(put.data).hexdigest() != put.sha256:
        title = "These bytes have another hash than the address says."
        raise Refusal(Problem("wrong-hash", title, 422, "Send the picture again."))
