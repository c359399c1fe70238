"""What the freelancer corrects or takes back, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tracker.errors import BadValue, NotDone
from tracker.model.question import Question
from tracker.model.segment import ShotState
from tracker.model.slot import instant
from tracker.orders import Look
from tracker.typed import memo as typed_memo

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.commands import Commands
    from tracker.model.segment import Segment, Shot
    from tracker.status import TakeBack

_IDS = "'hourproof diary --json' shows them. What another device has tracked is changed there."


class ShotNow(msgspec.Struct, frozen=True):
    """A shot as it is shown from now on."""

    id: str
    taken_at: str
    state: str


class Changed(msgspec.Struct, frozen=True):
    """A segment as it is from now on; one that is discarded has no memo and no shots any more."""

    segment: str
    contract: str
    start: str
    end: str
    discarded: bool
    memo: str = ""
    shots: tuple[ShotNow, ...] = ()


def segment_memo(commands: Commands, segment: str, memo: str) -> Changed:
    """Give a closed segment another memo; raises NotDone, BadValue."""
    found = _segment(commands, segment)
    commands.outbox.change_memo(found.id, typed_memo(memo), commands.now())
    return _told(commands, found)


def segment_discard(commands: Commands, segment: str) -> Changed:
    """Destroy a closed segment with its time and its shots; raises NotDone."""
    found = _segment(commands, segment)
    commands.outbox.discard(found.id, commands.now())
    return _told(commands, found)


def shot_withhold(commands: Commands, shot: str) -> Changed:
    """Destroy a shot's pictures; its time stays, unprotected. Raises NotDone."""
    found, taken = _shot(commands, shot)
    if isinstance(found, Question):
        commands.outbox.change_shot(found.id, taken.id, ())
    else:
        commands.outbox.withhold(found.id, taken.id, commands.now())
    return _told(commands, found)


def shot_blur(commands: Commands, shot: str) -> Changed:
    """Destroy a shot's pictures, and leave in their place that there were some. Raises NotDone."""
    from tracker.capture.blur import covered  # noqa: PLC0415  # Pillow, for who blurs
    from tracker.capture.picture import encode  # noqa: PLC0415  # as above

    found, taken = _shot(commands, shot)
    if taken.state is ShotState.BLURRED:
        raise NotDone("The shot is blurred already.", advice="To show that there is none: withhold it.")
    pictures = [encode(covered(one.width, one.height, one.monitor)) for one in taken.pictures]
    if isinstance(found, Question):
        commands.outbox.change_shot(found.id, taken.id, pictures)
    else:
        commands.outbox.blur(found.id, taken.id, pictures, commands.now())
    return _told(commands, found)


def shot_discard(commands: Commands, shot: str) -> Changed:
    """Destroy a shot with its segment's time; raises NotDone."""
    found, _ = _shot(commands, shot)
    if isinstance(found, Question):
        raise NotDone(
            "The time of this shot is in question.", advice="Answer that it was a break: 'hourproof away'."
        )
    return segment_discard(commands, found.id)


TAKE_BACK: dict[TakeBack, Callable[[Commands, str], Changed]] = {
    "withhold": shot_withhold,
    "blur": shot_blur,
    "discard": shot_discard,
}


def _segment(commands: Commands, wanted: str) -> Segment:
    """Return the segment whose id begins or ends like that."""
    found = commands.outbox.segments_named(_part(wanted))
    if len(found) != 1:
        what = "names several segments" if found else "is no closed segment of this device"
        raise NotDone(f"'{wanted}' {what}.", advice=_IDS)
    return found[0]


def _shot(commands: Commands, wanted: str) -> tuple[Segment | Question, Shot]:
    """Return the shot whose id begins or ends like that, and what holds it; that is closed for it."""
    part = _part(wanted)
    session = commands.session
    if session is not None:
        commands.effect(Look(lambda: session.close_around(part)))
    held: list[Segment | Question] = [
        *commands.outbox.segments_with_shot(part),
        *commands.outbox.questions(),
    ]
    found = [
        (one, shot)
        for one in held
        for shot in one.shots
        if shot.id.startswith(part) or shot.id.endswith(part)
    ]
    if len(found) != 1:
        what = "names several shots" if found else "is no shot of this device"
        raise NotDone(f"'{wanted}' {what}.", advice=_IDS)
    owner, shot = found[0]
    if not shot.pictures:
        raise NotDone("The shot has no picture (any more).", advice="There is nothing to take back.")
    return owner, shot


def _part(wanted: str) -> str:
    """Return what was typed of an id."""
    part = wanted.strip().lower()
    if not part or set(part) - set("0123456789abcdef-"):
        raise BadValue(f"'{wanted}' is no part of an id.", advice=_IDS)
    return part


def _told(commands: Commands, before: Segment | Question) -> Changed:
    """Let the app look again and the server know; return what is true now."""
    session = commands.session
    if session is not None:
        commands.effect(Look(lambda: session.keeper.look_again(session.at)))
    commands.syncer.request()
    left: list[Segment | Question] = [
        *commands.outbox.segments_named(before.id),
        *commands.outbox.questions(),
    ]
    now = next((one for one in left if one.id == before.id), None)
    begin, end = (before.begin, before.end) if isinstance(before, Question) else (before.start, before.end)
    return Changed(
        segment=before.id,
        contract=before.key.contract,
        start=instant(begin),
        end=instant(end),
        discarded=now is None,
        memo=now.memo if now else "",
        shots=tuple(ShotNow(one.id, instant(one.taken_at), one.state) for one in now.shots) if now else (),
    )
