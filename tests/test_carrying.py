"""Work carried by hand: exported, imported on another device, delivered from there; each time once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from couriers import Courier
from device import webp
from doubles import NINE

from tracker.answering import Request, answer
from tracker.carrying import Imported, outbox_check, outbox_export, outbox_import
from tracker.errors import NotDone
from tracker.model.segment import Key, ShotState
from tracker.model.slot import HOUR
from tracker.outbox.outbox import Hold
from tracker.wire.account import Account

KEY = Key("https://hours.example.org", "ada", "northbeam")
ADA = Account(KEY.server, KEY.account, "Ada")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Courier]]:
    made: list[Courier] = []

    def device(name: str, seed: str = "11", **facts: Any) -> Courier:
        made.append(Courier(tmp_path / name, seed, **({"key": KEY, "account": ADA} | facts)))
        return made[-1]

    yield device
    for one in made:
        one.end()


@pytest.fixture
def studio(make: Callable[..., Courier]) -> Courier:
    """A device with waiting work, some refused, some revised, some held."""
    studio = make("studio")
    kept, withheld, refused, gone = (studio.work(number, webp(number)) for number in range(4))
    studio.outbox.seal_due(NINE)
    studio.outbox.refuse(refused.id, "no")
    studio.outbox.change_memo(kept.id, "What it really was", NINE + HOUR)
    studio.outbox.withhold(withheld.id, withheld.shots[0].id, NINE + HOUR)
    studio.outbox.discard(gone.id, NINE + HOUR)
    studio.work(9, webp(9), hold=Hold("silence", NINE))
    return studio


@pytest.fixture
def laptop(make: Callable[..., Courier]) -> Courier:
    return make("laptop", "22")


def test_all_that_is_sealed_arrives_as_it_was(studio: Courier, laptop: Courier, tmp_path: Path) -> None:
    before = studio.states()

    told = outbox_export(studio.commands, str(tmp_path / "stick"))
    taken_over = outbox_import(laptop.commands, str(tmp_path / "stick"))

    assert (told.segments, told.revisions, told.pictures, told.held) == (3, 3, 2, 1)
    assert (told.others, told.left_out) == (0, ())
    assert taken_over == Imported(imported=6, known=0)
    assert studio.states() == before
    assert outbox_check(studio.commands) == outbox_check(laptop.commands) == []
    sealed = {id_: "waiting" for id_, state in before.items() if state != "held"}
    assert laptop.states() == sealed
    for id_ in sealed:
        assert _bytes_of(laptop, id_) == _bytes_of(studio, id_)
    shown = {one.id: one for one, _ in laptop.outbox.segments(0, 2 * NINE)}
    mine = {one.id: one for one, _ in studio.outbox.segments(0, 2 * NINE) if one.id in sealed}
    assert shown == mine
    assert {one.memo for one in shown.values()} == {"What it really was", "Drawing the floor plan"}
    assert ShotState.WITHHELD in {shot.state for one in shown.values() for shot in one.shots}
    assert laptop.outbox.last_end() is None  # nothing tracked there needs to begin after it


def _bytes_of(device: Courier, id_: str) -> tuple[bytes, str]:
    query = "SELECT body, signature FROM {} WHERE id = ?"
    with device.database.reading() as connection:
        for table in ("segment", "revision"):
            found = connection.execute(query.format(table), (id_,)).fetchone()
            if found is not None:
                return bytes(found[0]), str(found[1])
    raise AssertionError(id_)


def test_what_is_here_already_stays_as_it_is(studio: Courier, laptop: Courier, tmp_path: Path) -> None:
    outbox_export(studio.commands, str(tmp_path / "stick"))
    outbox_import(laptop.commands, str(tmp_path / "stick"))
    before = laptop.states()

    assert outbox_import(laptop.commands, str(tmp_path / "stick")) == Imported(0, 6)
    assert outbox_import(studio.commands, str(tmp_path / "stick")) == Imported(0, 6)

    assert laptop.states() == before
    assert sorted(studio.states().values()).count("held") == 1


def test_a_third_device_takes_it_from_the_second(
    studio: Courier, laptop: Courier, make: Callable[..., Courier], tmp_path: Path
) -> None:
    outbox_export(studio.commands, str(tmp_path / "one"))
    outbox_import(laptop.commands, str(tmp_path / "one"))
    laptop.work(20)
    third = make("third", "33")

    outbox_export(laptop.commands, str(tmp_path / "two"))

    assert outbox_import(third.commands, str(tmp_path / "two")) == Imported(7, 0)
    assert len(third.outbox.devices()) == 2
    assert outbox_check(third.commands) == []


def test_a_device_that_lost_its_outbox_goes_on_behind_what_comes_back(
    studio: Courier, make: Callable[..., Courier], tmp_path: Path
) -> None:
    outbox_export(studio.commands, str(tmp_path / "stick"))
    fresh = make("fresh")  # with the same key

    outbox_import(fresh.commands, str(tmp_path / "stick"))
    fresh.work(30)
    fresh.outbox.seal_due(NINE)

    assert outbox_check(fresh.commands) == []
    assert fresh.outbox.devices() == []


def test_lost_pictures_come_back_with_the_folder(studio: Courier, tmp_path: Path) -> None:
    outbox_export(studio.commands, str(tmp_path / "stick"))
    with studio.database.transaction() as connection:
        connection.execute("DELETE FROM picture")
    assert len(outbox_check(studio.commands)) == 3

    assert outbox_import(studio.commands, str(tmp_path / "stick")) == Imported(0, 6)

    (held,) = outbox_check(studio.commands)  # which was not exported
    assert held.why == "it is missing"


def test_every_file_of_it_is_guarded(studio: Courier, laptop: Courier, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    outbox_export(studio.commands, str(stick))
    files = [one for one in stick.rglob("*") if one.is_file() and one.name != "README.txt"]
    assert len(files) > 6 * 3
    for file in files:
        data = file.read_bytes()
        another = b"x" if data[-9:-8] != b"x" else b"y"
        broken = (data[: len(data) // 2], data[:-9] + another + data[-8:], b"", None)
        for other in broken:
            file.unlink()
            if other is not None:
                file.write_bytes(other)
            with pytest.raises(NotDone) as told:
                outbox_import(laptop.commands, str(stick))
            assert "Copy" in told.value.advice or "Name the folder" in told.value.advice
            file.write_bytes(data)
    assert laptop.states() == {}
    assert outbox_import(laptop.commands, str(stick)).imported == 6


def test_two_exports_in_one_folder_are_not_taken_for_one(
    studio: Courier, laptop: Courier, tmp_path: Path
) -> None:
    outbox_export(studio.commands, str(tmp_path / "one"))
    studio.work(20)
    outbox_export(studio.commands, str(tmp_path / "two"))
    shutil.copytree(tmp_path / "two" / "segments", tmp_path / "one" / "segments", dirs_exist_ok=True)

    with pytest.raises(NotDone, match=r"index\.json does not name it"):
        outbox_import(laptop.commands, str(tmp_path / "one"))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"account": Account(KEY.server, "bob", "Bob")}, "another account, at https://hours.example.org"),
        ({"account": Account("https://elsewhere.example", "ada", "Ada")}, "another account"),
        ({"test": True}, "holds real time, and this home test time"),
    ],
)
def test_what_could_never_be_delivered_from_there_is_refused(
    studio: Courier, make: Callable[..., Courier], tmp_path: Path, facts: dict[str, Any], said: str
) -> None:
    outbox_export(studio.commands, str(tmp_path / "stick"))
    other = make("other", "22", **facts)
    with pytest.raises(NotDone, match=said):
        outbox_import(other.commands, str(tmp_path / "stick"))
    assert other.states() == {}


def test_who_is_not_signed_in_yet_may_bring_it_along(
    studio: Courier, make: Callable[..., Courier], tmp_path: Path
) -> None:
    outbox_export(studio.commands, str(tmp_path / "stick"))
    fresh = make("fresh", "22", account=None)

    assert outbox_import(fresh.commands, str(tmp_path / "stick")).imported == 6
    assert outbox_export(fresh.commands, str(tmp_path / "again")).segments == 3


def test_the_diary_of_another_computer_takes_no_part_of_it(
    make: Callable[..., Courier], tmp_path: Path
) -> None:
    key = Key("embedded:home", "me", "northbeam")
    studio = make("studio", key=key, account=Account("embedded:home", "me", "Me"))
    studio.work(1)
    outbox_export(studio.commands, str(tmp_path / "stick"))
    for account in (None, ADA, Account("embedded:other", "me", "Me")):
        laptop = make(f"laptop-{account and account.server[:3]}", "22", account=account)
        with pytest.raises(NotDone, match="diary of another computer"):
            outbox_import(laptop.commands, str(tmp_path / "stick"))


def test_of_several_accounts_each_is_exported_by_itself(make: Callable[..., Courier], tmp_path: Path) -> None:
    studio = make("studio")
    studio.work(1)
    studio.outbox.seal_due(NINE)
    studio.outbox.remember_account(Account("https://elsewhere.example", "me", "Me"))
    told = outbox_export(studio.commands, str(tmp_path / "stick"))

    assert (told.segments, told.others) == (0, 1)


@pytest.mark.parametrize("words", ["'floor', 'flood'", "'minutes', 'minuets'"])
def test_what_is_damaged_is_named_and_the_rest_exported(
    studio: Courier, laptop: Courier, tmp_path: Path, words: str
) -> None:
    segment = next(one for one, state in studio.states().items() if state == "refused")
    with studio.database.transaction() as connection:
        change = f"CAST(replace(CAST(body AS TEXT), {words}) AS BLOB)"
        connection.execute(f"UPDATE segment SET body = {change} WHERE id = ?", (segment,))
        connection.execute("UPDATE picture SET data = zeroblob(3) WHERE rowid = 1")

    told = outbox_export(studio.commands, str(tmp_path / "stick"))

    assert (told.segments, told.pictures) == (2, 0)
    kinds = sorted(one.what.split()[0] for one in told.left_out)
    assert kinds == ["picture", "segment"]
    assert outbox_import(laptop.commands, str(tmp_path / "stick")).imported == 5


def test_only_an_empty_folder_is_written_to(studio: Courier, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("Dear")
    (tmp_path / "file").write_text("")
    (tmp_path / "empty" / ".hidden").mkdir(parents=True)

    with pytest.raises(NotDone, match="not empty"):
        outbox_export(studio.commands, str(tmp_path / "full"))
    with pytest.raises(NotDone, match="is a file"):
        outbox_export(studio.commands, str(tmp_path / "file"))
    assert outbox_export(studio.commands, str(tmp_path / "empty")).segments == 3
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["letter.txt"]
    modes = {one.stat().st_mode & 0o077 for one in (tmp_path / "empty").rglob("*") if one.is_file()}
    assert modes == {0}


def test_a_wrong_folder_says_what_to_name(laptop: Courier, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotDone) as told:
            outbox_import(laptop.commands, str(folder))
        assert told.value.advice == "Name the folder in which index.json lies."


def test_another_process_asks_for_it_by_name(studio: Courier, tmp_path: Path) -> None:
    def ask(command: str, **args: str) -> Any:
        return msgspec.json.decode(answer(studio.commands, msgspec.json.encode(Request(command, args))))

    assert ask("outbox_export", folder=str(tmp_path / "stick"))["result"]["segments"] == 3
    assert ask("outbox_import", folder=str(tmp_path / "stick"))["result"] == {"imported": 0, "known": 6}
    assert ask("outbox_check")["result"] == []


def test_an_empty_outbox_makes_the_round_trip_too(laptop: Courier, tmp_path: Path) -> None:
    outbox_export(laptop.commands, str(tmp_path / "stick"))
    assert outbox_import(laptop.commands, str(tmp_path / "stick")) == Imported(0, 0)
