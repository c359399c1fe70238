"""An embedded server ends when nobody wants it any more, by the clock it is given."""

from __future__ import annotations

import threading

import pytest
from backend import Site
from doubles import FakeClock

from tracker.model.slot import MINUTE, SECOND
from tracker.server.lifetime import AFTER_A_PAGE, AFTER_A_REQUEST, Lifetime


def test_it_ends_a_minute_after_its_start_if_nobody_comes() -> None:
    clock, ended = FakeClock(), []
    begun = clock.boot
    Lifetime(clock).watch(lambda: ended.append(clock.boot), threading.Event())
    assert ended == [begun + AFTER_A_REQUEST]


@pytest.mark.parametrize(("page", "stay"), [(False, AFTER_A_REQUEST), (True, AFTER_A_PAGE)])
def test_it_stays_after_a_request_and_longer_after_a_page(*, page: bool, stay: int) -> None:
    clock = FakeClock()
    lifetime = Lifetime(clock)
    lifetime.begin()
    clock.advance(5 * MINUTE)
    assert lifetime.left_ms() > 0  # not while one is under way
    lifetime.finish(welcome=True, page=page)
    assert lifetime.left_ms() == stay
    lifetime.begin()
    lifetime.finish(welcome=True, page=False)
    assert lifetime.left_ms() == stay  # a request does not shorten the stay


def test_one_who_is_refused_does_not_keep_it() -> None:
    clock = FakeClock()
    lifetime = Lifetime(clock)
    for _ in range(60):
        clock.advance(SECOND)
        lifetime.begin()
        lifetime.finish(welcome=False, page=False)
    assert lifetime.left_ms() == 0


def test_it_does_not_watch_a_server_that_has_ended() -> None:
    stopped, ended = threading.Event(), []
    stopped.set()
    Lifetime(FakeClock()).watch(lambda: ended.append(True), stopped)
    assert ended == []


def test_answers_keep_the_server_and_pages_keep_it_longer(site: Site) -> None:
    lifetime = site.parts.lifetime
    site.clock.advance(50 * SECOND)
    site.call("GET", "/me")
    assert lifetime.left_ms() == AFTER_A_REQUEST
    site.clock.advance(50 * SECOND)
    site.call("GET", "/me", token="guess")
    assert lifetime.left_ms() == 10 * SECOND
    assert site.ask("GET", "/diary").status_code == 200
    assert lifetime.left_ms() == AFTER_A_PAGE
