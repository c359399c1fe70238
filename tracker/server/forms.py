"""What a page's form says: small, read once, each field by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tracker.server.api.body import SMALL, read_up_to
from tracker.server.problems import malformed, too_large

if TYPE_CHECKING:
    from fastapi import Request

_FIELDS = 400  # a day's cells, each ticked, and more


class Form:
    """The fields of a form, in the order in which they stood."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """Return a field that stands once; an empty text where it is not there."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self._fields.get(name, [])


async def form_of(request: Request) -> Form:
    """Return what a request's body says as a form; refuses what is none."""
    data = await read_up_to(SMALL, request)
    if len(data) > SMALL:
        raise too_large(SMALL)
    try:
        fields = parse_qs(
            data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except ValueError as error:  # a UnicodeDecodeError is one
        raise malformed("The form is not readable.") from error
    if any("\0" in value for values in fields.values() for value in values):
        raise malformed("The form is not readable.")
    return Form(fields)
