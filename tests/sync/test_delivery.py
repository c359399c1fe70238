"""Parcels on their way to the real server."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from boxes import DEVICE, Box
from doubles import NINE, FakeClock, FakeSecrets
from PIL import Image
from starting import starter
from worked import taken, worked

from tracker.desktop.embedded import Started
from tracker.errors import BadValue, NotDone, SignInNeeded
from tracker.evidence.receipts import holds
from tracker.model.contract import ContractState
from tracker.model.segment import Key, Segment
from tracker.model.slot import SLOT
from tracker.model.week import week_of
from tracker.sync.backend import public_key
from tracker.sync.connection import Connection
from tracker.sync.syncer import Report, Syncer
from tracker.wire.request import NewContract


@dataclass
class Home:
    """A tracker with its own server."""

    box: Box
    start: object
    clock: FakeClock = field(default_factory=FakeClock)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    started: list[Started] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.build()
        backend = self.connection.open()
        made = backend.add_contract(
            NewContract(title="Landing page", client="Northbeam", rate="62.50", currency="USD")
        )
        account = self.box.outbox.account
        self.contract = made.id
        self.key = Key(account.server, account.id, made.id)

    def build(self) -> None:
        """As a start of the app does."""
        self.connection = Connection(self._start, self.secrets, self.box.outbox, DEVICE, "laptop", self.clock)
        self.syncer = Syncer(self.box.outbox, self.connection, self.clock, Random(1), hourly=True)
        self.syncer.patience = self.clock

    def put(self, number: int = 0, *pictures: bytes) -> Segment:
        segment = worked(NINE + number * SLOT, key=self.key)
        if pictures:
            shot, encoded = taken(*pictures)
            segment = replace(segment, shots=(shot,))
            self.box.outbox.store_pictures(shot, encoded, segment=segment.id)
        self.box.outbox.put(segment, None)
        return segment

    def kill_server(self) -> None:
        for started in self.started:
            if started.process is not None:
                started.process.kill()
                started.process.wait()

    def _start(self) -> Started:
        self.started.append(self.start())
        return self.started[-1]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Box(tmp_path) as box:
        origin = f"embedded:{box.outbox.home_id}"
        with starter(tmp_path / "server", origin=origin) as start:
            home = Home(box, start)
            yield home
            home.connection.close()


def _webp(shade: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 36), (shade, 120, 40)).save(made, "WEBP")
    return made.getvalue()


def test_what_is_tracked_comes_back_in_the_diary_with_a_receipt_that_holds(home: Home) -> None:
    segment = home.put(0, _webp(1), _webp(2))

    assert home.syncer.drain() == Report(delivered=1, held=0, waiting=0, refused=0)

    ((kept, receipt),) = home.box.outbox.segments(NINE - SLOT, NINE + SLOT)
    assert kept == segment
    (cell,) = home.connection.open().day("2026-11-19", "UTC").cells
    (shown,) = cell.segments
    assert (shown.id, shown.tracked_ms, shown.memo) == (segment.id, SLOT, segment.memo)
    assert shown.receipt == receipt
    assert {picture.state for picture in receipt.pictures} == {"stored"}
    assert len(shown.shots[0].pictures) == 2


def test_the_week_holds_what_the_server_has_from_elsewhere(home: Home) -> None:
    home.connection.close()  # the next sign-in hears of the contract
    home.put(0)
    home.syncer.drain()
    with home.box.database.transaction() as connection:
        connection.execute("DELETE FROM segment")  # as if another device had delivered it
    home.put(1)

    home.syncer.drain()

    assert home.box.outbox.elsewhere_ms(home.contract, week_of(NINE)) == SLOT
    assert home.box.outbox.week_ms(home.contract, week_of(NINE)) == 2 * SLOT


def test_the_same_parcel_again_gets_the_same_receipt(home: Home) -> None:
    segment = home.put(0, _webp(1))
    home.box.outbox.seal_due(NINE)
    parcel = home.box.outbox.oldest_due(NINE)
    home.syncer.drain()

    again = home.connection.open().put(parcel)

    ((_, receipt),) = home.box.outbox.segments(NINE - SLOT, NINE + SLOT)
    assert again == receipt
    key = public_key(home.box.outbox.pinned_key(home.key.server))
    assert holds(again, segment=segment.id, body=parcel.body, public=key)


def test_a_picture_that_is_no_image_is_marked_and_the_time_counts(home: Home) -> None:
    home.put(0, b"no image at all")

    assert home.syncer.drain() == Report(delivered=1, held=0, waiting=0, refused=0)

    ((_, receipt),) = home.box.outbox.segments(NINE - SLOT, NINE + SLOT)
    assert [picture.state for picture in receipt.pictures] == ["rejected"]


@pytest.mark.expects_log("refuses segment")
def test_a_contract_the_server_does_not_know_is_refused_and_blocks_nothing(home: Home) -> None:
    stray = worked(NINE - SLOT, key=replace(home.key, contract="elsewhere"))
    home.box.outbox.put(stray, None)
    home.put(0)

    assert home.syncer.drain() == Report(delivered=1, held=0, waiting=0, refused=1)

    (entry,) = home.box.outbox.entries()
    assert entry.id == stray.id
    assert entry.problem


def test_a_server_killed_between_parcels_is_started_again_and_nothing_is_lost(home: Home) -> None:
    for number in range(4):
        home.put(number, _webp(number))
        if number % 2:
            home.kill_server()
        home.syncer.drain()

    assert home.box.outbox.counts().waiting == 0
    day = home.connection.open().day("2026-11-19", "UTC")
    assert day.totals.tracked_ms == 4 * SLOT
    assert len(home.started) == 3


def test_a_lost_token_is_claimed_again_at_the_next_start(home: Home) -> None:
    home.put(0)
    home.secrets.kept.clear()
    home.build()

    with pytest.raises(SignInNeeded):  # the running server has given its secret away
        home.connection.open()
    home.kill_server()

    assert home.syncer.drain().delivered == 1


def test_the_url_is_told_only_while_the_server_is_awake(home: Home) -> None:
    assert home.connection.url == home.connection.open().url

    home.kill_server()

    assert home.connection.url is None
    assert home.connection.state == "online"


def test_the_contracts_are_known_to_the_outbox(home: Home) -> None:
    home.connection.close()
    home.connection.open()

    (contract,) = home.box.outbox.contracts()
    assert (contract.title, contract.client, contract.state) == (
        "Landing page",
        "Northbeam",
        ContractState.ACTIVE,
    )


def test_a_day_that_does_not_exist_is_refused(home: Home) -> None:
    with pytest.raises((NotDone, BadValue)):
        home.connection.open().day("2026-02-30", "UTC")


def test_a_link_opens_the_diary_once_without_a_token(home: Home) -> None:
    url = urlsplit(home.connection.open().link("/diary"))

    def visit() -> int:
        line = http.client.HTTPConnection(url.netloc)
        line.request("GET", url.path)
        status = line.getresponse().status
        line.close()
        return status

    assert [visit(), visit()] == [303, 410]
