"""The freelancer's own account of the day: what time did, and what was ordered."""

from __future__ import annotations

from time_passing import TimePassing
from time_pieces import SECOND, Piece, Run


class TimeModel(TimePassing):
    """What every order makes of the time."""

    def begin(
        self, contract: str, memo: str | None, now: tuple[int, int, int], terms: tuple[int, bool]
    ) -> None:
        """Start, switch, or come back; `now` are the clocks, `terms` idle limit and source."""
        run = self.run
        if run is not None and run.open.contract == contract:
            self.come_back(memo) if run.away else self.memo(memo)
            return
        limit, source = terms
        again, wait = now[2] + SECOND, 2 * SECOND
        if run is not None:
            at, offset, call, number, source = run.upto, run.offset, run.call, run.number, run.source
            again, wait = run.again, run.wait
            self._finish("switch")
        else:
            at, call, number = max(now[0], self.ended()), 0, len(self.runs)
            offset, self.session = at - now[1], number
            self.runs[number], self.asleep = [at, at], False  # whoever begins is awake
        opened = Piece(number, at, at, contract, memo or "", source)
        self.run = Run(number, offset, opened, limit, source, at, again, wait, call)
        self.resume = None

    def memo(self, memo: str | None) -> None:
        run = self.run
        assert run is not None
        if run.away:
            self.come_back(memo)
            return
        run.heard = run.upto
        if memo is not None and memo != run.open.memo:
            if run.open.memo:
                self._close(run, "memo")
            run.open.memo = memo

    def take_back(self, how: str) -> None:
        """A shot of the open segment, or of the time in question, is withheld, blurred or discarded."""
        run = self.run
        assert run is not None
        if run.away:
            self.come_back()
            return
        run.heard = run.upto
        self._close(run, "shot")
        if how == "discard":
            self.discarded += self.closed.pop().ms

    def end(self, why: str) -> None:
        if self.run is not None:
            at = self.run.upto
            self._finish(why)
            self._stop(at)

    def _finish(self, why: str) -> None:
        run = self.run
        assert run is not None
        if run.away:
            self._settle(run.away)
            self.back = max(self.back, run.upto - run.offset)
        else:
            self._close(run, why)

    def call(self, ms: int | None) -> None:
        run = self.run
        assert run is not None
        self.come_back()
        run.heard = run.upto
        run.call = 0 if ms is None else run.upto + ms

    def attend(self, boot: int, *, locked: bool | None, asleep: bool | None, sure: bool) -> None:
        """What the desktop tells."""
        if locked is not None:
            self.locked, self.sure, self.knocks = locked, sure, 0
        if asleep is not None:
            self.asleep = asleep
        if locked or asleep:
            self.leave("lock" if locked else "sleep")
        else:
            self.back = boot

    def answer(self, question: tuple[int, int, bool, str], answer: str, contract: str) -> bool:
        """Say what it was; whether there is anything to say it of."""
        begin, _, open_, _ = question
        if open_:
            self.come_back()
        found = [one for one in self.questions if one.begin == begin]
        for one in found:
            self.questions.remove(one)
            if answer == "discard":
                self.discarded += one.end - one.begin
            else:
                self.closed += one.kept(*((one.contract, one.memo) if answer == "keep" else (contract, "")))
        return bool(found)

    def crash(self, saved: int | None) -> None:
        """The app is gone; so far was the open segment, or the open question, saved last."""
        run = self.run
        if run is not None:
            at = run.upto
            kept = run.open.start if saved is None else saved
            assert at - kept < 5 * SECOND, "the draft is too old"
            self.lost += at - kept
            if run.away:
                run.away.end = kept
            run.open = run.open.cut(min(run.open.end, kept), "")
            if saved is not None:
                self.resume = (run.open.contract, kept, "crash", run.open.memo)
            self._finish("crash")
            self._stop(at)
        self.start_anew()

    def start_anew(self) -> None:
        """Another process knows nothing of lock and sleep."""
        self.locked = self.asleep = False
        self.back, self.session = 0, None
