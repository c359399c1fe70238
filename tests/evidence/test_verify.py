"""Whoever has a bundle finds out what it proves, also where somebody has put it together anew with skill."""

from __future__ import annotations

import dataclasses
import hashlib

import msgspec
import pytest
from bundling import ORIGIN, SERVER, Desk, bind, check, found, receipt_of, rewritten, small
from device import Device, Sealed, webp
from doubles import NINE

from tracker.evidence.bundle import Bound, PictureFact, Undelivered, picture_name
from tracker.evidence.keys import SigningKey
from tracker.evidence.report import REPORT, report
from tracker.model.revision import Change
from tracker.model.segment import Shot, ShotState
from tracker.model.slot import DAY, HOUR, MINUTE, SLOT, instant
from tracker.wire.evidence import ChainView, Link, ServerKey, Tombstone
from tracker.wire.segment import decode_segment


@pytest.fixture
def desk() -> Desk:
    """Two segments, the first with two pictures."""
    desk = Desk()
    desk.work(0, webp(1), webp(2))
    desk.work(1)
    return desk


def altered(desk: Desk, **facts: object) -> bytes:
    """A bundle of other contents than the desk's, put together in good order."""
    return desk.bundle(dataclasses.replace(desk.contents(), **facts))  # type: ignore[arg-type]  # what a test says


def chain(desk: Desk, *absent: tuple[int, int], elsewhere: tuple[Link, ...] = ()) -> tuple[ChainView, ...]:
    return (ChainView("northbeam", desk.device.key.id, 9, elsewhere, absent),)


def test_a_bundle_that_is_sound_says_what_was_worked(desk: Desk) -> None:
    examined = check(desk.bundle())

    assert examined.faults == ()
    assert examined.reading
    assert [line.segment.tracked_ms for line in examined.reading.lines] == [SLOT, SLOT]
    assert {line.state for line in examined.reading.lines} == {"delivered"}


def test_another_hour_in_a_segment_is_found_by_its_signature(desk: Desk) -> None:
    first, second = desk.segments
    changed = first.body.replace(b'"keys":120', b'"keys":920')
    assert changed != first.body

    faults = found(altered(desk, segments=(dataclasses.replace(first, body=changed), second)))

    assert f"segments/{first.id}.signature: it is not what device {desk.device.key.id} has signed" in faults
    assert f"segments/{first.id}.receipt: it is not the server's word for these bytes" in faults
    assert any(
        fault.startswith(f"segments/{second.id}.json: it does not follow number 1") for fault in faults
    )


def test_a_segment_that_was_taken_out_is_missed(desk: Desk) -> None:
    second = desk.segments[1]

    assert found(desk.bundle(dataclasses.replace(desk.contents(), segments=(second,)))) == [
        f"segments/{second.id}.json: number 1 of its chain, which it follows, is missing",
        *(f"{picture_name(one)}: no segment shows it: it was withheld, or does not belong here"
          for one in sorted(desk.pictures)),
    ]  # fmt: skip


def test_a_number_that_nobody_delivered_is_named_and_no_fault(desk: Desk) -> None:
    desk.device.work(NINE + 2 * HOUR)
    desk.work(3)
    examined = check(altered(desk, manifest=desk.contents(chains=chain(desk, (3, 4))).manifest))

    assert examined.faults == ()
    assert examined.reading
    assert examined.reading.absent("northbeam") == [(desk.device.key.id, "3")]
    assert found(desk.bundle()) == [
        f"segments/{desk.segments[2].id}.json: number 3 of its chain, which it follows, is missing"
    ]
    lie = altered(desk, manifest=desk.contents(chains=chain(desk, (2, 4))).manifest)
    assert found(lie) == [
        f"manifest.json: number 2 of {desk.device.key.id} is said to be absent, but is here"
    ]


def test_a_link_of_another_week_is_followed(desk: Desk) -> None:
    other = desk.device.work(NINE + 7 * DAY)
    desk.work(3)

    there = chain(desk, elsewhere=(Link(3, other.sha256),))
    assert found(altered(desk, manifest=desk.contents(chains=there).manifest)) == []
    there = chain(desk, elsewhere=(Link(3, "ab" * 32),))
    (fault,) = found(altered(desk, manifest=desk.contents(chains=there).manifest))
    assert "it does not follow number 3" in fault


def test_a_segment_of_another_week_contract_or_server_does_not_belong() -> None:
    for device, start, why in (
        (Device(ORIGIN, "ada", "northbeam"), NINE + 7 * DAY, "it belongs to another week"),
        (Device(ORIGIN, "ada", "fennel"), NINE, "its contract fennel is not in the manifest"),
        (Device("https://elsewhere.example", "ada", "northbeam"), NINE, "it belongs to another server"),
    ):
        desk = Desk(device)
        desk.deliver(desk.device.work(start))
        assert any(why in fault for fault in found(desk.bundle()))


def test_a_receipt_of_another_server_does_not_count(desk: Desk) -> None:
    other = SigningKey("77" * 32)
    keys = msgspec.structs.replace(desk.contents().keys, servers=(ServerKey(other.id, other.public),))

    faults = found(altered(desk, keys=keys))

    assert len(faults) == 2
    assert all(f"keys.json: the server's key {SERVER.id} is missing" in fault for fault in faults)


def test_a_server_s_key_that_is_known_beforehand_is_asked_for(desk: Desk) -> None:
    public = msgspec.json.encode(SERVER.public).decode().strip('"')
    assert check(desk.bundle(), SERVER.id).faults == check(desk.bundle(), public).faults == ()
    (fault,) = check(desk.bundle(), "77" * 16).faults
    assert fault.why == f"{SERVER.id} is not the server's key that was given"


def test_a_key_under_another_s_id_is_found(desk: Desk) -> None:
    keys = msgspec.structs.replace(desk.contents().keys, servers=(ServerKey(SERVER.id, b"\1" * 32),))
    assert f"keys.json: the key of {SERVER.id} is another's" in found(altered(desk, keys=keys))


def test_a_report_that_says_something_else_is_found(desk: Desk) -> None:
    bundle = desk.bundle()
    forged = rewritten(bundle, desk.device.key, {"report.html": b"<p>400 hours</p>"})
    assert found(forged) == ["report.html: it does not say what the evidence says"]


def test_whoever_writes_the_manifest_anew_needs_a_key_that_is_in_it(desk: Desk) -> None:
    forged = rewritten(desk.bundle(), SigningKey("66" * 32), {"report.html": b"<p>400 hours</p>"})
    assert "the ZIP's comment: the manifest's signature in it was changed" in found(forged)


def test_pictures_are_here_or_it_is_said_why_not(desk: Desk) -> None:
    (one, other), segment = sorted(desk.pictures), desk.segments[0].id
    kept = {other: desk.pictures[other]}
    contents = dataclasses.replace(desk.contents(), pictures=frozenset(kept))
    key = desk.device.key
    missing = f"{picture_name(one)}: it is missing: segment {segment} names it"
    assert found(bind(contents, kept, key)) == [missing]
    for state, faults in (("destroyed", []), ("missing", [missing]), ("rejected", [missing])):
        told = msgspec.structs.replace(
            contents.manifest,
            pictures=(PictureFact("northbeam", one, state),),  # type: ignore[arg-type]  # one of them
        )
        assert found(bind(dataclasses.replace(contents, manifest=told), kept, key)) == faults


def test_a_picture_that_the_server_rejected_is_not_missing() -> None:
    desk = Desk()
    desk.deliver(desk.device.work(NINE, webp()), "rejected")
    contents = dataclasses.replace(desk.contents(), pictures=frozenset())
    assert found(bind(contents, {}, desk.device.key)) == []


def test_a_withheld_picture_may_not_be_here(desk: Desk) -> None:
    first = desk.segments[0]
    desk.deliver(desk.device.revise(sealed_of(first), Change.WITHHOLD))

    assert [fault.partition(": ")[2] for fault in found(desk.bundle())] == [
        "no segment shows it: it was withheld, or does not belong here"
    ] * 2
    contents = dataclasses.replace(desk.contents(), pictures=frozenset())
    examined = check(bind(contents, {}, desk.device.key))
    assert examined.faults == ()
    assert examined.reading
    assert examined.reading.lines[0].segment.shots[0].state == "withheld"


def test_a_memo_that_was_changed_later_is_the_one_that_counts() -> None:
    examined = check(small().bundle())
    assert examined.reading
    (line,) = examined.reading.lines
    assert (line.segment.memo, line.changes) == ("Checkout: error copy", (Change.MEMO,))


def test_a_revision_without_its_segment_is_a_fault(desk: Desk) -> None:
    late = desk.device.work(NINE + 2 * HOUR)
    revision = desk.deliver(desk.device.revise(late, Change.MEMO, memo="Another memo"))
    there = chain(desk, elsewhere=(Link(3, late.sha256),))
    (fault,) = found(altered(desk, manifest=desk.contents(chains=there).manifest))
    assert fault == f"segments/{late.id}.json: it is missing: revisions/{revision.id}.json changes it"
    assert found(altered(desk, manifest=desk.contents(chains=chain(desk, (3, 4))).manifest)) == []


def test_a_discarded_segment_leaves_a_tombstone_that_a_revision_proves(desk: Desk) -> None:
    second = desk.segments[1]
    revision = desk.deliver(desk.device.revise(sealed_of(second), Change.DISCARD))
    body = decode_segment(second.body)
    stone = Tombstone(
        *("northbeam", "segment", second.id, "ada", desk.device.key.id, 2),
        *(sealed_of(second).sha256, body.start, revision.id, instant(NINE + DAY), second.receipt),
    )
    left = dataclasses.replace(desk.contents(), segments=desk.segments[:1], tombstones=(stone,))

    examined = check(desk.bundle(left))
    assert examined.faults == ()
    assert examined.reading
    assert [one.id for one in examined.reading.discarded] == [second.id]
    assert len(examined.reading.lines) == 1

    lie = msgspec.structs.replace(stone, id=desk.segments[0].id, receipt=None)
    faults = found(desk.bundle(dataclasses.replace(left, tombstones=(lie,))))
    assert f"tombstones/{lie.id}.json: revision {revision.id} discards another segment" in faults
    nobody = dataclasses.replace(left, revisions=())
    assert any("no revision" in fault for fault in found(desk.bundle(nobody)))


def test_what_is_not_delivered_is_told_and_has_no_receipt(desk: Desk) -> None:
    late = desk.device.work(NINE + 2 * HOUR)
    waiting = Bound(late.id, late.body, late.signature, None)
    told = Undelivered(
        "segment", late.id, "northbeam", instant(NINE + 2 * HOUR), instant(NINE + 2 * HOUR + SLOT), "waiting"
    )
    more = (*desk.segments, waiting)
    manifest = desk.contents(undelivered=(told,)).manifest

    examined = check(altered(desk, manifest=manifest, segments=more))
    assert examined.faults == ()
    assert examined.reading
    assert [line.state for line in examined.reading.lines] == ["delivered", "delivered", "waiting"]
    assert found(altered(desk, segments=more)) == [f"segments/{late.id}.receipt: it is missing"]
    signed = (*desk.segments, dataclasses.replace(waiting, receipt=receipt_of(late)))
    (fault,) = found(altered(desk, manifest=manifest, segments=signed))
    assert fault == f"manifest.json: segments/{late.id} is said to be waiting, but has a receipt"


def test_a_change_that_was_refused_counts_for_nothing() -> None:
    desk = small()
    refused = dataclasses.replace(desk.revisions[0], receipt=None)
    told = Undelivered("revision", refused.id, "northbeam", instant(NINE), instant(NINE + HOUR), "refused")
    bundle = altered(desk, revisions=(refused,), manifest=desk.contents(undelivered=(told,)).manifest)
    examined = check(bundle)
    assert examined.faults == ()
    assert examined.reading
    assert [line.segment.memo for line in examined.reading.lines] == ["Drawing the floor plan"]


def test_a_table_has_no_formula_and_a_page_no_markup() -> None:
    desk = Desk()
    desk.work(0, memo='=HYPERLINK("http://x")<script>alert(1)</script>')
    examined = check(desk.bundle())
    assert examined.faults == ()
    text = desk.bundle()
    assert b"<script>" not in text.partition(b"<!doctype")[2].partition(b"</html>")[0]
    assert b"\"'=HYPERLINK" in text


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"{}", b"[" * 100_000, b'{"a":' * 100_000, b'{"kind":"segment"}']
)
def test_whatever_stands_in_a_member_is_told_and_never_trips(text: bytes) -> None:
    bundle = small().bundle()
    for name in ("keys.json", "report.csv", *(f"segments/{small_id}" for small_id in stems(bundle))):
        faults = check(rewritten(bundle, SigningKey("11" * 32), {name: text})).faults
        assert any(fault.what == name or fault.what.startswith(name[:45]) for fault in faults)


def test_a_report_that_looks_otherwise_has_another_number() -> None:
    """Whoever changes what the report says raises REPORT: older bundles stay sound."""
    desk, names = Desk(), [f"00000000-0000-7000-8000-00000000000{n}" for n in range(3)]
    shot = Shot(names[1], NINE + MINUTE, ShotState.FAILED, (), "The screen shows a single colour.")
    first = desk.work(0, id=names[0], shots=(shot,))
    desk.deliver(desk.device.revise(first, Change.MEMO, id=names[2], memo="Checkout: <error> copy"))
    made = report(desk.contents(chains=chain(desk, (3, 5))))
    assert (REPORT, hashlib.sha256(b"".join(made.values())).hexdigest()[:16]) == (1, "66c88a253d788cff")


def stems(bundle: bytes) -> list[str]:
    (one,) = check(bundle).reading.segments  # type: ignore[union-attr]  # it is sound
    return [f"{one}.json", f"{one}.signature", f"{one}.receipt"]


def sealed_of(bound: Bound) -> Sealed:
    """Return a parcel as its device sealed it."""
    return Sealed(bound.id, "northbeam", bound.body, bound.signature, {})
