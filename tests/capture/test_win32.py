"""What Windows itself knows of input, beside the hooks that count it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tracker.capture.tally import Tally
from tracker.capture.win32 import Win32Idle, Win32Input
from tracker.model.counts import Counts


class Hooks:
    """Hooks that are told of one key and of nothing else."""

    name = "hooks"

    def start(self, tally: Tally, _lost: Callable[[str], None]) -> None:
        tally.key()

    def poll(self) -> None:
        pass

    def stop(self) -> None:
        pass


def test_input_that_no_hook_sees_is_activity() -> None:
    ticks = iter([2**32 - 5, 2**32 - 5, 3, 3])
    tally, source = Tally(), Win32Input(lambda: next(ticks), Hooks())
    source.start(tally, pytest.fail)
    seen = []
    for _ in range(3):
        source.poll()
        seen.append(tally.take())
    source.stop()
    assert seen == [Counts(keys=1, active=True), Counts(active=True), Counts()]


def test_the_silence_is_told_over_the_end_of_the_ticks() -> None:
    assert Win32Idle(last=lambda: 2**32 - 40, now=lambda: 60).idle_ms() == 100
