"""Where the browser comes back to after a sign-in: this machine, for one request, and nobody else's."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_PATH = "/signed-in"
_LOOKS = 0.1  # seconds between two looks whether it is to close
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Hourproof</title>
<meta name="viewport" content="width=device-width"><style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem}}
h1{{font-size:1.4rem}}</style><h1>{title}</h1><p>{text}</p></html>"""
_DONE = _PAGE.format(title="Back to Hourproof", text="You can close this page: the tracker goes on.")
_NOTHING = _PAGE.format(title="There is nothing here", text="Sign in from the tracker once more.")


class Landing:
    """Waits on a port of its own; only a request that names the state of this sign-in counts."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._came = threading.Event()
        self._said: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(
            target=self._server.serve_forever, args=(_LOOKS,), name="landing", daemon=True
        ).start()

    def __enter__(self) -> Self:
        """Be there until the sign-in is over."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The redirect address of this sign-in."""
        return f"http://127.0.0.1:{self._server.server_port}{_PATH}"

    def wait(self, seconds: float) -> dict[str, str] | None:
        """Return what the browser brought, None where it did not come in time, or the landing was closed."""
        return dict(self._said) if self._came.wait(seconds) and self._said else None

    def close(self) -> None:
        """Be there no longer; who waits is let go."""
        self._came.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, target: str) -> bool:
        parts = urlsplit(target)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != _PATH or said.get("state") != self._state or self._came.is_set():
            return False
        self._said = said
        self._came.set()
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                taken = take(self.path)
                self.send_response(HTTPStatus.OK if taken else HTTPStatus.NOT_FOUND)
                for name, value in _HEADERS.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write((_DONE if taken else _NOTHING).encode())

            def log_message(self, *_: Any) -> None:
                """Write nothing: the address holds the code."""

        return Handler
