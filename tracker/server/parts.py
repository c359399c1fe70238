"""What one server consists of, made once and lent to every request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from fastapi import Request

    from tracker.clock import Clock
    from tracker.evidence.keys import SigningKey
    from tracker.server.database import Database
    from tracker.server.intake import Intake
    from tracker.server.lifetime import Lifetime
    from tracker.server.locking import Locking
    from tracker.server.picture_intake import PictureIntake
    from tracker.server.pictures import Pictures
    from tracker.server.revisions import Revisions
    from tracker.server.settings import ServerSettings
    from tracker.server.store import Store
    from tracker.server.tokens import OneTimeSecret, Tokens
    from tracker.server.weeks import Weeks


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running server; the secret is an embedded one's.

    `clock` is the time of the work, which the test mode may scale, `machine` that of links and sessions.
    """

    settings: ServerSettings
    clock: Clock
    machine: Clock
    database: Database
    store: Store
    tokens: Tokens
    pictures: Pictures
    key: SigningKey
    intake: Intake
    picture_intake: PictureIntake
    revisions: Revisions
    weeks: Weeks
    locking: Locking
    secret: OneTimeSecret | None
    lifetime: Lifetime

    def close(self) -> None:
        """Finish what was asked for, then let everything go."""
        self.locking.close()
        self.picture_intake.close()
        self.database.close()

    @property
    def now(self) -> int:
        """The present instant of the work."""
        return self.clock.now().wall

    @property
    def machine_now(self) -> int:
        """The present instant of the machine."""
        return self.machine.now().wall


def parts(request: Request) -> Parts:
    """Return the parts of the server that this request reached."""
    return cast("Parts", request.app.state.parts)
