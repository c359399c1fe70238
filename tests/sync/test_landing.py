"""The browser comes back to this machine once, with the state of this sign-in, or it does not count."""

from __future__ import annotations

import httpx2
import pytest

from tracker.sync.landing import Landing


def test_what_the_browser_brings_is_taken_once() -> None:
    with Landing("mine") as landing:
        answer = httpx2.get(landing.address, params={"state": "mine", "code": "abc"})
        again = httpx2.get(landing.address, params={"state": "mine", "code": "other"})
        assert landing.wait(5) == {"state": "mine", "code": "abc"}
    assert (answer.status_code, again.status_code) == (200, 404)
    assert "close this page" in answer.text
    assert "script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("query", ["", "?code=abc", "?state=theirs&code=abc", "?state=&code=abc"])
def test_what_belongs_to_no_sign_in_of_ours_is_nothing(query: str) -> None:
    with Landing("mine") as landing:
        assert httpx2.get(landing.address + query).status_code == 404
        assert httpx2.get(landing.address.replace("signed-in", "other") + "?state=mine").status_code == 404
        assert landing.wait(0) is None


def test_who_waits_is_let_go_when_it_closes() -> None:
    landing = Landing("mine")
    landing.close()
    assert landing.wait(60) is None


def test_nothing_is_written_of_what_it_was_asked(capfd: pytest.CaptureFixture[str]) -> None:
    with Landing("mine") as landing:
        httpx2.get(landing.address, params={"state": "mine", "code": "secret-code"})
    assert capfd.readouterr() == ("", "")
