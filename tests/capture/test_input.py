"""What every source of input promises, shown on a real X server with real events."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import desktop
import pytest
from hands import DOWN, LEFT, RIGHT, UP, Hands
from listening import Ear
from waiting import until

from tracker.capture.pynput import PynputInput
from tracker.capture.x11 import X11Input
from tracker.errors import CaptureUnavailable
from tracker.model.counts import SILENCE, Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.capture.base import InputSource

THUMB = 8  # the mouse button that goes back


class InputContract:
    """A source counts exactly what hands do, and says once when it no longer can."""

    @pytest.fixture
    def make(self) -> Callable[[str], InputSource]:
        raise NotImplementedError

    @pytest.fixture
    def watch(self, make: Callable[[str], InputSource], display: str) -> Iterator[Ear]:
        watch = Ear(make(display))
        yield watch
        watch.source.stop()

    def test_counts_a_mix_of_keys_clicks_and_notches(self, watch: Ear, hands: Hands) -> None:
        hands.press("h", "i", "Shift_L", "Return", times=25)
        hands.click(times=7)
        hands.click(3, times=2)
        hands.click(THUMB)
        for direction, notches in ((UP, 5), (DOWN, 9), (LEFT, 1), (RIGHT, 2)):
            hands.wheel(direction, notches=notches)
        hands.move(300, 200)
        expected = Counts(keys=100, clicks=10, scrolls=17, active=True)
        assert watch.total(expected) == expected

    def test_counts_thousands_of_events_without_losing_one(self, watch: Ear, hands: Hands) -> None:
        for turn in range(1, 11):
            hands.press("a", "b", times=500)
            hands.click(times=200)
            hands.wheel(notches=300)
            expected = Counts(keys=turn * 1_000, clicks=turn * 200, scrolls=turn * 300, active=True)
            # Not all at once: an X server loses reports of thousands a second while any client does not read.
            until(lambda expected=expected: watch.look() == expected, f"{expected}")
        assert watch.total(expected) == expected

    def test_a_held_key_counts_once_though_the_server_repeats_it(self, watch: Ear, hands: Hands) -> None:
        hands.hold_until_repeated("x", times=20)
        hands.press("x")
        assert watch.total(Counts(keys=2, active=True)) == Counts(keys=2, active=True)

    def test_two_keys_held_at_once_are_two(self, watch: Ear, hands: Hands) -> None:
        with hands.hold("Control_L"), hands.hold("c"):
            assert until(lambda: watch.look().keys == 2, "two keys")
        assert watch.total(Counts(keys=2, active=True)) == Counts(keys=2, active=True)

    def test_motion_is_activity_without_a_count(self, watch: Ear, hands: Hands) -> None:
        hands.move(11, 22)
        watch.look()
        watch.seen = SILENCE
        assert watch.look() == SILENCE
        hands.move(33, 44)
        assert watch.total(Counts(active=True)) == Counts(active=True)

    def test_nothing_is_counted_after_the_stop(self, watch: Ear, hands: Hands) -> None:
        hands.press("a")
        until(lambda: watch.look().keys == 1, "the key before the stop")
        watch.source.stop()
        hands.press("a", times=10)
        hands.click()
        assert watch.look() == Counts(keys=1, active=True)
        watch.source.stop()  # again is no fault

    def test_a_stopped_source_can_start_again(
        self, make: Callable[[str], InputSource], display: str, hands: Hands
    ) -> None:
        source = make(display)
        Ear(source).source.stop()
        watch = Ear(source)
        watch.settle(hands)
        hands.press("a", times=3)
        assert watch.total(Counts(keys=3, active=True)).keys == 3
        assert not watch.losses

    @pytest.mark.usefixtures("display_fails")
    def test_a_display_that_vanishes_is_told_once_and_quietly(
        self, make: Callable[[str], InputSource], capfd: pytest.CaptureFixture[str]
    ) -> None:
        before = set(threading.enumerate())
        with desktop.xvfb() as server:
            watch = Ear(make(server.name))
            with Hands(server.name) as hands:
                watch.settle(hands)
                server.vanish()
        until(lambda: watch.losses, "the loss")
        until(lambda: set(threading.enumerate()) <= before, "the end of the hook's threads")
        watch.look()  # goes on without harm
        watch.source.stop()
        assert len(watch.losses) == 1
        assert "is gone" in watch.losses[0]
        assert capfd.readouterr() == ("", "")


class TestX11(InputContract):
    """RECORD: everything that happens after `start` has returned counts."""

    @pytest.fixture
    def make(self) -> Callable[[str], InputSource]:
        return X11Input

    @pytest.mark.usefixtures("display_fails")
    def test_a_display_that_is_not_there_is_unavailable(self) -> None:
        with pytest.raises(CaptureUnavailable, match="The display :9999 cannot be read") as refusal:
            Ear(X11Input(":9999"))
        assert "DISPLAY" in refusal.value.advice

    def test_a_server_without_the_extension_is_unavailable(self) -> None:
        with (
            desktop.xvfb(options=["-extension", "RECORD"]) as server,
            pytest.raises(CaptureUnavailable, match="does not report input") as refusal,
        ):
            Ear(X11Input(server.name))
        assert "RECORD" in refusal.value.advice


class TestPynput(InputContract):
    """pynput's hooks: in place a moment after `start`."""

    @pytest.fixture
    def make(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], InputSource]:
        def make(display: str) -> InputSource:
            monkeypatch.setenv("DISPLAY", display)  # pynput takes no other
            return PynputInput()

        return make

    @pytest.fixture
    def watch(self, make: Callable[[str], InputSource], display: str, hands: Hands) -> Iterator[Ear]:
        watch = Ear(make(display))
        watch.settle(hands)
        yield watch
        watch.source.stop()
