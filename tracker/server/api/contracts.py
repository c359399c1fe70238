"""Contracts: those of an account, new ones, and the invitation of the other side."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from uuid_utils import uuid7

from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.server import contracts
from tracker.server.accounts import Reader
from tracker.server.api.body import answer, struct_of
from tracker.server.api.describe import answers, json_body, list_of
from tracker.server.contracts import CLIENT, FREELANCER
from tracker.server.parts import parts
from tracker.server.problems import not_found
from tracker.server.tokens import digest, random_word
from tracker.wire import API
from tracker.wire.diary import ContractView, contract_view
from tracker.wire.request import ContractMade, NewContract

router = APIRouter(prefix=API)


@router.get("/contracts", responses=answers((200, list_of(ContractView)), problems=(401,)))
def list_contracts(request: Request, person: Reader) -> Response:
    """List the contracts the account may see."""
    return answer([contract_view(one) for one in parts(request).store.contracts(person.id)])


@router.post(
    "/contracts",
    status_code=201,
    responses=answers((201, ContractMade), problems=(401, 413)),
    openapi_extra=json_body(NewContract),
)
def add_contract(
    request: Request, person: Reader, new: Annotated[NewContract, Depends(struct_of(NewContract))]
) -> Response:
    """Make a contract as its freelancer; with another side it is pending until that accepts."""
    here = parts(request)
    alone = here.settings.embedded  # freelancer and client at once: nobody is left to ask
    code = None if alone else random_word()
    made = Contract(
        id=str(uuid7()),
        title=new.title,
        client=new.client,
        state=ContractState.ACTIVE if alone else ContractState.PENDING,
        terms=Terms(
            number=1,
            rate=new.amount,
            currency=new.currency,
            weekly_limit_ms=new.weekly_limit_ms,
            policy=Policy(manual=new.manual),
        ),
    )
    membership = contracts.NewMember(
        account=person.id,
        roles=(FREELANCER, CLIENT) if alone else (FREELANCER,),
        invitation=None if code is None else digest(code),
    )
    now = here.now
    here.database.write(lambda connection: contracts.add_contract(connection, made, membership, now))
    invitation = None if code is None else f"{here.settings.url}{API}/invitations/{code}/accept"
    return answer(ContractMade(contract_view(made), invitation), 201)


@router.post("/invitations/{code}/accept", responses=answers((200, ContractView), problems=(401, 404)))
def accept_invitation(
    request: Request, person: Reader, code: Annotated[str, Path(max_length=100)]
) -> Response:
    """Become the contract's client, which makes it active."""
    here, now = parts(request), parts(request).now
    accepted = here.database.write(
        lambda connection: contracts.accept_invitation(connection, digest(code), person.id, now)
    )
    if accepted is None:
        raise not_found("No such invitation")
    return answer(contract_view(accepted))
