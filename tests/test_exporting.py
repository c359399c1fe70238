"""A week leaves a real server and a real outbox as one file, and is checked with nothing but that file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from boxes import DEVICE, Box
from device import Device, Sealed, webp
from doubles import NINE, FakeClock, FakeSecrets
from starting import starter
from worked import taken, worked

from tracker.commands import Commands
from tracker.errors import BadValue, NotDone, Offline
from tracker.evidence.keys import SigningKey
from tracker.evidence.signing import HEADER
from tracker.evidence.summary import Summary
from tracker.exporting import export
from tracker.model.revision import Change
from tracker.model.segment import Segment
from tracker.model.slot import DAY, HOUR
from tracker.outbox.outbox import Hold
from tracker.paths import Home
from tracker.sync.backend import Backend
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer

WEEK = "2026-W47"


@dataclass
class Desk:
    """A freelancer without the app, beside an embedded server that is really there."""

    commands: Commands
    folder: Path
    contract: str

    def put(self, start: int = NINE, *pictures: bytes, hold: Hold | None = None, **facts: Any) -> Segment:
        shot, encoded = taken(*pictures, at=start) if pictures else (None, [])
        outbox = self.commands.outbox
        key = outbox.key_of(self.contract)
        segment = worked(start, key=key, shots=(shot,) if shot else (), **facts)
        if shot:
            outbox.store_pictures(shot, encoded, segment=segment.id)
        outbox.put(segment, hold)
        return segment

    def export(self, **wanted: Any) -> Summary:
        return export(self.commands, **({"week": WEEK, "to": str(self.zip)} | wanted))

    @property
    def zip(self) -> Path:
        return self.folder / "week.zip"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FakeClock(wall=NINE + DAY)
    with Box(tmp_path) as box:
        origin = f"embedded:{box.outbox.home_id}"
        with starter(tmp_path / "server", origin=origin) as start:
            connection = Connection(start, FakeSecrets(), box.outbox, DEVICE, "laptop", clock)  # type: ignore[arg-type]
            syncer = Syncer(box.outbox, connection, clock, Random(1), hourly=True)
            syncer.patience = clock
            nothing: Any = None
            commands = Commands(
                Home.at(tmp_path), box.outbox, connection, syncer, nothing, None, nothing, lambda: clock.wall
            )
            made = commands.contract_add("Checkout rebuild", "Northbeam", "65", "USD")
            yield Desk(commands, tmp_path, made.id)
            connection.close()


def test_a_week_is_written_and_sound(desk: Desk) -> None:
    desk.put(NINE, webp(1), webp(2))
    desk.put(NINE + HOUR)
    desk.put(NINE + 7 * DAY)

    made = desk.export()

    assert made.sound
    assert made.faults == ()
    (contract,) = made.contracts
    assert (contract.segments, contract.tracked_ms, contract.undelivered_ms) == (2, 1_200_000, 0)
    assert made.pictures == {"present": 2}
    with zipfile.ZipFile(desk.zip) as bundle:
        assert bundle.testzip() is None
        assert sum(name.endswith(".webp") for name in bundle.namelist()) == 2


def test_what_is_held_or_waits_is_in_it_and_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered = desk.put(NINE)
    desk.export()
    waiting = desk.put(NINE + HOUR, webp(3))
    desk.put(NINE + 2 * HOUR, hold=Hold("silence", NINE + 30 * DAY))
    desk.commands.outbox.seal_due(NINE)
    monkeypatch.setattr(
        desk.commands.syncer, "drain", lambda *_, **__: None
    )  # what is new does not get there

    made = desk.export(to=str(desk.folder / "other.zip"))

    assert made.sound
    (contract,) = made.contracts
    assert (contract.segments, contract.waiting, contract.held) == (2, 1, 1)
    assert contract.undelivered_ms == waiting.tracked_ms
    assert made.pictures == {"present": 1}
    names = zipfile.ZipFile(desk.folder / "other.zip").namelist()
    assert f"segments/{delivered.id}.receipt" in names
    assert f"segments/{waiting.id}.receipt" not in names


def test_what_another_device_did_and_took_back_is_in_it(desk: Desk) -> None:
    desk.put(NINE)
    backend = desk.commands.connection.open()
    account = desk.commands.outbox.account
    assert account
    studio = Device(account.server, account.id, desk.contract, SigningKey("22" * 32))
    backend.register_device(studio.key.public, "studio")
    one, other = (studio.work(NINE + n * HOUR, webp(n), webp(n + 50)) for n in (1, 2))
    for sealed in (one, other):
        deliver(backend, sealed)
    studio.work(NINE + 3 * HOUR)  # is lost on its way
    for sealed in (
        studio.revise(one, Change.MEMO, memo="Checkout: error copy"),
        studio.revise(one, Change.WITHHOLD),
        studio.revise(other, Change.MEMO, memo="Something private"),
        studio.revise(other, Change.DISCARD),
    ):
        deliver(backend, sealed)

    made = desk.export()

    assert made.faults == ()
    (contract,) = made.contracts
    assert (contract.segments, contract.discarded, contract.shots) == (2, 1, {"withheld": 1})
    assert [chain.numbers for chain in contract.absent] == ["3"]
    assert made.pictures == {"present": 0}
    assert {signer.device: signer.parcels for signer in made.signers} == {DEVICE.id: 1, studio.key.id: 4}
    whole = desk.zip.read_bytes()
    assert b"Checkout: error copy" in whole
    assert b"Something private" not in whole


def test_what_was_taken_back_before_it_was_delivered_stays_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put(NINE)
    desk.export()
    outbox = desk.commands.outbox
    withheld, discarded = desk.put(NINE + HOUR, webp(3)), desk.put(NINE + 2 * HOUR, webp(4))
    last = desk.put(NINE + 3 * HOUR, webp(5))
    outbox.seal_due(NINE)
    outbox.withhold(withheld.id, withheld.shots[0].id, NINE + DAY)
    outbox.discard(discarded.id, NINE + DAY)
    monkeypatch.setattr(desk.commands.syncer, "drain", lambda *_, **__: None)

    made = desk.export(replaces=True)

    assert made.faults == ()
    (contract,) = made.contracts
    assert (contract.segments, contract.waiting, contract.discarded) == (3, 2, 1)
    assert contract.shots == {"kept": 1, "withheld": 1}
    assert made.pictures == {"present": 1}
    monkeypatch.undo()
    again = desk.export(replaces=True)
    assert again.faults == ()
    assert again.contracts[0].undelivered_ms == 0
    assert (again.contracts[0].segments, again.contracts[0].discarded) == (3, 1)
    assert last.shots[0].pictures[0].sha256.encode() in desk.zip.read_bytes()


def deliver(backend: Backend, sealed: Sealed) -> None:
    for sha256, data in sealed.pictures.items():
        assert backend.put_picture(sealed.contract, sha256, data)
    headers = {"Content-Type": "application/json", HEADER: sealed.signature}
    assert backend._transport.send("PUT", sealed.path, body=sealed.body, headers=headers).status == 201


def test_a_picture_that_the_server_has_lost_is_a_fault_by_name(desk: Desk) -> None:
    desk.put(NINE, webp(5))
    desk.commands.syncer.drain()
    for file in (desk.folder / "server" / "pictures").glob("*/*"):
        file.unlink()

    made = desk.export()

    (fault,) = made.faults
    assert fault.what.startswith("pictures/")
    assert made.pictures == {"present": 0, "missing": 1}
    assert desk.zip.exists()


def test_a_file_that_is_there_is_left_as_it_is_unless_told(desk: Desk) -> None:
    desk.put()
    desk.zip.write_bytes(b"something else")
    with pytest.raises(NotDone, match="is there already"):
        desk.export()
    assert desk.zip.read_bytes() == b"something else"
    assert desk.export(replaces=True).sound
    assert [path for path in desk.folder.iterdir() if path.name.startswith(".week")] == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"week": "W47"},
        {"week": "2026-W54"},
        {"to": "/nowhere/at/all.zip"},
        {"to": "/"},
        {"to": "/" + "long" * 100},
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Desk, wanted: dict[str, str]) -> None:
    with pytest.raises(BadValue):
        desk.export(**wanted)


def test_a_week_without_work_is_no_file(desk: Desk) -> None:
    desk.put(NINE)
    with pytest.raises(NotDone, match="nothing of 2026-W40"):
        desk.export(week="2026-W40")
    assert not desk.zip.exists()


def test_without_its_server_nothing_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.put()
    desk.commands.syncer.drain()

    def away(*_: object) -> None:
        raise Offline("The server does not answer.")

    monkeypatch.setattr(type(desk.commands.connection), "open", away)
    with pytest.raises(Offline) as told:
        desk.export()
    assert "Nothing was written" in told.value.advice
    assert not desk.zip.exists()
