"""A network between trackers and a server of this process that can lie about every request.

What is a double is the edge where a tracker would open a socket.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import msgspec
from delivery_site import URL, Site
from doubles import FakeClock
from hypothesis import strategies as st

from tracker.errors import Offline
from tracker.sync import transport
from tracker.sync.backend import Backend
from tracker.sync.transport import Answer
from tracker.wire.problem import Problem
from tracker.wire.request import NewContract

KINDS = ("questions", "pictures", "segments", "revisions")  # of requests
# What stands between, or the server itself, may answer any of these in the place of what is true.
STATUSES = (
    *("400", "401", "403", "404", "407", "408", "409", "410", "413", "415", "422", "423", "425", "426"),
    *("429", "429 for days", "451", "500", "502", "503", "503 for days", "511"),
)
MOMENTS = 14  # of the server's work on a request: few requests have more
LIES = (
    *("request lost", "answer lost", "another answer", "an old answer", "twice", "late", "half an answer"),
    *("portal", "redirect", "server's disk is full", "tracker ends before", "tracker ends after"),
    *(f"status {status}" for status in STATUSES),
)
ENDS = ("server ends before", *(f"server ends at {moment}" for moment in range(1, MOMENTS + 1)))
# Which request is hit, and how, one after the other.
HIT = st.sampled_from(["any", *KINDS, *KINDS[1:]])
WEATHER = st.lists(
    st.tuples(HIT, st.sampled_from([*LIES[: -len(STATUSES)] * 2, *LIES])), min_size=1, max_size=4
)
_PORTAL = b"<!doctype html><title>Welcome</title><p>Log in to the network."
_LOST = ("request lost", "late", "server ends before")
_RETRY_AFTER, _DAYS = 7.0, 5 * 86_400.0
_OLD = 6  # answers


class SuddenEndError(BaseException):
    """The tracker's process is gone."""


class Network:
    """Carries requests to the server; the weather says what happens to the next one of a kind."""

    def __init__(self, site: Site) -> None:
        self.weather: list[tuple[str, str]] = []  # what is hit, and how
        self.seen: Counter[str] = Counter()
        self.watch: Callable[[str, str], None] = lambda _kind, _id: None  # what a tracker puts
        self._site = site
        self._late: list[tuple[Any, ...]] = []
        self._answers: deque[Answer] = deque([Answer(200, b"", 0.0)], maxlen=_OLD)
        self._random = Random(1)

    @contextmanager
    def spread(self) -> Iterator[None]:
        """Have every tracker of this process use it."""
        network = self

        class Transport:
            def __init__(self, _url: str, token: str, **_: Any) -> None:
                self._token = token

            def send(
                self,
                method: str,
                path: str,
                *,
                body: bytes | None = None,
                headers: Mapping[str, str] | None = None,
                params: Mapping[str, str] | None = None,
                anonymous: bool = False,
            ) -> Answer:
                shown = {} if anonymous else {"authorization": f"Bearer {self._token}"}
                return network.carry(
                    method, path, urlencode(params or {}), {**(headers or {}), **shown}, body or b""
                )

            def close(self) -> None:
                """There is nothing to let go."""

        with patch.object(transport, "Transport", Transport):
            yield

    def late_ones_arrive(self, most: int | None = None) -> None:
        """Let requests that were under way reach the server in any order; nobody waits for the answers."""
        self._random.shuffle(self._late)
        arriving, self._late = self._late[:most], self._late[most or len(self._late) :]
        for request in arriving:
            self.seen[f"late one, {_kind(request)[0]}"] += 1
            self._site.answer(*request)

    def carry(self, *request: Any) -> Answer:
        """Return an answer to a request, whoever it is from; raises Offline."""
        kind, name = _kind(request)
        word = self._word(kind)
        self.seen[f"{word}, {kind}"] += 1
        self.watch(kind, name)
        if word.startswith("status"):
            return _made_up(word)
        if word in {"portal", "redirect"}:
            return Answer(200 if word == "portal" else 302, _PORTAL, 0.0)
        if word == "tracker ends before":
            raise SuddenEndError
        if word in _LOST:
            if word == "late":
                self._late.append(request)
            elif word == "server ends before":
                self._site.restart()
            raise Offline("No answer came.")
        return self._answered(word, request)

    def _word(self, kind: str) -> str:
        """Return what happens to the next request of a kind."""
        for n, (hit, word) in enumerate(self.weather):
            if hit in {kind, "any"}:
                del self.weather[n]
                return word
        return "fine"

    def _answered(self, word: str, request: tuple[Any, ...]) -> Answer:
        if word.startswith("server ends at"):
            self._site.answer_until(int(word.rsplit(maxsplit=1)[-1]), request)
            raise Offline("No answer came.")
        self._site.full = word == "server's disk is full"
        try:
            answer = self._site.answer(*request)
        finally:
            self._site.full = False
        if word == "twice":
            answer = self._site.answer(*request)
        old, before = self._answers[0], self._answers[-1]
        self._answers.append(answer)
        match word:
            case "answer lost":
                raise Offline("No answer came.")
            case "tracker ends after":
                raise SuddenEndError
            case "half an answer":
                return Answer(answer.status, answer.body[: len(answer.body) // 2], 0.0)
            case "another answer" | "an old answer":
                return before if word == "another answer" else old
        return answer


@contextmanager
def settled() -> Iterator[tuple[Path, list[str]]]:
    """A server's folder with an account and its contracts, and two tokens."""
    with TemporaryDirectory() as folder:
        site = Site(Path(folder), FakeClock())
        tokens = []
        with Network(site).spread():
            for _ in range(2):
                tokens.append(Backend(URL).claim(site.secret or "").token)
                site.restart()
            backend = Backend(URL, tokens[0])
            for title in ("Checkout", "Brand site"):
                backend.add_contract(NewContract(title, "Northbeam", "65", "USD"))
        left = site.leave()
        site.close()
        yield left, tokens


def _made_up(word: str) -> Answer:
    status = int(word.split()[1])
    problem = msgspec.json.encode(Problem("made-up", "Made up.", status))
    return Answer(status, problem, _DAYS if word.endswith("days") else _RETRY_AFTER)


def _kind(request: tuple[Any, ...]) -> tuple[str, str]:
    """Return what a request brings, and its name; of one that brings nothing, that it asks."""
    method, path, *_ = request
    *_, kind, name = path.split("/")
    return (kind, name) if method == "PUT" else ("questions", "")
