"""Puts one server together: the only place where its parts are made."""

from __future__ import annotations

import getpass
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from fastapi import FastAPI

from tracker.clock import SystemClock
from tracker.errors import StorageFailed
from tracker.evidence.keys import SigningKey
from tracker.server import corrections, durable, pages, problems, reports, statement_pages
from tracker.server.api import account, contracts, diary, evidence, parcels, revisions, weeks
from tracker.server.api.delivery import Delivery
from tracker.server.api.describe import description
from tracker.server.database import Database
from tracker.server.guard import Guard
from tracker.server.intake import Intake
from tracker.server.lifetime import Lifetime
from tracker.server.locking import Locking
from tracker.server.parts import Parts
from tracker.server.picture_intake import PictureIntake
from tracker.server.pictures import Pictures
from tracker.server.revisions import Revisions
from tracker.server.store import Store
from tracker.server.tokens import OneTimeSecret, Tokens
from tracker.server.weeks import Weeks
from tracker.wire import API

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tracker.clock import Clock
    from tracker.server.settings import ServerSettings


def assemble(settings: ServerSettings, clock: Clock, machine: Clock | None = None) -> Parts:
    """Make the folders, open the database and the key, and return the parts of the server."""
    machine = machine or SystemClock()
    settings.make()
    database = Database.by_url(settings.database) if settings.database else Database.at(settings.file)
    store = Store(database)
    if settings.embedded and store.first_person() is None:
        store.add_person(_user(), now=clock.now().wall)
    key = _key(settings.key, may_be_new=settings.database is not None or store.empty)
    pictures = Pictures(settings.pictures)
    known_weeks = Weeks(database, store)
    return Parts(
        settings=settings,
        clock=clock,
        machine=machine,
        database=database,
        store=store,
        tokens=Tokens(database),
        pictures=pictures,
        key=key,
        intake=Intake(settings, clock, pictures, key),
        picture_intake=PictureIntake(clock, database, pictures),
        revisions=Revisions(settings, clock, pictures, key),
        weeks=known_weeks,
        locking=Locking(known_weeks, clock),
        secret=OneTimeSecret() if settings.embedded else None,
        lifetime=Lifetime(machine),
    )


def application(made: Parts) -> FastAPI:
    """Return the application that consists of these parts and closes them when it ends."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        made.close()

    app = FastAPI(
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        title="Hourproof",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    app.state.parts = made
    app.openapi = lambda: description(app)  # type: ignore[method-assign]  # FastAPI's own way to describe otherwise
    problems.install(app)
    for router in (
        account.router,
        account.entrance,
        contracts.router,
        parcels.router,
        parcels.pictures,
        revisions.router,
        diary.router,
        evidence.router,
        weeks.router,
        reports.router,
    ):
        app.include_router(router)
    pages.install(app, made)
    corrections.install(app, made)
    reports.install(app, made)
    statement_pages.install(app, made)
    app.add_middleware(Delivery, handlers=app.exception_handlers)
    app.add_middleware(Guard, hosts=made.settings.hosts, lifetime=made.lifetime)
    return app


def _key(path: Path, *, may_be_new: bool) -> SigningKey:
    """Return the server's key from its file, made for this user only where there is none and was none."""
    if not path.exists():
        if not may_be_new:
            raise StorageFailed(
                f"{path} is gone: with it the receipts were signed.", advice="Bring it back from a backup."
            )
        with durable.unfinished(path) as fresh, suppress(FileExistsError):  # another process was faster
            durable.write_synced(fresh, SigningKey.new().seed.encode())
            durable.name_once(fresh, path)
    try:
        return SigningKey(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise StorageFailed(f"{path} holds no key.", advice="Bring it back from a backup.") from error


def _user() -> str:
    """Return what the system calls the one person of an embedded server."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "Me"
