"""What the lying network does to a request, and what a tracker takes it for."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from faultproxy import Fault, fault_proxy
from scripted import ScriptedServer
from waiting import until

from tracker.errors import Offline
from tracker.sync.transport import Transport

_PATH = f"/api/v1/contracts/one/pictures/{'a' * 64}"
_BODY = b"a picture" * 20_000
_SILENT, _UNTRUSTED = "does not answer", "certificate"
_HALF = "an end among the headers looks like the end of the headers"
# for each fault what the tracker finds (a status, or what it says), and whether its request arrived whole
_TABLE = {
    Fault.DELAY: (200, True),
    Fault.CUT_BEFORE_BODY: (_SILENT, False),
    Fault.CUT_IN_BODY: (_SILENT, False),
    Fault.CUT_AFTER_BODY: (_SILENT, True),
    Fault.NO_ANSWER: (_SILENT, True),
    Fault.HALF_ANSWER: (_HALF, True),
    Fault.DRIP: (200, True),
    Fault.TWICE: (200, True),
    Fault.LATE: (_SILENT, True),
    Fault.STALL: (_SILENT, False),
    Fault.PORTAL_PAGE: (200, False),
    Fault.PORTAL_REDIRECT: (302, False),
    Fault.BAD_GATEWAY: (502, True),
    Fault.REFUSED: (_SILENT, False),
    Fault.WRONG_CERTIFICATE: (_UNTRUSTED, False),
}


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_does_what_it_says(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server, fault_proxy(tmp_path, Random(1), fault) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
        server.tokens.add("the-token")
        proxy.upstream = server.port
        transport = Transport(proxy.url, "the-token")
        if fault is not Fault.WRONG_CERTIFICATE:  # that happens to a whole connection
            assert found(transport) == 201
        server.requests.clear()
        proxy.share = 1.0

        outcome, arrives = _TABLE[fault]

        assert found(transport) in ((200, _SILENT) if outcome is _HALF else (outcome,))
        if arrives:
            until(lambda: [one.body for one in server.requests][:1] == [_BODY], "the request")
        assert proxy.used[fault] >= 1
        assert proxy.fooled == 0
        transport.close()
    assert arrives or _BODY not in [one.body for one in server.requests]
    assert fault is not Fault.TWICE or len(server.requests) == 2


def found(transport: Transport) -> int | str:
    """Return the status of an answer, or in what words there is none."""
    try:
        return transport.send("PUT", _PATH, body=_BODY).status
    except Offline as error:
        return next(words for words in (_SILENT, _UNTRUSTED) if words in error.title)
