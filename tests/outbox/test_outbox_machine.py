"""The outbox against a model of it: whatever is put, changed, sent, refused and crashed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from boxes import DEVICE, SERVER, Box
from doubles import NINE
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from worked import FENNEL, NORTHBEAM, receipt, taken, worked

from tracker.errors import NotDone
from tracker.evidence.signing import parse_signature
from tracker.model.segment import Segment, ShotState
from tracker.model.slot import MINUTE, SECOND
from tracker.outbox.outbox import Hold, Parcel
from tracker.status import OutboxStatus
from tracker.wire.segment import decode_segment, segment_of


@dataclass
class Expected:
    """What must be in the outbox, in every state."""

    held: dict[str, tuple[Segment, int]] = field(default_factory=dict)
    waiting: dict[str, Segment] = field(default_factory=dict)
    refused: dict[str, Segment] = field(default_factory=dict)
    delivered: dict[str, Segment] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)


class OutboxMachine(RuleBasedStateMachine):
    """Puts, changes, seals, delivers, refuses, crashes; after each the outbox is what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.box = Box(Path(self.folder.name))
        self.expected = Expected()
        self.now = NINE
        self.chains: dict[str, list[str]] = {}
        self.numbers = 0
        self.draft: Segment | None = None

    def teardown(self) -> None:
        self.box.database.close()
        self.folder.cleanup()

    def any_of(self, data: st.DataObject, which: dict[str, object]) -> str:
        return data.draw(st.sampled_from(sorted(which)))

    @rule(key=st.sampled_from([NORTHBEAM, FENNEL]), with_shot=st.booleans(), durable=st.booleans())
    def track(self, key: object, with_shot: bool, durable: bool) -> None:
        if self.draft is not None:
            return
        begin = -(-self.now // MINUTE) * MINUTE  # on a minute: the segment must lie inside one slot
        self.now = begin + MINUTE
        shots = ()
        segment = worked(begin, MINUTE, key=key)
        self.box.draft.save(segment, durable=durable)
        if with_shot:
            self.numbers += 1
            shot, pictures = taken(f"screen {self.numbers}".encode(), at=self.now)
            self.box.outbox.store_pictures(shot, pictures, segment=segment.id)
            self.expected.pictures[shot.pictures[0].sha256] = pictures[0].data
            shots = (shot,)
        self.draft = replace(segment, shots=shots)

    @precondition(lambda self: self.draft is not None)
    @rule(notice_s=st.sampled_from([None, 0, 15, 60]))
    def close(self, notice_s: int | None) -> None:
        until = self.now + (notice_s or 0) * SECOND
        self.box.outbox.put(self.draft, None if notice_s is None else Hold("notice", until))
        self.expected.held[self.draft.id] = (self.draft, 0 if notice_s is None else until)
        self.draft = None

    @rule(seconds=st.sampled_from([1, 15, 600]))
    def pass_time(self, seconds: int) -> None:
        if self.draft is None:
            self.now += seconds * SECOND

    @rule()
    def seal(self) -> None:
        due = {one for one, (_, until) in self.expected.held.items() if until <= self.now}

        assert self.box.outbox.seal_due(self.now) == len(due)

        for one in sorted(due, key=lambda one: self.expected.held[one][0].start):
            segment, _ = self.expected.held.pop(one)
            self.expected.waiting[one] = segment
            self.chains.setdefault(segment.key.contract, []).append(one)

    @precondition(lambda self: self.expected.held)
    @rule(data=st.data(), what=st.sampled_from(["memo", "withhold", "discard"]))
    def change(self, data: st.DataObject, what: str) -> None:
        one = self.any_of(data, self.expected.held)
        segment, until = self.expected.held[one]
        if what == "memo":
            self.box.outbox.change_memo(one, "Said later", NINE)
            self.expected.held[one] = (replace(segment, memo="Said later"), until)
        elif what == "discard":
            self.box.outbox.discard(one, NINE)
            del self.expected.held[one]
            self.lose_pictures(segment)
        elif segment.shots and segment.shots[0].state is ShotState.KEPT:
            self.box.outbox.withhold(one, segment.shots[0].id, NINE)
            (shot,) = segment.shots
            self.lose_pictures(segment)
            gone = replace(shot, state=ShotState.WITHHELD, pictures=())
            self.expected.held[one] = (replace(segment, shots=(gone,)), until)

    @precondition(lambda self: self.expected.waiting)
    @rule(answer=st.sampled_from(["received", "answer lost", "trouble", "refused"]))
    def send(self, answer: str) -> None:
        parcel = self.box.outbox.oldest_due(self.now)
        if parcel is None:
            return
        assert parcel.id in self.expected.waiting
        self.check(parcel)
        match answer:
            case "received":
                self.box.outbox.delivered(parcel.id, receipt(parcel, SERVER))
                segment = self.expected.waiting.pop(parcel.id)
                self.expected.delivered[parcel.id] = segment
                self.lose_pictures(segment)
            case "trouble":
                self.box.outbox.postpone(parcel.id, self.now + 5 * SECOND, "no answer")
                again = self.box.outbox.oldest_due(self.now)
                assert again is None or again.id != parcel.id
            case "refused":
                self.box.outbox.refuse(parcel.id, "no")
                self.expected.refused[parcel.id] = self.expected.waiting.pop(parcel.id)

    @precondition(lambda self: self.expected.refused)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        one = self.any_of(data, self.expected.refused)
        self.box.outbox.retry(one)
        self.expected.waiting[one] = self.expected.refused.pop(one)

    @rule(suddenly=st.booleans())
    def start_again(self, suddenly: bool) -> None:
        if suddenly:
            self.box.crash()
        else:
            self.box.reopen()
        assert self.box.draft.load() == self.draft

    def check(self, parcel: Parcel) -> None:
        body = decode_segment(parcel.body)
        assert segment_of(body) == self.expected.waiting[parcel.id]
        assert parse_signature(parcel.signature).of(DEVICE.public, parcel.body)
        place = self.chains[body.contract].index(parcel.id)
        assert (body.seq, body.prev is None) == (place + 1, place == 0)
        for sha256 in parcel.pictures:
            assert self.box.outbox.picture(sha256) == self.expected.pictures[sha256]

    def lose_pictures(self, segment: Segment) -> None:
        for shot in segment.shots:
            for picture in shot.pictures:
                del self.expected.pictures[picture.sha256]
                try:
                    self.box.outbox.picture(picture.sha256)
                except NotDone:
                    continue
                raise AssertionError("a picture outlived its segment")

    @invariant()
    def the_outbox_is_what_the_model_says(self) -> None:
        expected = self.expected
        assert self.box.outbox.counts() == OutboxStatus(
            len(expected.held), len(expected.waiting), len(expected.refused)
        )
        held = {one: segment for one, (segment, _) in expected.held.items()}
        kept = {**held, **expected.waiting, **expected.refused, **expected.delivered}
        found = self.box.outbox.segments(NINE, self.now + MINUTE)
        assert {segment.id: segment for segment, _ in found} == kept
        assert {segment.id for segment, proof in found if proof} == set(expected.delivered)
        assert sum(self.box.outbox.tracked(NINE, self.now + MINUTE).values()) == len(kept) * MINUTE
        with self.box.database.reading() as connection:
            rows = connection.execute("SELECT sha256, data FROM picture").fetchall()
        assert dict(rows) == expected.pictures


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
