"""The templates of the pages, with their icons, and the policy under which they are served."""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tracker import __version__
from tracker.server import words

if TYPE_CHECKING:
    from pathlib import Path

_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_PREFIX = "line-"
_BARS = 10
_STEP, _GAP = 5.5, 2.5  # from a bar of activity to the next, and what parts those above the minimum
_FILLED = Markup(' class="f"')


class Presentation:
    """Renders the pages: markup only, nothing inline that a strict content security policy forbids."""

    def __init__(self, resources: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(resources / "diary" / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            words=words, sprite=sprite(resources / "icons"), version=__version__, bars=bars
        )

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page that may load from its own server only, its one style sheet inline by a nonce."""
        nonce = secrets.token_urlsafe(16)
        html = self._environment.get_template(template).render(nonce=nonce, **values)
        policy = (
            "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; "
            f"style-src 'self' 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return HTMLResponse(html, status, {"Content-Security-Policy": policy})


def sprite(icons: Path) -> Markup:
    """Return every line icon as a symbol, to be used by name."""
    symbols = []
    for file in sorted(icons.glob(f"{_PREFIX}*.svg")):
        name = file.stem.removeprefix(_PREFIX)
        found = _DRAWING.search(file.read_text(encoding="utf-8"))
        if found is not None:
            drawing = re.sub(r'(id="|url\(#)', rf"\1{name}-", found[1])  # ids are the page's, not the file's
            symbols.append(f'<symbol id="i-{name}" viewBox="0 0 16 16">{drawing}</symbol>')
    return Markup("".join(symbols))  # noqa: S704  # our own files


@cache
def bars(level: int, minimum: int) -> Markup:
    """Return the ten bars of activity, as many of them filled as the level says, a gap after the minimum."""
    places = ((n, n * _STEP + (_GAP if n >= minimum else 0)) for n in range(_BARS))
    return Markup("").join(
        Markup('<rect x="{}" width="4" height="10" rx="1"{}/>').format(x, _FILLED if n < level else "")
        for n, x in places
    )
