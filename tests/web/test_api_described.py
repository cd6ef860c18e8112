"""The API as its own description has it: Schemathesis asks of every operation what that allows and what it does not,
with a token and without. Nothing is answered that is not described, and nothing with a fault of ours.

`API_EXAMPLES` says how many examples an operation gets.
"""

import os
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.bootstrap import Gateway, open_gateway
from gateway.ports.registry import Scope
from gateway.web.server import application
from tests.e2e.world import World

PACKAGE = "application/vnd.etsi.asic-e+zip"
EXAMPLES = int(os.environ.get("API_EXAMPLES", "10"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer(PACKAGE)
def package(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Octets as they come."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("described"), mail=mail).make()


@pytest.fixture(scope="module")
def known(world: World) -> dict[str, str]:
    """What there is, by the names of the parameters that take it."""
    dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
    world.run("work", "--max-seconds", "20")
    stands = world.json("status", dispatch)
    delivery = stands["deliveries"][0]["delivery"]
    return {"dispatch_id": dispatch, "delivery_id": delivery, "number": stands["files"][0]}


@pytest.fixture(scope="module")
def gateway(world: World, known: dict[str, str]) -> Iterator[Gateway]:
    opened = open_gateway(world.home)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def secret(gateway: Gateway) -> str:
    return gateway.tokens.create("described", frozenset(Scope), actor="test").secret


@pytest.fixture(scope="module")
def described(gateway: Gateway) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", application(gateway, None))


@pytest.mark.slow
def test_what_is_answered_is_described_and_no_fault_of_ours(
    described: schemathesis.BaseSchema, secret: str, known: dict[str, str]
) -> None:
    bounded = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    statuses: Counter[int] = Counter()
    answered: set[str] = set()
    authorized = {"Authorization": f"Bearer {secret}"}
    operations = [one.ok() for one in described.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == len(list(described.get_all_operations()))
    for operation in operations:
        for mode in GenerationMode:

            @bounded
            @given(case=operation.as_strategy(generation_mode=mode))
            def asked(case: Case[Any]) -> None:
                for headers in (authorized, {}):
                    statuses[case.call_and_validate(headers=headers, checks=CHECKS).status_code] += 1

                if known.keys() & case.path_parameters.keys():  # of what there is as well
                    case.path_parameters |= {name: known[name] for name in known.keys() & case.path_parameters.keys()}
                    status = case.call_and_validate(headers=authorized, checks=CHECKS).status_code
                    statuses[status] += 1
                    if status == HTTPStatus.OK:
                        answered.add(case.operation.label)

            asked()
    print(f"{len(operations)} operations: {dict(statuses)}")
    assert {200, 401, 404, 422} <= set(statuses)
    of_what_there_is = {"GET /api/v1/dispatches/{dispatch_id}", "GET /api/v1/dispatches/{dispatch_id}/route"}
    assert of_what_there_is <= answered
