"""One request over HTTP and its answer, bounded in size and time; any fault on the way is Offline."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter

from tracker import __version__
from tracker.clock import SystemClock
from tracker.errors import BadValue, Offline
from tracker.sync.faults import fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.clock import Clock

ANSWER_MAX = 8 * 1_048_576  # bytes: a diary day of many short segments, generously
_CHUNK = 65_536
_TIMEOUTS = (10.0, 60.0)  # seconds to connect, and for the server to say something
_LONGEST = 120_000  # milliseconds for a whole answer, however slowly it drips
_RETRY_AFTER_MAX = 21_600.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, from whoever it came."""

    status: int
    body: bytes
    retry_after: float  # seconds, 0 where nothing was said


class Transport:
    """Speaks to one address; its token, if any, goes nowhere else."""

    def __init__(self, url: str, token: str, clock: Clock | None = None, *, ca: str = "") -> None:
        """`ca` names a file of certificates that are trusted beside the system's."""
        self._url = url.rstrip("/")
        self._token = token
        self._clock = clock or SystemClock()
        self._session = requests.Session()
        self._session.headers.update(
            {"User-Agent": f"hourproof/{__version__}", "Accept-Encoding": "identity"}  # nothing to inflate
        )
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.mount("https://", _Trust(_context(ca), max_retries=_blips()))
        if is_loopback(url):
            self._session.trust_env = False  # a proxy would look for the address on another machine
            self._session.mount("http://", HTTPAdapter())

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
        """Send a request and return the answer; raises Offline where none comes."""
        try:
            with self._session.request(
                method,
                self._url + path,
                params=params,
                data=body,
                headers=headers,
                auth=_Bearer("" if anonymous else self._token),
                allow_redirects=False,
                stream=True,
                timeout=_TIMEOUTS,
            ) as response:
                return Answer(response.status_code, self._read(response), _retry_after(response.headers))
        except (OSError, urllib3.exceptions.HTTPError) as error:  # OSError: requests' own errors are
            raise fault(self._url, error) from error

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def _read(self, response: requests.Response) -> bytes:
        began = self._clock.now().boot
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > ANSWER_MAX:
                raise Offline(f"{self._url} answers more than it has to say.")
            if self._clock.now().boot - began > _LONGEST:
                raise Offline(f"{self._url} answers too slowly.")
        return bytes(body)


class _Trust(HTTPAdapter):
    """Trusts the certificates of its context, and no others that a library brings along."""

    def __init__(self, context: truststore.SSLContext, **settings: Any) -> None:
        self._context = context
        super().__init__(**settings)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, **kwargs, ssl_context=self._context)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class _Bearer(requests.auth.AuthBase):
    """Shows the token; being there at all keeps requests from looking for a password in ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def is_loopback(url: str) -> bool:
    """Say whether the address is this machine; raises BadValue where a token could be overheard."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not host or "@" in parts.netloc or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise BadValue(f"'{url}' is no safe address for a server.", advice="It begins with https://.")
    return local


def _context(ca: str) -> truststore.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        try:
            context.load_verify_locations(cafile=ca)
        except OSError as error:  # an SSLError is one, too
            raise Offline(
                f"The certificates in {ca} cannot be read.",
                advice="Put the file back, or name another: 'hourproof settings set ca FILE'.",
            ) from error
    return context


def _blips() -> urllib3.Retry:
    """Return what to try again at once: connecting, and a connection that the server closed meanwhile."""
    return urllib3.Retry(total=2, connect=2, read=1, redirect=0, status=0, other=0, backoff_factor=0.3)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds a server asks to wait for, be it as a number or as a date by its own clock."""
    said = headers.get("Retry-After", "")
    try:
        if said.strip().isdecimal():
            seconds = float(said)
        else:
            moments = (parsedate_to_datetime(text) for text in (said, headers.get("Date", "")))
            until, now = moments
            seconds = (until - now).total_seconds()
    except (ValueError, TypeError):  # TypeError: one of them has a zone, the other none
        return 0.0
    return min(max(seconds, 0.0), _RETRY_AFTER_MAX)
