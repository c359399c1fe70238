"""The server's own facts, who asks, their devices, and the ways in."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker import __version__
from tracker.evidence.keys import key_id
from tracker.model.slot import SECOND, instant
from tracker.server.access import Person
from tracker.server.accounts import Reader, begin_session
from tracker.server.api.body import answer, struct_of
from tracker.server.api.describe import answers, json_body
from tracker.server.parts import Parts, parts
from tracker.server.problems import Refusal, forbidden, malformed, not_found
from tracker.server.tokens import BEARER, LINK, LINK_MS, SESSION, SESSION_MS
from tracker.wire import API
from tracker.wire.account import Account
from tracker.wire.problem import Problem
from tracker.wire.receipt import ServerInfo
from tracker.wire.request import Claim, Claimed, DeviceView, LinkMade, NewDevice, NewLink

router = APIRouter(prefix=API)
entrance = APIRouter(include_in_schema=False)


@router.get("/server", responses=answers((200, ServerInfo), problems=()), openapi_extra={"security": []})
def server(request: Request) -> Response:
    """Tell anyone who this server is, by which key it signs, and what time it has."""
    here = parts(request)
    return answer(
        ServerInfo(
            name=here.settings.name,
            origin=here.settings.origin,
            key=here.key.id,
            public_key=base64.b64encode(here.key.public).decode(),
            former_keys=(),
            time=instant(here.now),
            spread_s=here.settings.spread_s,
            min_app=__version__,
        )
    )


@router.get("/me", responses=answers((200, Account), problems=(401,)))
def me(request: Request, person: Reader) -> Response:
    """Tell whose token this is."""
    return answer(_account(parts(request), person))


@router.post(
    "/devices",
    status_code=201,
    responses=answers((201, DeviceView), problems=(401, 413)),
    openapi_extra=json_body(NewDevice),
)
def register_device(
    request: Request, person: Reader, new: Annotated[NewDevice, Depends(struct_of(NewDevice))]
) -> Response:
    """Register the key of a device of the account: what it signs is believed from now on."""
    try:
        public = base64.b64decode(new.public_key, validate=True)
    except binascii.Error as error:
        raise malformed(f"public_key: {error}") from error
    here = parts(request)
    here.store.add_device(person.id, key_id(public), public, new.name, here.now)
    return answer(DeviceView(key_id(public), new.name), 201)


@router.post(
    "/embedded/token",
    responses=answers((200, Claimed), problems=(403, 404, 413, 429)),
    openapi_extra=json_body(Claim) | {"security": []},
)
def claim_token(request: Request, claim: Annotated[Claim, Depends(struct_of(Claim))]) -> Response:
    """Give the one account's token to whoever knows the secret that was said once, at the start."""
    here = parts(request)
    if here.secret is None:
        raise not_found("No one-time secret")
    wait_ms = here.secret.wait_ms(here.machine_now)
    if wait_ms:
        title = "Too many wrong secrets."
        raise Refusal(Problem("too-many-tries", title, 429), retry_after_s=-(-wait_ms // SECOND))
    person = here.store.first_person()
    if person is None or not here.secret.use(claim.secret, here.machine_now):
        raise forbidden("wrong-secret", "The secret is wrong, or was used before.")
    word = here.tokens.issue(person.id, BEARER, now=here.machine_now)
    return answer(Claimed(word, _account(here, person)))


@router.post(
    "/links",
    status_code=201,
    responses=answers((201, LinkMade), problems=(401, 413)),
    openapi_extra=json_body(NewLink),
)
def make_link(
    request: Request, person: Reader, wish: Annotated[NewLink, Depends(struct_of(NewLink))]
) -> Response:
    """Make a link that opens a page once, within five minutes, without a sign-in."""
    here = parts(request)
    now = here.machine_now
    word = here.tokens.issue(person.id, LINK, now=now, expires_at=now + LINK_MS, path=wish.path)
    return answer(LinkMade(f"{here.settings.url}/enter/{word}"), 201)


@entrance.get("/enter/{word}")
def enter(request: Request, word: Annotated[str, Path(max_length=100)]) -> Response:
    """Use a one-time link: begin a session in this browser and go where the link leads."""
    here = parts(request)
    now = here.machine_now
    opened = here.tokens.open_link(word, now)
    if opened is None:
        raise Refusal(
            Problem(
                "link-used",
                "This link was used before, or is too old.",
                410,
                "Open the diary from the tracker again.",
            )
        )
    session = here.tokens.issue(opened.account, SESSION, now=now, expires_at=now + SESSION_MS)
    response = RedirectResponse(opened.path, status_code=303)
    begin_session(response, here.settings, session)
    return response


def _account(here: Parts, person: Person) -> Account:
    return Account(here.settings.origin, person.id, person.name)
