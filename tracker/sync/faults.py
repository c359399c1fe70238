"""What went wrong on the way to a server: which of the many faults it was, and what helps."""

from __future__ import annotations

import re
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies, select_proxy

from tracker.errors import Offline

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAFE = "Nothing was sent, and nothing is lost."
_RENEW = f"Check this computer's date. If it is right, whoever runs the server has to renew it. {_SAFE}"
_ADDRESS = f"Check the address, and whether there is a page to log in to the network. {_SAFE}"
_AUTHORITY = (
    "If the server or the network has an authority of its own, name its certificate: "
    f"'hourproof settings set ca FILE'. If not, somebody may be listening in. {_SAFE}"
)
_PROXY = (
    "It is set by https_proxy, or in the system's settings of the network: correct it there, "
    "or ask whoever runs the network. What waits is kept here."
)
_OUT_OF_DATE = ("is out of date", _RENEW)
_OTHER_HOST = ("is that of another server", _ADDRESS)
_UNKNOWN = ("is signed by nobody that this system trusts", _AUTHORITY)
# by the codes of OpenSSL, then those of Windows and macOS where they have their own
_CERTIFICATE = {
    9: ("is not valid yet", _RENEW),
    10: _OUT_OF_DATE,
    0x800B0101: _OUT_OF_DATE,
    -67818: _OUT_OF_DATE,
    62: _OTHER_HOST,
    64: _OTHER_HOST,
    0x800B010F: _OTHER_HOST,
    -67602: _OTHER_HOST,
    **dict.fromkeys((7, 18, 19, 20, 21, 0x800B0109, 0x800B010A, -67843), _UNKNOWN),
}
_PROXY_SAID = re.compile(r"Tunnel connection failed: (\d{3})")
_PASSWORD = "407"  # noqa: S105  # the status of a proxy that wants one


def fault(url: str, error: BaseException) -> Offline:
    """Return what a fault on the way to an address means."""
    causes = list(_causes(error))
    try:
        proxy = _proxy(url)
    except ValueError:
        return Offline("The proxy that is set has no address that can be read.", advice=_PROXY)
    if proxy and any(isinstance(one, requests.exceptions.ProxyError) for one in causes):
        return _of_proxy(proxy, str(error))
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            code = getattr(one, "verify_code", 0)
            what, advice = _CERTIFICATE.get(
                code, _CERTIFICATE.get(code & 0xFFFF_FFFF, ("cannot be trusted", _AUTHORITY))
            )
            return Offline(f"The certificate of {url} {what}.", advice=advice)
        if isinstance(one, socket.gaierror | urllib3.exceptions.NameResolutionError):
            host = urlsplit(url).hostname
            return Offline(f"{host} is not found: is this computer in a network, and the address right?")
    cut = any(isinstance(one, ssl.SSLEOFError) for one in causes)
    if not cut and any(isinstance(one, ssl.SSLError | urllib3.exceptions.SSLError) for one in causes):
        return Offline(f"What answers at {url} does not speak TLS as a server does.", advice=_ADDRESS)
    return Offline(f"{url} does not answer.")


def _of_proxy(proxy: str, told: str) -> Offline:
    said = _PROXY_SAID.search(told)
    if said is None:
        title = f"The proxy {proxy} does not answer."
    elif said[1] == _PASSWORD:
        title = f"The proxy {proxy} wants a name and a password."
    else:
        title = f"The proxy {proxy} does not let this computer through to the server ({said[1]})."
    return Offline(title, advice=_PROXY)


def _proxy(url: str) -> str:
    """Return the proxy before an address, without the password that its own may hold; raises ValueError."""
    parts = urlsplit(select_proxy(url, get_environ_proxies(url)) or "")
    return parts.hostname + (f":{parts.port}" if parts.port else "") if parts.hostname else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it is made of, each once."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [each for each in inner if isinstance(each, BaseException)]
