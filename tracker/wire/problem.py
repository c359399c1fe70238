"""Errors between app and server: RFC 9457 problems, each with a stable type."""

from __future__ import annotations

import msgspec

PROBLEM_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong: `type` is a stable word like `missing-pictures`, `detail` a sentence for a person."""

    type: str
    title: str
    status: int
    detail: str = ""
    pictures: tuple[str, ...] = ()  # the hashes that are missing, with `missing-pictures`
