"""A decision to a recipient's own exchange by tus, through a home that serves: the reference server and OAuth2."""

import json
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.e2e.world import World
from tests.real import ports, tus
from tests.real.serving import Server, serving, submit_over_http

pytestmark = [pytest.mark.real, pytest.mark.slow]

RECIPIENT, ACCOUNT, TOKEN = "counsel-uploads", "counsel-tus", "a-token-of-the-tests"
PATIENCE = 60
PARTICIPANTS = [
    {
        "id": "c1",
        "roles": ["counsel"],
        "represents": ["p1"],
        "name": "C. Conseil",
        "recipient": RECIPIENT,
        "electronic": {"accepts": True, "consent": "2026-01-12"},
    }
]


class GivesTokens(BaseHTTPRequestHandler):
    """The recipient's authorization server, as far as client credentials go (RFC 6749 §4.4)."""

    def do_POST(self) -> None:
        """A token for who knows the secret."""
        known = self.headers.get("Authorization", "").startswith("Basic ")
        body = json.dumps({"access_token": TOKEN, "token_type": "Bearer"} if known else {"error": "invalid_client"})
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture(scope="module")
def token_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), GivesTokens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tus.TusServer]:
    with tus.running(tmp_path_factory.mktemp("tus") / "files", token=TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def world(exchange: tus.TusServer, token_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": ports.free_port(), "tls": "none", "sender": "registry@gw.test"}
    made = World(tmp_path_factory.mktemp("home"), mail).make()
    secret = made.home / "tus-secret"
    secret.write_text("only here")
    secret.chmod(0o600)
    account = {
        "url": exchange.url,
        "token_url": token_url,
        "client_id": "tribunal",
        "secret_file": secret.name,
        "machine": "recipient",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in account.items()]
    (made.home / "exchanges.toml").write_text("\n".join([f"[tus.{ACCOUNT}]", *lines, ""]))
    table = mail | {"url": "http://127.0.0.1:8480/exchange", "exchanges": "exchanges.toml"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
    settings = made.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), "[channels.secure-upload]", *lines, ""]))
    way = {"type": "secure-upload", "account": ACCOUNT, "exchange": "tus"}
    entry = {"id": RECIPIENT, "name": "C. Conseil", "kind": "counsel", "language": "en", "channels": [way]}
    directory = made.folder / "tus.json"
    directory.write_text(json.dumps({"recipients": [entry]}))
    made.run("recipients", "import", directory)
    return made


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Server]:
    with serving(world, world.folder / "serve.log") as running:
        yield running


def submitted(world: World, served: Server, name: str) -> str:
    package = world.package(name, participants=PARTICIPANTS, minister={"party": False, "interventions": []})
    return submit_over_http(served, package)


def counsels(served: Server, dispatch: str, *states: str) -> Any:
    """Counsel's copy, once it is in one of those states."""
    ends = time.monotonic() + PATIENCE
    while True:
        deliveries = served.get(f"/api/v1/dispatches/{dispatch}").json()["deliveries"]
        found = [one for one in deliveries if one["participant"] == "c1" and one["state"] in states]
        if found:
            return found[0]
        assert time.monotonic() < ends, deliveries
        time.sleep(0.2)


def test_a_decision_lies_whole_with_the_recipient_and_is_no_more_than_handed_over(
    world: World, served: Server, exchange: tus.TusServer
) -> None:
    delivery = counsels(served, submitted(world, served, "one"), "handed-over")
    assert (delivery["channel"], delivery["settled"]) == ("secure-upload", False)
    assert [one["event"] for one in delivery["receipts"]] == ["ContentConsignment"]
    (left,) = exchange.lying
    with zipfile.ZipFile(left) as members:
        assert members.testzip() is None
        assert all(name.startswith("TC6-12345_RPD_") for name in members.namelist())


def test_an_exchange_that_is_away_is_waited_for_and_nothing_lies_there(
    world: World, served: Server, exchange: tus.TusServer
) -> None:
    before = exchange.digests
    exchange.kill()
    dispatch = submitted(world, served, "two")
    delivery = counsels(served, dispatch, "deferred")
    assert [one["result"] for one in delivery["attempts"]] == ["not-sent"]
    assert (delivery["settled"], delivery["receipts"]) == (False, [])
    assert exchange.digests == before
