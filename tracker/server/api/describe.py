"""What the OpenAPI description says of a route: its bodies by name, and its problems."""

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.openapi.utils import get_openapi

from tracker import __version__
from tracker.wire.account import Account
from tracker.wire.diary import ContractView, DayView, SegmentView, WeekView
from tracker.wire.evidence import WeekEvidence
from tracker.wire.problem import PROBLEM_TYPE, Problem
from tracker.wire.receipt import Receipt, ServerInfo
from tracker.wire.request import (
    Claim,
    Claimed,
    ContractMade,
    DeviceView,
    LinkMade,
    NewContract,
    NewDevice,
    NewLink,
    RevisionView,
    SegmentPage,
    TimesheetView,
)
from tracker.wire.revision import RevisionBody
from tracker.wire.segment import SegmentBody
from tracker.wire.statement import StatementView

if TYPE_CHECKING:
    from fastapi import FastAPI

_STRUCTS = (
    *(Account, Claim, Claimed, ContractMade, ContractView, DayView, DeviceView, LinkMade),
    *(NewContract, NewDevice, NewLink, Problem, Receipt, RevisionBody, RevisionView),
    *(SegmentBody, SegmentPage, SegmentView, ServerInfo, StatementView, TimesheetView),
    *(WeekEvidence, WeekView),
)
_REF = "#/components/schemas/{name}"
_JSON = "application/json"
_PROBLEMS = {
    401: "no valid token",
    403: "not permitted",
    404: "not here, or not for the one who asks",
    409: "it does not go with what is kept: other bytes under this id, or a locked week",
    410: "discarded before it came",
    413: "too large",
    422: "malformed, or it does not fit what is here",
    429: "too many tries",
}


def json_body(kind: type) -> dict[str, Any]:
    """Describe a JSON body as one of the structures."""
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": _ref(kind)}}}}


def raw_body(media_type: str) -> dict[str, Any]:
    """Describe a body of bytes."""
    return {
        "requestBody": {
            "required": True,
            "content": {media_type: {"schema": {"type": "string", "format": "binary"}}},
        }
    }


def answers(*kinds: tuple[int, Any], problems: tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    """Describe the answers: by status a structure (or its schema), and the problems there can be."""
    good: dict[int | str, dict[str, Any]] = {
        status: {"description": "done", "content": {_JSON: {"schema": _schema(kind)}}}
        if kind
        else {"description": "done"}
        for status, kind in kinds
    }
    bad = {
        status: {
            "description": _PROBLEMS[status],
            "content": {PROBLEM_TYPE: {"schema": _ref(Problem)}},
        }
        for status in (*problems, 422)
    }
    return good | bad


def list_of(kind: type) -> dict[str, Any]:
    """Describe a list of structures."""
    return {"type": "array", "items": _ref(kind)}


def _schema(kind: Any) -> dict[str, Any]:
    return kind if isinstance(kind, dict) else _ref(kind)


def _ref(kind: type) -> dict[str, Any]:
    return {"$ref": _REF.format(name=kind.__name__)}


def description(app: "FastAPI") -> dict[str, Any]:
    """Return the OpenAPI description of the API, made once."""
    if app.openapi_schema is None:
        _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template=_REF)
        made = get_openapi(title="Hourproof", version=__version__, routes=app.routes)
        components = made.setdefault("components", {})
        components["schemas"] = schemas
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"bearer": []}]
        app.openapi_schema = made
    return app.openapi_schema
