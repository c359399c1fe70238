"""A server on loopback that answers as it should, but for the faults, lies and refusals a test scripts."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from boxes import DEVICE, SERVER
from doubles import NINE

from tracker.evidence.keys import SigningKey
from tracker.evidence.receipts import issue
from tracker.model.slot import instant, parse_instant
from tracker.model.week import WEEK, parse_week, week_of
from tracker.wire.account import Account
from tracker.wire.diary import ContractView
from tracker.wire.problem import PROBLEM_TYPE, Problem
from tracker.wire.receipt import PictureReceipt, ReceiptFacts, ServerInfo
from tracker.wire.request import Claim, Claimed, DeviceView, LinkMade
from tracker.wire.segment import decode_segment

ORIGIN = "embedded:home"
_KINDS = {"server": "info", "token": "claim", "me": "me", "devices": "devices", "links": "links"}


@dataclass(frozen=True)
class Reply:
    """What goes back: `cut` after how many bytes of the whole answer the connection breaks."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Request:
    """What came in; `kind` is what it wants: info, me, claim, picture, segment …"""

    kind: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The last part of the path: an id or a hash."""
        return self.path.rpartition("/")[2].partition("?")[0]


Answerer = Callable[[Request], Reply]

CUT = Reply(cut=0)
PORTAL = Reply(200, b"<!doctype html><title>Welcome to HotelNet</title>", {"Content-Type": "text/html"})


def problem(status: int, kind: str, detail: str = "", **facts: Any) -> Reply:
    """A refusal as the server words it."""
    body = msgspec.json.encode(Problem(kind, f"{kind}.", status, detail, **facts))
    return Reply(status, body, {"Content-Type": PROBLEM_TYPE})


class _Quiet(ThreadingHTTPServer):
    """Says nothing of a client that hangs up: that is what the test wants."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.lines: list[socket.socket] = []
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.lines.append(request)
        super().process_request(request, client_address)

    def hang_up(self) -> None:
        """Close, and end every connection that is kept."""
        self.server_close()
        for line in self.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Go on."""


class ScriptedServer:
    """Takes requests until it is closed; what is scripted for a kind comes first, in its order."""

    def __init__(self, key: SigningKey = SERVER, *, certificate: Path | None = None) -> None:
        """With a certificate and its key, in one file, it speaks TLS."""
        self.key = key
        self.certificate = certificate
        self.origin = ORIGIN
        self.account = "me"
        self.secret: str | None = "the-one-time-secret"
        self.tokens: set[str] = set()
        self.spread_s = 0
        self.requests: list[Request] = []
        self.pictures: set[str] = set()
        self.segments: dict[str, bytes] = {}
        self.contracts: list[ContractView] = []
        self.weeks: dict[str, tuple[int, int | None]] = {}  # by contract: time from elsewhere, the limit
        self.also: dict[str, int] = {}  # what else it says of a week
        self.time = NINE
        self.deliveries: list[str] = []  # ids in the order of their receipts
        self.poison: dict[str, Reply | Answerer] = {}  # by segment id, hash, or the path's last word
        self._script: dict[str, deque[Reply | Answerer]] = defaultdict(deque)
        self.port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http{'s' * (self.certificate is not None)}://127.0.0.1:{self.port}"

    @property
    def public_key(self) -> str:
        return base64.b64encode(self.key.public).decode()

    def up(self) -> None:
        """Answer again at the same address."""
        self._http = _Quiet(("127.0.0.1", self.port), _handler(self))
        self.port = self._http.server_address[1]
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def down(self) -> None:
        """Refuse every connection."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
            self._http.hang_up()

    def next(self, kind: str, *replies: Reply | Answerer) -> None:
        """Script what the next requests of a kind are answered."""
        self._script[kind].extend(replies)

    def seen(self, kind: str) -> list[Request]:
        """The requests of a kind so far."""
        return [request for request in self.requests if request.kind == kind]

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        scripted: Reply | Answerer = self.usual
        if request.name in self.poison:
            scripted = self.poison[request.name]
        elif self._script[request.kind]:
            scripted = self._script[request.kind].popleft()
        return scripted if isinstance(scripted, Reply) else scripted(request)

    def usual(self, request: Request) -> Reply:
        """What a server in good order answers."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.kind not in {"info", "claim"} and token not in self.tokens:
            return problem(401, "unauthorized")
        if request.method == "CONNECT":
            return problem(403, "no-proxy")
        made: Callable[[Request], Reply] = getattr(self, f"_{request.kind}")
        return made(request)

    def receipt(self, request: Request, key: SigningKey | None = None) -> bytes:
        """The signed word for a segment that was put."""
        signer = key or self.key
        body = decode_segment(request.body)
        facts = ReceiptFacts(
            segment=body.id,
            sha256=hashlib.sha256(request.body).hexdigest(),
            received_at=body.end,
            contract=body.contract,
            pictures=tuple(PictureReceipt(one.sha256, "stored") for one in body.pictures),
            server=self.origin,
            key=signer.id,
        )
        return msgspec.json.encode(issue(facts, signer))

    def _info(self, _request: Request) -> Reply:
        facts = (
            self.key.id,
            base64.b64encode(self.key.public).decode(),
            (),
            instant(self.time),
            self.spread_s,
            "0.1.0",
        )
        return _json(ServerInfo("Scripted", self.origin, *facts))

    def _claim(self, request: Request) -> Reply:
        if msgspec.json.decode(request.body, type=Claim).secret != self.secret:
            return problem(403, "wrong-secret")
        self.secret = None
        self.tokens.add("the-token")
        return _json(Claimed("the-token", self._account))

    def _me(self, _request: Request) -> Reply:
        return _json(self._account)

    def _devices(self, _request: Request) -> Reply:
        return _json(DeviceView(DEVICE.id, "laptop"), 201)

    def _links(self, request: Request) -> Reply:
        return _json(LinkMade(f"{self.url}/enter/once?to={msgspec.json.decode(request.body)['path']}"))

    def _contracts(self, _request: Request) -> Reply:
        return _json(self.contracts)

    def _week(self, request: Request) -> Reply:
        contract = request.path.split("/")[-3]
        if contract not in self.weeks:
            return problem(404, "not-found")
        begin = parse_week(request.name)
        bodies = (decode_segment(body) for body in self.segments.values())
        mine = sum(
            parse_instant(one.end) - parse_instant(one.start)
            for one in bodies
            if one.contract == contract and week_of(parse_instant(one.start)) == begin
        )
        elsewhere, limit = self.weeks[contract]
        ends = {"start": instant(begin), "end": instant(begin + WEEK)}
        sums = {"tracked_ms": mine + elsewhere, "manual_ms": 0, "limit_ms": limit, "over_ms": 0}
        return _json({"week": request.name, **ends, **sums} | self.also)

    def _picture(self, request: Request) -> Reply:
        new = request.name not in self.pictures
        self.pictures.add(request.name)
        return Reply(201 if new else 200, b"{}")

    def _segment(self, request: Request) -> Reply:
        missing = [one.sha256 for one in decode_segment(request.body).pictures]
        missing = [sha256 for sha256 in missing if sha256 not in self.pictures]
        if missing:
            return problem(422, "missing-pictures", pictures=tuple(missing))
        new = request.name not in self.segments
        if self.segments.setdefault(request.name, request.body) != request.body:
            return problem(409, "conflict")
        self.deliveries.append(request.name)
        return Reply(201 if new else 200, self.receipt(request))

    @property
    def _account(self) -> Account:
        return Account(self.origin, self.account, "Ada")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(value), {"Content-Type": "application/json"})


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server.answer(Request(_kind(self.path), self.command, self.path, headers, body))
            head = f"HTTP/1.1 {reply.status} Told\r\nContent-Length: {len(reply.body)}\r\n"
            lines = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            whole = f"{head}{lines}\r\n".encode() + reply.body
            self.wfile.write(whole[: reply.cut])
            self.close_connection = reply.cut is not None

        do_GET = do_PUT = do_POST = do_CONNECT = _take  # noqa: N815  # the names that the handler's class looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as the class names it
            """Keep quiet: a fault is what the test wants."""

    return Handler


def _kind(path: str) -> str:
    for part, kind in (("/pictures/", "picture"), ("/segments/", "segment"), ("/weeks/", "week")):
        if part in path:
            return kind
    last = path.partition("?")[0].rpartition("/")[2]
    return _KINDS.get(last, last)
