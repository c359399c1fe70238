"""The API under parameters, headers and bodies that nobody would send: never a fault of the server."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import backend
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend import Site

_CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance]
_OPERATIONS = 21
_EXAMPLES = 30


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with backend.site(tmp_path_factory.mktemp("fuzz")) as site:
        yield site


@pytest.fixture(scope="module")
def operations(ground: Site) -> list[Any]:
    async def alive(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":  # every call would begin and end the server's life otherwise
            await ground.client.app(scope, receive, send)

    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", alive, headers={"Host": "testserver"})
    return [one.ok() for one in schema.get_all_operations()]


@pytest.mark.parametrize("number", range(_OPERATIONS))
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_makes_the_server_fail(
    ground: Site, operations: list[Any], number: int, mode: GenerationMode
) -> None:
    contract = ground.contract()

    @given(st.data())
    @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def fuzz(data: st.DataObject) -> None:
        case = data.draw(operations[number].as_strategy(generation_mode=mode))
        if "contract" in case.path_parameters and data.draw(st.booleans()):
            case.path_parameters["contract"] = contract  # behind the door, too
        response = case.call(headers={"Authorization": f"Bearer {ground.token}", "Host": "testserver"})
        case.validate_response(response, checks=_CHECKS)

    with suppress(Unsatisfiable):  # nothing can be wrong about a request without parameters and body
        fuzz()


def test_every_operation_is_fuzzed(operations: list[Any]) -> None:
    assert len(operations) == _OPERATIONS
