"""Whether two shots show the same screen, by what is recorded of their pictures: the bytes are not needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.segment import Picture, Shot

# Measured on screens full of text, light and dark: a blinking cursor or a clock turns one bit at most, and
# changes the size by 0.3 %. Of new text, a line may turn no bit, and on a dark terminal 60 lines may not
# either: by the bits alone, honest work would look like none. The sizes differ by 0.4 % and more then.
SAME = 1  # of 64 bits
ALIKE = 1 / 256  # of the size in bytes


def shot_before(shots: Sequence[Shot], shot: Shot) -> Shot | None:
    """Return the last one taken before it that has as many pictures; None if there is none."""
    earlier = [
        one for one in shots if one.taken_at < shot.taken_at and len(one.pictures) == len(shot.pictures)
    ]
    return max(earlier, key=lambda one: one.taken_at, default=None)


def shows_the_same(shot: Shot, before: Shot) -> bool:
    """Say whether every monitor shows what it showed before; never of a picture without a hash."""
    pairs = list(zip(_by_monitor(shot), _by_monitor(before), strict=True))
    return bool(pairs) and all(_same(now, then) for now, then in pairs)


def _by_monitor(shot: Shot) -> list[Picture]:
    return sorted(shot.pictures, key=lambda picture: picture.monitor)


def _same(now: Picture, then: Picture) -> bool:
    if now.dhash is None or then.dhash is None:
        return False
    sizes = now.size, then.size
    alike = max(sizes) - min(sizes) <= ALIKE * max(sizes)
    return alike and (int(now.dhash, 16) ^ int(then.dhash, 16)).bit_count() <= SAME
