"""Who may do what in the exchange, route by route. A route that is added without a line here fails."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.application.exchange.tokens import ExchangeTokens
from gateway.bootstrap import open_gateway
from gateway.domain.exchange_tokens import TOKEN_LIFE
from gateway.web import collecting
from gateway.web.console.cookies import SESSION as CONSOLE
from gateway.web.exchange import routes
from gateway.web.exchange.cookies import SESSION
from gateway.web.safety import form_token
from gateway.web.server import application
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.e2e.world import World
from tests.web.asgi import Caller
from tests.web.exchange_caller import as_who, caller, filled, in_console, of_case_system, of_staff

WHO = (
    "anonymous",
    "staff",
    "staff in the console",
    "case system",
    "ended delegate",
    "other counsel",
    "delegate",
    "holder",
)

ANYBODYS = (200,) * 8
HOME = (303,) * 5
"""What nobody in particular is answered: go where one signs in."""
ACCESS = {
    ("GET", "/exchange"): (303,) * 8,
    ("GET", "/exchange/style.css"): ANYBODYS,
    ("GET", "/exchange/passkey.js"): ANYBODYS,
    ("GET", "/exchange/{language}"): ANYBODYS,
    ("POST", "/exchange/{language}/link"): ANYBODYS,
    ("GET", "/exchange/{language}/enter"): ANYBODYS,
    ("POST", "/exchange/{language}/enter"): (403,) * 8,
    ("POST", "/exchange/{language}/passkey"): (403,) * 8,
    ("GET", "/exchange/{language}/provider"): (303,) * 8,
    ("GET", "/exchange/{language}/provider/return"): (403,) * 8,
    ("GET", "/exchange/{language}/papers/{entry}/all"): (*HOME, 404, 200, 200),
    ("GET", "/exchange/{language}/papers/{entry}/{place}"): (*HOME, 404, 200, 200),
    ("POST", "/exchange/{language}/papers/{entry}/acknowledgment"): (*HOME, 404, 303, 303),
    ("GET", "/exchange/{language}/passkeys"): (*HOME, 200, 200, 200),
    ("POST", "/exchange/{language}/passkeys"): (*HOME, 403, 403, 403),
    ("POST", "/exchange/{language}/passkeys/{passkey}/removal"): (*HOME, 404, 404, 404),
    ("GET", "/exchange/{language}/delegates"): (*HOME, 200, 404, 200),
    ("POST", "/exchange/{language}/delegates"): (*HOME, 403, 404, 403),
    ("POST", "/exchange/{language}/delegates/{delegate}/removal"): (*HOME, 404, 404, 303),
    ("GET", "/exchange/{language}/consent"): (*HOME, 200, 404, 200),
    ("POST", "/exchange/{language}/consent"): (*HOME, 303, 404, 303),
    ("GET", "/exchange/{language}/tokens"): (*HOME, 200, 404, 200),
    ("POST", "/exchange/{language}/tokens"): (*HOME, 200, 404, 200),
    ("POST", "/exchange/{language}/tokens/{token}/revocation"): (*HOME, 404, 404, 404),
    ("GET", "/exchange/{language}/keys"): (*HOME, 200, 404, 200),
    ("POST", "/exchange/{language}/keys"): (*HOME, 404, 404, 404),
    ("POST", "/exchange/{language}/sign-out"): (*HOME, 200, 200, 200),
}
"""What each is answered, in the order of WHO. 403: the form held nothing that would do."""


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def sessions(on: Exchanged) -> dict[str, str]:
    """The secret of each one's session; of who has none, nothing."""
    holder = on.signed_in(on.verified()).secret
    delegate, ended = on.delegate(), on.delegate(address="gone@firm.gw.test")
    on.delegates.end(ACCOUNT, f"{ACCOUNT}.2")
    other = on.signed_in(on.verified("other", "other@gw.test"), "other@gw.test").secret
    return {"holder": holder, "delegate": delegate, "ended delegate": ended, "other counsel": other}


REGISTRYS = {"staff": of_staff, "case system": of_case_system}


def brings(on: Exchanged, who: str, secret: str) -> dict[str, Any]:
    """What they bring: their session, and of the Registry its token, as a session too."""
    if who == "staff in the console":
        own = in_console(on)
        return {"headers": {"Cookie": "; ".join(f"{one.name}={own}" for one in (CONSOLE, SESSION))}}
    if who in REGISTRYS:
        own = REGISTRYS[who](on)
        return {"headers": {"Authorization": f"Bearer {own}", **as_who(own)["headers"]}}
    return as_who(secret) if secret else {}


def all_routes() -> set[tuple[str, str]]:
    return {(method, one.path) for one in routes.router().routes for method in one.methods}  # type: ignore[attr-defined]


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    assert set(ACCESS) == all_routes()


@pytest.mark.parametrize("who", WHO)
def test_each_is_answered_as_they_may(on: Exchanged, who: str) -> None:
    secret = sessions(on).get(who, "")
    on.left()
    brought = brings(on, who, secret)
    entry = on.collect.all(ACCOUNT)[0].entry.id
    browser, collects = caller(on), who in {"delegate", "holder"}
    answers = {}
    for method, path in ACCESS:
        form = {"data": {"form": form_token(secret), "word": "given"}} if method == "POST" else {}
        answers[method, path] = browser.request(method, filled(path, entry=entry, place="0"), **form, **brought)
    place = WHO.index(who)
    assert {one: answer.status_code for one, answer in answers.items()} == {
        one: expected[place] for one, expected in ACCESS.items()
    }
    (left,) = on.collect.all(ACCOUNT)
    assert (bool(left.entry.taken), left.entry.acknowledged_at is not None) == (collects, collects)
    assert [one.delegate.name for one in on.delegates.of(ACCOUNT)] == ([] if who == "holder" else [f"{ACCOUNT}.1"])
    shown = [answer for answer in answers.values() if entry in answer.text or "TC6-12345" in answer.text]
    assert bool(shown) is collects


MACHINES = (
    "nobody",
    "staff",
    "case system",
    "browser",
    "revoked",
    "expired",
    "new identity check",
    "other account",
    "own",
)
MACHINE_ACCESS = {
    ("GET", "/api/v1/exchange/entries"): (*(401,) * 7, 200, 200),
    ("GET", "/api/v1/exchange/entries.zip"): (*(401,) * 7, 200, 200),
    ("GET", "/api/v1/exchange/entries/{entry}/documents/{place}"): (*(401,) * 7, 404, 200),
}
"""What a system is answered that brings a token, in the order of MACHINES."""


def machine_token(on: Exchanged, who: str) -> str:
    """What it brings."""
    own = on.tokens.make(ACCOUNT)
    match who:
        case "nobody":
            return ""
        case "staff" | "case system":
            return REGISTRYS[who](on)
        case "browser":
            return sessions(on)["holder"]
        case "revoked":
            on.tokens.revoke(ACCOUNT, own.token.id)
        case "expired":
            on.clock.move(TOKEN_LIFE)
        case "new identity check":
            on.verified()
        case "other account":
            on.verified("other", "other@gw.test")
            return on.tokens.make("other").secret
    return own.secret


def test_every_route_for_systems_has_its_line() -> None:
    found = {(method, one.path) for one in collecting.router().routes for method in one.methods}  # type: ignore[attr-defined]
    assert found == set(MACHINE_ACCESS)


@pytest.mark.parametrize("who", MACHINES)
def test_each_system_is_answered_as_it_may(on: Exchanged, who: str) -> None:
    on.verified()
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry.id
    secret, machine = machine_token(on, who), caller(on)
    brings = {"headers": {"Authorization": f"Bearer {secret}"}} if secret else {}
    answers = {one: machine.request(one[0], filled(one[1], entry=entry, place="0"), **brings) for one in MACHINE_ACCESS}
    place = MACHINES.index(who)
    assert {one: answer.status_code for one, answer in answers.items()} == {
        one: expected[place] for one, expected in MACHINE_ACCESS.items()
    }
    assert any(entry in answer.text for answer in answers.values()) is (who == "own")
    (left,) = on.collect.all(ACCOUNT)
    assert bool(left.entry.taken) is (who == "own")


def test_a_machines_token_opens_no_page(on: Exchanged) -> None:
    on.verified()
    secret = on.tokens.make(ACCOUNT).secret
    browser = caller(on)
    for path in ("/exchange/en/consent", "/exchange/en/tokens", "/exchange/en/passkeys"):
        assert browser.request("GET", path, headers={"Authorization": f"Bearer {secret}"}).status_code == 303
        assert browser.request("GET", path, **as_who(secret)).status_code == 303


def test_a_recipients_token_opens_no_route_of_the_registry(tmp_path: Path) -> None:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    with closing(open_gateway(World(folder=tmp_path, mail=mail).make().home)) as gateway:
        recipients = ExchangeTokens(database=gateway.database, clock=gateway.clock).make("firm").secret
        api, own = application(gateway, None), "/api/v1/exchange"
        routes_of_api = {
            (method.upper(), path)
            for path, methods in api.openapi()["paths"].items()
            for method in methods
            if path.startswith("/api/v1") and not path.startswith(own)
        }
        assert routes_of_api
        asking = Caller(api, recipients)
        answered = {one: asking.request(one[0], re.sub("{[^}]+}", "x", one[1])).status_code for one in routes_of_api}
    carriers = (
        "POST",
        "/api/v1/receipts/{channel}",
    )  # known by a signature; of a channel that there is not it knows nothing
    assert answered == dict.fromkeys(routes_of_api, 401) | {carriers: 404}
