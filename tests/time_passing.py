"""What must have become of time, told from clocks and from what was done, never from the code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from time_pieces import HOUR, MINUTE, SECOND, SLOT, Piece, Run, Silence

STEP_OF_SILENCE = SECOND  # input is taken for the last second of a step


class TimePassing:
    """What time alone does: what is heard, what is silent, and when a run stops."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.run: Run | None = None
        self.closed: list[Piece] = []
        self.questions: list[Silence] = []
        self.discarded = self.lost = 0
        self.runs: dict[int, list[int]] = {}
        self.session: int | None = None  # the run whose time status tells
        self.resume: tuple[str, int, str, str] | None = None
        self.back = 0  # when somebody came back to the screen
        self.locked = self.sure = self.asleep = False
        self.knocks = 0  # steps with input at a screen that may be unlocked
        self.seen: dict[str, int] = {}

    def happened(self, what: str) -> None:
        self.seen[what] = self.seen.get(what, 0) + 1

    # What there is

    @property
    def state(self) -> str:
        return "stopped" if self.run is None else "away" if self.run.away else "tracking"

    def presence(self) -> tuple[str, int, bool]:
        """The state, when somebody came back last, and whether the screen shows nothing of anybody's work."""
        return self.state, self.back, self.locked or self.asleep

    def counted(self) -> list[Piece]:
        """Everything that counts now, in order, the open segment and a call under way included."""
        return sorted([*self.closed, *self.growing()], key=lambda one: (one.start, one.run))

    def growing(self) -> list[Piece]:
        run = self.run
        if run is None:
            return []
        if run.away is None:
            return [run.open] if run.open.ms else []
        return list(run.away.kept(run.away.contract, run.away.memo)) if run.away.call else []

    def asked(self) -> list[tuple[int, int, bool, str]]:
        """Begin, end, whether it still grows, and contract of all that is in question."""
        closed = [(one.begin, one.end, False, one.contract) for one in self.questions]
        away = self.run.away if self.run else None
        grows = [(away.begin, away.end, True, away.contract)] if away and not away.call else []
        return sorted([*closed, *grows])

    def ended(self) -> int:
        """Where the last time that is kept ends."""
        return max([*(one.end for one in self.closed), *(one.end for one in self.questions)], default=0)

    def day(self, at: int) -> date:
        return datetime.fromtimestamp(at // SLOT * SLOT / 1000, UTC).astimezone(self.zone).date()

    def midnight(self, at: int) -> int:
        """The first local midnight after an instant."""
        day = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone).date() + timedelta(days=1)
        return int(datetime.combine(day, time(0), self.zone).timestamp()) * 1000

    # Time passes

    def pass_time(self, boot: int, *, slept: int, keys: int, active: bool, counts: bool) -> None:
        """Live on to an instant of the boot clock: awake, with input at the end of that, then asleep."""
        run, unheard, active = self.run, not counts, active and counts
        if active and self.locked and not self.sure and run is not None:
            self.knocks += 1
            self.locked = self.knocks < 30
        if self.locked or self.asleep:
            active = unheard = False
        if slept >= SECOND:
            self.back, self.asleep = boot, self.asleep and run is None
        if run is None:
            return
        to = boot + run.offset
        if run.away is None and run.open.source != run.source and to > run.upto:
            run.heard = run.upto
            self._close(run, "input")
        if slept < SECOND:
            self._live(to, keys=keys, active=active, unheard=unheard)
            return
        self._live(max(to - slept, run.upto + 1), keys=keys, active=active, unheard=unheard)
        self.leave("sleep")
        self._nobody(to)

    def _live(self, to: int, *, keys: int, active: bool, unheard: bool) -> None:
        run = self.run
        if run is None or to <= run.upto:
            return
        gone = run.away is not None and run.away.why == "away"
        if not active and (gone or not unheard):
            self._nobody(to)
            return
        if active:
            self._nobody(max(to - STEP_OF_SILENCE, run.upto))
        if self.run is not None:
            self.come_back()
            run.heard = to
            self._grow(to)
            if active:
                self._slot_before(to).input.append((to, keys))

    # What counts

    def lose_input(self, awake: int) -> None:
        """Nothing counts from here on; it is tried again."""
        if self.run is not None:
            self.run.again, self.run.wait = awake + SECOND, 2 * SECOND
            self.run.source = False
            self.happened("input lost")

    def count_again(self, awake: int, *, there: bool) -> None:
        """Try to count again, ever more seldom."""
        run = self.run
        if run is None or run.source or awake < run.again:
            return
        if there:
            run.source = True
            self.happened("input back")
        else:
            run.again, run.wait = awake + run.wait, min(2 * run.wait, MINUTE)

    # Time passes, second by second

    def _slot_before(self, at: int) -> Piece:
        """The segment that holds the moment before an instant."""
        run = self.run
        assert run is not None
        return run.open if run.open.start < at else self.closed[-1]

    def _nobody(self, to: int) -> None:
        """Nobody is heard until an instant."""
        while (run := self.run) is not None and run.upto < to:
            if run.away:
                self._stay_away(to)
                continue
            gone = self._gone(run)
            self._grow(min(to, gone))
            if gone <= to:
                self.leave("away")

    def _gone(self, run: Run) -> int:
        limit = min(run.limit, HOUR)
        if run.heard + limit < run.call:
            return run.heard + limit
        return max(run.heard, run.call) + limit

    def _grow(self, to: int) -> None:
        run = self.run
        assert run is not None
        while run.open.start // SLOT * SLOT + SLOT <= to:
            edge = run.open.start // SLOT * SLOT + SLOT
            run.open.end = edge
            self._close(run, "slot-end")
        run.open.end = to

    def _close(self, run: Run, why: str) -> None:
        if run.open.ms:
            self.closed.append(replace(run.open, why=why))
        run.open = run.open.next(source=run.source)

    def begin_of_silence(self, run: Run) -> int:
        """Where a question would begin if it turned out that nobody is there."""
        begin, edge = run.heard, -(-run.heard // SLOT) * SLOT
        if run.upto >= edge and edge - begin < MINUTE:
            begin = edge  # so short a tail stays with its slot
        return begin if run.upto < run.call else max(begin, run.call)

    def leave(self, why: str) -> None:
        """Nobody is there from now on: what was silent is in question."""
        run = self.run
        if run is None or run.away:
            return
        upto, begin = run.upto, self.begin_of_silence(run)
        in_call = upto < run.call
        made = run.open
        self._close(run, why)
        for piece in [one for one in self.closed if one.run == run.number and one.end > begin]:
            self.closed.remove(piece)
            if piece.start < begin:
                self.closed.append(piece.cut(begin, why))
        self.happened(f"left: {why}" + " in a call" * in_call)
        call, heard = run.call if in_call else None, max(run.heard, run.call)
        silence = Silence(run.number, begin, upto, made.contract, made.memo, made.source, why, call)
        self._ask(silence, heard)

    def _ask(self, away: Silence, heard: int) -> None:
        """Let time be in question, at most to where the run stops: it may lie behind."""
        run = self.run
        assert run is not None
        if away.call is None:
            away.ends = min(heard + HOUR, self.midnight(away.begin))
        else:
            away.ends = away.call + min(run.limit, HOUR)
        run.away = away
        self._stay_away(away.end)

    def _stay_away(self, to: int) -> None:
        run = self.run
        assert run is not None
        assert run.away is not None
        away = run.away
        away.end = min(to, away.ends)
        if away.end < away.ends:
            return
        if away.call is not None:  # nobody came when it was over
            over = replace(away, begin=away.call, call=None)
            away.end, run.call = away.call, 0
            self._settle(away)
            self._ask(over, over.begin)
            return
        midnight = away.end == self.midnight(away.begin)
        self.happened("run out: " + ("midnight" if midnight else "an hour"))
        self.resume = (away.contract, away.end, "away", away.memo)
        self._settle(away)
        self._stop(away.end)

    def _settle(self, away: Silence) -> None:
        if away.call is not None:
            self.closed += away.kept(away.contract, away.memo)
        elif away.begin < away.end:
            self.questions.append(away)

    def come_back(self, memo: str | None = None) -> None:
        run = self.run
        if run is None or run.away is None:
            return
        self._settle(run.away)
        at, run.away = run.away.end, None
        run.heard, self.back = at, max(self.back, at - run.offset)
        run.open = replace(run.open, end=at).next(source=run.source)
        run.open.memo = run.open.memo if memo is None else memo
        self.happened("came back")

    def _stop(self, at: int) -> None:
        assert self.run is not None
        self.runs[self.run.number][1] = at
        self.run = None
