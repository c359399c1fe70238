"""A tracker's outbox and delivery as a process that can be killed, put together as the app does it.

Told over standard input: `put N` (so many segments), `drain`. It says `put ID START HASH…` once the outbox
has answered for a segment, and `drained N` with what is left; at the end of its input it ends as on quitting.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path
from random import Random

from PIL import Image
from uuid_utils import uuid7

from tracker import app
from tracker.capture.base import EncodedPicture
from tracker.desktop.embedded import Started
from tracker.loop import Loop
from tracker.model.segment import ClosedBy, Key, Picture, Segment, Shot, ShotState, segment_minutes
from tracker.model.slot import MINUTE, SECOND, SLOT, slot_of
from tracker.outbox.outbox import Hold
from tracker.paths import Home
from tracker.settings import read_test_mode
from tracker.sync.syncer import Syncer

MEMO = "Canary memo of a stormy night"
_SPANS = 12_000 * SLOT  # as many slots lie behind before the first one


class Elsewhere:
    """In the embedded server's place one that the tracker neither starts nor ends."""

    url = ""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def start(self) -> Started:
        return Started(self.url)


class Tracker:
    """Puts what is worked into the outbox, a slot after the other."""

    def __init__(self, parts: app.Parts, keys: list[Key], chance: Random) -> None:
        parts.recover()
        self._parts = parts
        self._keys = keys
        self._chance = chance
        self._syncer = Syncer(
            parts.outbox, parts.connection, parts.clock, parts.random, hourly=False, spread_s=0
        )
        self._delivery = Loop(self._syncer, parts.clock, "delivery")
        self._syncer.nudge = self._delivery.nudge

    def run(self) -> None:
        """Deliver, and obey until the input ends."""
        self._delivery.start()
        for line in sys.stdin:
            match line.split():
                case ["put", number]:
                    for _ in range(int(number)):
                        say("put", *self._put())
                    self._delivery.nudge()
                case ["drain"]:
                    left = self._syncer.drain(600.0)
                    say("drained", left.held + left.waiting + left.refused)
        self._syncer.close()
        self._delivery.stop(10)

    def _put(self) -> list[str]:
        """Work a slot through; return its id, when it began and its pictures' hashes."""
        outbox, chance = self._parts.outbox, self._chance
        now = self._parts.now()
        at = outbox.last_end() or slot_of(now) - _SPANS
        segment = Segment(
            id=str(uuid7()),
            key=chance.choice(self._keys),
            start=at,
            end=at + SLOT,
            memo=MEMO,
            minutes=segment_minutes(at, at + SLOT, "x11-record"),
            closed_by=ClosedBy.SLOT_END,
            source="x11-record",
        )
        self._parts.draft.save(segment, durable=chance.random() < 0.5)
        hashes: list[str] = []
        if chance.random() < 0.9:
            shot, pictures = _shot(at + MINUTE, chance)
            hashes = [picture.sha256 for picture in pictures]
            outbox.store_pictures(shot, pictures, segment=segment.id)
            segment = _with(segment, shot)
        hold = Hold("notice", now + chance.randrange(60 * SECOND)) if chance.random() < 0.3 else None
        outbox.put(segment, hold)
        return [segment.id, str(at), *hashes]


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201  # this is how it answers


def _with(segment: Segment, shot: Shot) -> Segment:
    return Segment(**{name: getattr(segment, name) for name in segment.__slots__} | {"shots": (shot,)})


def _shot(at: int, chance: Random) -> tuple[Shot, list[EncodedPicture]]:
    """Return a shot of one monitor or two, which at times show what was seen before."""
    pictures = []
    for monitor in range(chance.choice((1, 1, 2))):
        made = io.BytesIO()
        Image.new("RGB", (32, 18), chance.randrange(1 << 16)).save(made, "WEBP", lossless=True)
        data = made.getvalue()
        pictures.append(EncodedPicture(monitor, 32, 18, hashlib.sha256(data).hexdigest(), data))
    named = tuple(Picture(one.sha256, len(one.data), one.monitor, 32, 18) for one in pictures)
    return Shot(str(uuid7()), at, ShotState.KEPT, named), pictures


def main() -> None:
    """Work on a home, beside the server at an address, by a seed: HOME URL SEED ORIGIN ACCOUNT CONTRACT…"""
    home, Elsewhere.url, seed, origin, account, *contracts = sys.argv[1:]
    app.Embedded = Elsewhere  # type: ignore[assignment,misc]  # the seam of this double
    keys = [Key(origin, account, contract) for contract in contracts]
    with app.Parts(Home.at(Path(home)), read_test_mode(), patience_s=30) as parts:
        Tracker(parts, keys, Random(seed)).run()


if __name__ == "__main__":
    main()
