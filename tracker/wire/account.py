"""Who a token stands for, as the server answers it."""

from __future__ import annotations

import msgspec

from tracker.wire.segment import Id


class Account(msgspec.Struct, frozen=True):
    """A person at a server: `server` is its origin, `id` names the person there."""

    server: str
    id: Id
    name: str
