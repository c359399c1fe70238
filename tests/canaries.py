"""Words that must be nowhere, looked for in every byte of a folder, also as encodings would write them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def leaks(word: str, *places: Path, but: Iterable[Path] = ()) -> list[Path]:
    """Return the files, in these folders or themselves, that hold a word; `but` need not be looked at."""
    spared = set(but)
    forms = _forms(word)
    return [
        file
        for place in places
        for file in ([place] if place.is_file() else sorted(place.rglob("*")))
        if file.is_file() and file not in spared and any(form in file.read_bytes() for form in forms)
    ]


def _forms(word: str) -> list[bytes]:
    """Return a word as text, as wide text and in base64; a key in digits as its bytes, too."""
    plain = word.encode()
    forms = [plain, word.encode("utf-16-le"), base64.b64encode(plain).rstrip(b"=")[:-1]]
    with suppress(ValueError):
        raw = bytes.fromhex(word)
        forms += [raw, base64.b64encode(raw).rstrip(b"=")[:-1]]
    return forms
