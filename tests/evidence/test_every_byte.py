"""A bundle in which any one byte is another is found out, and what is affected is named."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator

import pytest
from bundling import check, small, zipped

from tracker.evidence.archive import CONTENTS
from tracker.evidence.bundle import COMMENT_LENGTH, MANIFEST
from tracker.evidence.keys import SigningKey

_EACH = int(
    os.environ.get("HOURPROOF_FLIPS", "2")
)  # of the 255 other values of every byte: HOURPROOF_FLIPS=255
_FLIPS = (0x01, 0x20, 0x80, 0x04, *(set(range(1, 256)) - {0x01, 0x20, 0x80, 0x04}))[:_EACH]
_MANIFEST_S = {MANIFEST, "the ZIP's comment"}


@pytest.mark.timeout(3600)
def test_every_byte_of_a_bundle_is_guarded() -> None:
    bundle = bytearray(small().bundle())
    assert check(bytes(bundle)).faults == ()
    unfound = []
    for place, affected in enumerate(regions(bytes(bundle))):
        for flip in _FLIPS:
            bundle[place] ^= flip
            named = {fault.what for fault in check(bytes(bundle)).faults}
            bundle[place] ^= flip
            if not named & affected:
                unfound.append((place, flip, affected, named))
    assert unfound == []
    print(f"{len(bundle)} bytes, {_EACH} other values each: every one found and named")  # noqa: T201  # the promise prints its counts


def test_a_bundle_that_was_cut_off_or_grew_anywhere_is_found_out() -> None:
    bundle = small().bundle()
    for place in range(0, len(bundle), 7):
        assert check(bundle[:place]).faults
        assert check(bundle[:place] + bundle[place + 1 :]).faults
        assert check(bundle[:place] + b"\0" + bundle[place:]).faults


def test_members_that_no_bundle_has_are_refused() -> None:
    key = SigningKey("11" * 32)
    for name in ("../../evil", "/etc/passwd", "segments/../x.json", "C:\\evil", "a\nb", "x" * 150, "é"):
        (fault, *_) = check(zipped([(name, b"")], key)).faults
        assert fault.what in {MANIFEST, CONTENTS, ascii(name)}
    named = check(with_more(("../evil", b"x"))).faults
    assert "'../evil': it does not belong into a bundle" in {f"{one.what}: {one.why}" for one in named}


def test_a_name_that_is_there_twice_is_refused() -> None:
    (fault,) = check(with_more(("keys.json", b"{}"))).faults
    assert (fault.what, fault.why) == (CONTENTS, "keys.json is in it twice")


def test_nothing_is_ever_inflated() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("manifest.json", bytes(100_000_000))
        bomb.comment = b"x" * COMMENT_LENGTH
    (fault,) = check(file.getvalue()).faults
    assert fault.what == CONTENTS


def test_what_is_larger_than_any_bundle_is_refused_unread() -> None:
    entry = bytearray(zipped([("keys.json", b"{}")], SigningKey("11" * 32)))
    at = entry.index(b"PK\1\2")
    entry[at + 20 : at + 28] = b"\xff\xff\xff\x7f" * 2
    (fault,) = check(bytes(entry)).faults
    assert "larger than any bundle needs" in fault.why


def test_other_files_are_no_bundles() -> None:
    for data in (b"", b"PK", b"no zip at all" * 100, bytes(10_000)):
        (fault,) = check(data).faults
        assert fault.what.startswith("the ZIP")


def with_more(*members: tuple[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(small().bundle())) as bundle:
        there = [(one.filename, bundle.read(one)) for one in bundle.infolist()]
    return zipped([*there, *members], SigningKey("11" * 32))


def regions(bundle: bytes) -> Iterator[set[str]]:
    """What each byte belongs to, by the standard library's reading of the ZIP."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as read:
        for one in read.infolist():
            name = _MANIFEST_S if one.filename == MANIFEST else {one.filename}
            yield from [name] * (30 + len(one.filename) + one.file_size)
        contents = sum(46 + len(one.filename) for one in read.infolist())
    yield from [{CONTENTS}] * contents
    yield from [{"the ZIP's end"}] * 22
    yield from [_MANIFEST_S] * COMMENT_LENGTH
