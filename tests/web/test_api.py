"""The API over a real home, in this process: who may ask, what is answered, and what is never said."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.application.intake.admit import Admit, intake_rule
from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.codes import Code
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.ports.registry import ChannelPause, Scope
from gateway.web.server import application
from gateway.worker.embedded import Workers, work
from tests.e2e import built
from tests.e2e.world import World
from tests.web.asgi import Caller

PROBLEM = "application/problem+json"
SUBMIT = "/api/v1/dispatches"
LIMIT = 1_000_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("api"), mail=mail, settings='package = "1MB"').make()


@pytest.fixture
def gateway(world: World) -> Iterator[Gateway]:
    opened = open_gateway(world.home)
    yield opened
    opened.close()


@pytest.fixture
def client(gateway: Gateway) -> Caller:
    """A caller who may do everything; no worker runs."""
    made = gateway.tokens.create("tests", frozenset(Scope), actor="test")
    return Caller(application(gateway, None), made.secret)


def anonymous(client: Caller) -> Caller:
    return Caller(client.app)


def problem(answer: httpx.Response, status: int, code: Code) -> dict[str, Any]:
    """The problem document, held to RFC 9457: its media type, and its `status` that of the answer."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    document: dict[str, Any] = answer.json()
    assert set(document) - {"where"} == {"type", "title", "status", "code", "detail"}
    assert (document["status"], document["code"]) == (status, code.value)
    assert document["type"] == f"urn:decision-gateway:problem:{code.value}"
    return document


def vault(world: World) -> set[Path]:
    return {path for path in (world.home / "vault").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, Code.TOKEN_MISSING),
        ("", Code.TOKEN_MISSING),
        ("Basic YTpi", Code.TOKEN_MISSING),
        ("Bearer", Code.TOKEN_MISSING),
        ("Bearer ", Code.TOKEN_MISSING),
        ("Bearer garbage", Code.TOKEN_INVALID),
        ("Bearer dgw_" + "A" * 5000, Code.TOKEN_INVALID),
        ("Bearer ' OR 1=1 --", Code.TOKEN_INVALID),
        ("Bearer \xff\xfe", Code.TOKEN_INVALID),
    ],
)
def test_nobody_known_gets_401(client: Caller, authorization: str | None, code: Code) -> None:
    caller = anonymous(client)
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    for answer in (caller.get(f"{SUBMIT}/x", headers=headers), caller.post(SUBMIT, headers=headers, content=b"x")):
        problem(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_body_of_nobody_known_is_not_read(client: Caller) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("the body was asked for")

    status, document = Caller(client.app, "dgw_unknown").post_in_parts(SUBMIT, receive)
    assert (status, document["code"]) == (401, Code.TOKEN_INVALID)


def test_a_revoked_token_is_worth_nothing_and_a_narrow_one_only_its_scope(client: Caller, gateway: Gateway) -> None:
    reader = gateway.tokens.create("reader", frozenset({Scope.READ}), actor="test")
    asking = Caller(client.app, reader.secret)
    problem(asking.post(SUBMIT, content=b"x"), 403, Code.TOKEN_SCOPE)
    problem(asking.get(f"{SUBMIT}/x"), 404, Code.DISPATCH_UNKNOWN)
    gateway.tokens.revoke(reader.token.id, actor="test")
    problem(asking.get(f"{SUBMIT}/x"), 401, Code.TOKEN_INVALID)


def test_where_too_much_waits_429_says_when_to_come_back_and_what_was_taken_is_answered(
    client: Caller, gateway: Gateway, world: World
) -> None:
    made = built.package(world)
    assert client.post(SUBMIT, content=made).status_code == 202
    rule = replace(intake_rule(), at_least=1)
    gateway.submit._admit = Admit(database=gateway.database, rule=rule, clock=gateway.clock)
    answer = client.post(SUBMIT, content=built.package(world))
    assert "Nothing is lost" in problem(answer, 429, Code.INTAKE_OVERLOADED)["detail"]
    assert answer.headers["retry-after"] == str(rule.latest_again)
    assert client.post(SUBMIT, content=made).status_code == 200


def test_a_package_is_taken_once_with_202_and_again_with_200(client: Caller, world: World) -> None:
    made = built.package(world)
    first, again = client.post(SUBMIT, content=made), client.post(SUBMIT, content=made)
    assert (first.status_code, again.status_code) == (202, 200)
    assert (first.json()["repeat"], again.json()["repeat"]) == (False, True)
    assert first.json()["dispatch"] == again.json()["dispatch"]
    assert first.headers["location"] == again.headers["location"] == f"{SUBMIT}/{first.json()['dispatch']}"
    assert client.get(first.headers["location"]).json()["package_id"] == first.json()["package_id"]


def test_who_may_only_submit_is_not_shown_what_carriers_answered(
    client: Caller, gateway: Gateway, world: World
) -> None:
    made = built.package(world)
    client.post(SUBMIT, content=made)
    work(gateway, until_idle=True, max_seconds=None)
    submitter = gateway.tokens.create("nova", frozenset({Scope.SUBMIT}), actor="test")
    asking = Caller(client.app, submitter.secret)
    again = asking.post(SUBMIT, content=made)
    assert again.status_code == 200
    assert "deliveries" not in again.json()
    assert again.json()["delivery_states"]
    problem(asking.get(again.headers["location"]), 403, Code.TOKEN_SCOPE)


def test_other_bytes_under_the_same_number_are_a_conflict_and_nothing_of_them_is_kept(
    client: Caller, world: World
) -> None:
    first = client.post(SUBMIT, content=built.package(world)).json()
    before = vault(world)
    other = built.package(world, package_id=first["package_id"], office="calgary")
    assert problem(client.post(SUBMIT, content=other), 409, Code.PACKAGE_CONFLICT)["where"] == "$.package_id"
    assert vault(world) == before


def test_a_refusal_is_422_and_an_unknown_address_404_and_a_wrong_method_405(client: Caller) -> None:
    problem(client.post(SUBMIT, content=b"no package"), 422, Code.PACKAGE_NOT_ZIP)
    problem(client.post(SUBMIT), 422, Code.PACKAGE_NOT_ZIP)
    for address in ("/", "/nothing", f"{SUBMIT}/", f"{SUBMIT}/x/y", "/api/v2/dispatches", "/docs", "/..%2f..%2fetc"):
        problem(client.get(address), 404, Code.REQUEST_NOT_FOUND)
    for method, address, allowed in (("PUT", SUBMIT, "POST"), ("DELETE", "/health", "GET"), ("POST", "/ready", "GET")):
        answer = client.request(method, address)
        problem(answer, 405, Code.REQUEST_METHOD)
        assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("name", ["%00", "%ff%fe", "..%2f..", "x" * 5000, "%F0%9F%92%A9", "' OR 1=1", "{}"])
def test_an_id_of_any_shape_is_simply_unknown(client: Caller, name: str) -> None:
    answer = client.get(f"{SUBMIT}/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] in {Code.DISPATCH_UNKNOWN, Code.REQUEST_NOT_FOUND}


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("FR-ca", "fr"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("en;q=0.5, fr;q=0.9", "fr"),
        ("fr;q=0.1, en-CA;q=0.2", "en"),
        ("de, fr;q=0.3", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=0, en;q=0", "en"),
        ("fro", "en"),
        ("frisian", "en"),
        ("*", "en"),
        ("fr;q=nonsense, en;q=0.1", "en"),
        (",;,;q=,=;", "en"),
    ],
)
def test_a_problem_is_told_in_the_language_the_caller_likes_best(client: Caller, accept: str, language: str) -> None:
    answer = client.get("/nothing", headers={"Accept-Language": accept})
    assert problem(answer, 404, Code.REQUEST_NOT_FOUND)["title"] == {"en": "Not found", "fr": "Introuvable"}[language]
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"


def test_of_a_body_without_end_no_more_is_read_than_the_limit(client: Caller, world: World) -> None:
    before, taken = vault(world), []

    async def receive() -> dict[str, Any]:
        taken.append(1)
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    status, document = client.post_in_parts(SUBMIT, receive)
    assert (status, document["code"]) == (422, Code.PACKAGE_TOO_LARGE)
    assert len(taken) == LIMIT // 100_000 + 1
    assert vault(world) == before


def test_an_upload_that_breaks_off_leaves_nothing_and_is_no_defect(
    client: Caller, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = vault(world)
    parts: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"CANARY", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return parts.pop(0)

    status, document = client.post_in_parts(SUBMIT, receive)
    assert (status, document["code"], document["where"]) == (422, Code.REQUEST_INVALID, "body")
    assert vault(world) == before
    assert "request-failed" not in capsys.readouterr().out


def test_one_package_from_eight_callers_at_once_is_one_dispatch(client: Caller, gateway: Gateway, world: World) -> None:
    made, before = built.package(world), vault(world)
    together = threading.Barrier(8)

    def submit(_: int) -> httpx.Response:
        together.wait()
        return client.post(SUBMIT, content=made)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [202]
    assert len({answer.json()["dispatch"] for answer in answers}) == 1
    assert len(vault(world) - before) == 1


def test_of_eight_packages_with_one_number_one_is_taken_and_seven_conflict(client: Caller, world: World) -> None:
    number = built.decision()["package_id"]
    made = [built.package(world, package_id=number, sensitive=bool(index % 2)) for index in range(8)]
    before = vault(world)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: client.post(SUBMIT, content=one), made))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert len(vault(world) - before) == 1


def test_health_only_says_that_the_process_answers(client: Caller) -> None:
    for prefix in ("", "/api/v1"):
        answer = anonymous(client).get(f"{prefix}/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_tells_the_truth_about_the_database_and_the_workers(gateway: Gateway, world: World) -> None:
    workers = Workers(gateway)
    asking = Caller(application(gateway, workers))  # whose threads nobody started
    answer = asking.get("/ready")
    assert (answer.status_code, answer.json()["workers"], answer.json()["database"]) == (503, "worker.stopped", "ok")

    whole = Caller(application(gateway, None))
    assert whole.get("/ready").json()["status"] == "ready"
    file, gone = world.home / "gateway.db", world.home / "gone.db"
    file.rename(gone)
    try:
        answer = whole.get("/ready")
        assert (answer.status_code, answer.json()["database"]) == (503, "database.unavailable")
        problem(whole.get("/metrics"), 503, Code.DATABASE_UNAVAILABLE)
    finally:
        gone.rename(file)
    assert whole.get("/ready").status_code == 200


def test_a_database_file_that_went_away_takes_no_package(client: Caller, world: World) -> None:
    made = built.package(world)
    before = vault(world)
    file, gone = world.home / "gateway.db", world.home / "gone.db"
    file.rename(gone)
    try:
        problem(client.post(SUBMIT, content=made), 503, Code.DATABASE_UNAVAILABLE)
        assert vault(world) == before
    finally:
        gone.rename(file)
    assert client.post(SUBMIT, content=made).status_code == 202


def test_ready_names_a_channel_that_is_paused(client: Caller, gateway: Gateway) -> None:
    now = gateway.clock.now()
    until = now + gateway.settings.work.misconfigured_pause
    with gateway.database.write() as tx:
        tx.registry.pause_channel(ChannelPause(channel="encrypted-email", since=now, until=until, reason="smtp.tls"))
    try:
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["paused_channels"]) == (200, ["encrypted-email"])
        assert 'gateway_channel_paused{channel="encrypted-email"} 1.0' in client.get("/metrics").text
    finally:
        with gateway.database.write() as tx:
            assert tx.registry.resume_channel("encrypted-email", gateway.clock.now())
    assert client.get("/ready").json()["paused_channels"] == []


PARTIES = "/api/v1/files/TC6-77777/parties"  # of no package here: what is told changes plans


def word(**more: Any) -> dict[str, Any]:
    return {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": 1,
        "effective_at": "2026-11-20T15:04:00-05:00",
        "source": "NOVA",
        "changes": [{"participant": "c1", "of_record": {"removal": "by-client"}}],
    } | more


def test_what_the_registry_says_of_a_file_is_kept_once(client: Caller, gateway: Gateway) -> None:
    first = client.post(PARTIES, json=word())
    again = client.post(PARTIES, json=word())
    assert (first.status_code, again.status_code) == (202, 200)
    told = {"division": "RPD", "file": "TC6-77777", "source": "NOVA", "sequence": 1}
    told |= {"planned_again": 0, "stopped": 0, "missing": []}
    assert first.json() == told | {"repeat": False}
    assert again.json() == told | {"repeat": True}
    problem(client.post(PARTIES, json=word(changes=[])), 409, Code.PARTIES_CONFLICT)
    refused = problem(client.post(PARTIES, json=word(sequence=0)), 422, Code.PARTIES_INVALID)
    assert refused["where"] == "$.sequence"
    problem(client.post(PARTIES, content=b" " * 300_000), 422, Code.PARTIES_INVALID)
    reader = gateway.tokens.create("reader", frozenset({Scope.READ, Scope.SUBMIT}), actor="test")
    problem(Caller(client.app, reader.secret).post(PARTIES, json=word()), 403, Code.TOKEN_SCOPE)


def test_the_plan_of_a_dispatch_is_told_with_its_rules(client: Caller, world: World) -> None:
    taken = client.post(SUBMIT, content=built.package(world)).json()
    answer = client.get(f"{SUBMIT}/{taken['dispatch']}/route")
    assert answer.status_code == 200
    found = {one["participant"]: one for one in answer.json()["participants"]}
    assert found["m1"]["plan"] == ["encrypted-email"]
    assert found["a1"]["rules"][0]["id"] == "rpd-38-3"
    assert anonymous(client).get(f"{SUBMIT}/{taken['dispatch']}/route").status_code == 401
    unknown = client.get(f"{SUBMIT}/6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11/route")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "dispatch.unknown")


def test_what_a_person_settled_is_told_with_their_name_or_not_at_all(
    client: Caller, gateway: Gateway, world: World
) -> None:
    taken = client.post(SUBMIT, content=built.package(world)).json()
    plan_and_render(gateway)
    delivery = next(
        one for one in client.get(f"{SUBMIT}/{taken['dispatch']}").json()["deliveries"] if one["state"] == "ready"
    )
    acts = f"/api/v1/deliveries/{delivery['delivery']}"
    why = {"reason": "the registrar asked", "on_behalf_of": "m.tremblay"}
    held = client.post(f"{acts}/hold", json=why)
    assert (held.status_code, held.json()["state"]) == (200, "held")
    problem(client.post(f"{acts}/hold", json=why), 409, Code.DELIVERY_ACTION_NOT_POSSIBLE)
    for wrong, where in (({"reason": ""}, "reason"), ({"on_behalf_of": "M T"}, "on_behalf_of"), ({"x": 1}, "body")):
        assert problem(client.post(f"{acts}/release", json=why | wrong), 422, Code.REQUEST_INVALID)["where"] == where
    address = why | {"contact": {"fax": "416"}}
    assert problem(client.post(f"{acts}/correct-address", json=address), 422, Code.ADDRESS_FAX)["where"] == "$.fax"
    given = client.post(f"{acts}/correct-address", json=why | {"contact": {"fax": "+14165550123"}})
    assert (given.status_code, given.json()["state"]) == (200, "held"), "a person holds it, and it stays so"
    served = why | {"at": "2026-11-20T15:04:00-05:00", "place": "Ottawa", "handed_to": "A. B.", "proof": "AAAA"}
    assert problem(client.post(f"{acts}/record-service", json=served), 422, Code.REQUEST_INVALID)["where"] == "at"
    told = why | {"at": "2026-11-20T15:04:00-05:00", "channel": "fax", "handed_to": "A. B.", "proof": "AAAA"}
    assert problem(client.post(f"{acts}/record-service", json=told), 422, Code.REQUEST_INVALID)["where"] == "channel"
    problem(client.post(f"{acts}/release", content=b" " * 27_000_000), 422, Code.REQUEST_INVALID)
    assert client.post(f"{acts}/release", json=why).json()["state"] == "planned"
    with gateway.database.read() as tx:
        named = [one.actor for one in tx.records.events(taken["dispatch"]) if one.name is EventName.DELIVERY_RESOLVED]
    assert all(one.startswith("token:") and one.endswith(":m.tremblay") for one in named)
    assert len(named) == 3
    reader = gateway.tokens.create("looker", frozenset({Scope.READ, Scope.SUBMIT}), actor="test")
    problem(Caller(client.app, reader.secret).post(f"{acts}/hold", json=why), 403, Code.TOKEN_SCOPE)


def plan_and_render(gateway: Gateway) -> None:
    for step, do in ((Step.PLAN, gateway.plan), (Step.RENDER, gateway.render)):
        for claimed in gateway.steps.claim(step, 10):
            do(claimed)


def test_metrics_hold_figures_and_no_id_number_or_name(client: Caller, gateway: Gateway, world: World) -> None:
    taken = client.post(SUBMIT, content=built.package(world, restrictions=[{"kind": "transmission-ban"}])).json()
    work(gateway, until_idle=True, max_seconds=None)
    view = client.get(f"{SUBMIT}/{taken['dispatch']}").json()
    text = anonymous(client).get("/metrics").text
    assert 'gateway_deliveries{state="needs-person"}' in text
    names = [taken["dispatch"], taken["package_id"], *taken["files"], taken["signer"], "Exemple", "cbsa", "counsel"]
    names += [delivery["delivery"] for delivery in view["deliveries"]]
    assert [name for name in names if name in text] == []


def test_every_route_of_openapi_has_documented_answers(client: Caller) -> None:
    described = anonymous(client).get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.")
    one, file = f"{SUBMIT}/{{dispatch_id}}", "/api/v1/files/{number}/parties"
    act = "/api/v1/deliveries/{delivery_id}/{action}"
    receipts = "/api/v1/receipts/{channel}"
    entries = "/api/v1/exchange/entries"
    binary = {
        f"{entries}.zip": "application/zip",
        f"{entries}/{{entry}}/documents/{{place}}": "application/octet-stream",
    }
    assert set(described["paths"]) == {SUBMIT, one, f"{one}/route", file, receipts, act, entries, *binary}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["security"], (method, path)
            assert {"401", "403", "422", "503"} <= set(operation["responses"]), (method, path)
            for status, answer in operation["responses"].items():
                assert answer["description"], (method, path, status)
                kinds = set(answer.get("content", {}))
                given = binary.get(path, "application/json")
                assert kinds == ({PROBLEM} if status >= "400" else {given}), (method, path, status)


def test_a_defect_is_answered_without_its_words(gateway: Gateway) -> None:
    app = application(gateway, None)

    def broken() -> None:
        raise ValueError("CANARY Marguerite")

    app.add_api_route("/broken", broken)
    answer = Caller(app).get("/broken")
    problem(answer, 500, Code.DEFECT)
    assert "CANARY" not in answer.text


def test_every_reference_of_openapi_leads_somewhere_in_it(client: Caller) -> None:
    text = anonymous(client).get("/api/v1/openapi.json").text
    references = set(re.findall(r'"\$ref":\s*"([^"]+)"', text))
    assert references
    for reference in references:
        found: Any = json.loads(text)
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
