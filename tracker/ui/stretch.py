"""Where time in question lies among what was tracked around it: the axis of its strip, without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.slot import MINUTE, parse_instant

if TYPE_CHECKING:
    from tracker.status import Question, Status

_STEPS = ((10 * MINUTE, 10 * MINUTE), (3 * MINUTE, 5 * MINUTE))  # from which length on, the axis' grid
_FINEST = MINUTE
_STUB = 16  # where nothing more is known, so small a part of the question shows what went before


@dataclass(frozen=True, slots=True)
class Stretch:
    """An axis with a question on it, in instants, and what was tracked around the question.

    Where it is not known how long that was, the axis tells no times of its own (`scaled` is false).
    """

    left: int
    tracked_from: int
    begin: int
    end: int
    tracked_to: int
    right: int
    scaled: bool = True

    def share(self, at: int) -> float:
        """Return where an instant lies, from 0 at the left to 1 at the right."""
        return min(1.0, max(0.0, (at - self.left) / (self.right - self.left)))


def around(question: Question, now: int, *, before: int | None, after: int) -> Stretch:
    """Return the stretch around a question: about its length before it, half of that after it.

    `before` and `after` are how long was tracked on either side, as far as that is known.
    """
    begin = parse_instant(question.begin)
    end = now if question.end is None else parse_instant(question.end)
    end = max(end, begin + 1)
    if before is None:
        left = begin - (end - begin) // _STUB - 1
        return Stretch(left, left, begin, end, end, end, scaled=False)
    step = next((grid for length, grid in _STEPS if end - begin >= length), _FINEST)
    left = (2 * begin - end) // step * step
    right = -(-(end + (end - begin) // 2) // step) * step
    return Stretch(left, max(left, begin - before), begin, end, min(right, end + after), right)


class Surroundings:
    """Remembers what was tracked around questions, as the states told while they came and went."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}

    def learn(self, status: Status) -> None:
        """Take in a state: while away, the session so far is what was tracked before."""
        if status.state == "away" and status.questions:
            self._before[status.questions[-1].id] = status.session_ms

    def of(self, question: Question, status: Status, now: int) -> Stretch:
        """Return the stretch around a question; only the latest one can be of the run under way."""
        latest = bool(status.questions) and status.questions[-1].id == question.id
        before, after = self._before.get(question.id), 0
        if latest and status.state == "tracking" and question.end is not None:
            after = max(0, now - parse_instant(question.end))
            before = before or max(0, status.session_ms - after)
        return around(question, now, before=before, after=after)
