"""A decision to a recipient's own exchange by tus, through a home that serves: the reference server and OAuth2."""

import hashlib
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.channels.case_servers import webdav_table
from tests.e2e.uploading import counsels, mail, submitted, table, uploads_to
from tests.e2e.world import World
from tests.real import tus, webdav
from tests.real.serving import Server, serving

pytestmark = [pytest.mark.real, pytest.mark.slow]

ACCOUNT, TOKEN = "counsel-tus", "a-token-of-the-tests"


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
def receipts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdav.Webdav]:
    """Where the recipient puts them."""
    with webdav.running(tmp_path_factory.mktemp("webdav")) as running:
        (running.home / "receipts").mkdir()
        yield running


@pytest.fixture(scope="module")
def world(
    exchange: tus.TusServer, receipts: webdav.Webdav, token_url: str, tmp_path_factory: pytest.TempPathFactory
) -> World:
    made = World(tmp_path_factory.mktemp("home"), mail(), settings='every = "2s"').make()
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
    folder = webdav_table(receipts, folder="receipts")
    exchanges = table(f"tus.{ACCOUNT}", account) + table(f"tus.{ACCOUNT}.receipts", folder)
    return uploads_to(made, exchanges, kind="tus", account=ACCOUNT)


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Server]:
    with serving(world, world.folder / "serve.log") as running:
        yield running


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


def test_the_recipients_receipt_ends_the_delivery_and_is_let_go_of(
    world: World, served: Server, exchange: tus.TusServer, receipts: webdav.Webdav
) -> None:
    dispatch = submitted(world, served, "taken")
    (attempt,) = counsels(served, dispatch, "handed-over")["attempts"]
    (left,) = (one for one in exchange.lying if named(exchange, one).endswith(f"_{attempt['reference']}.zip"))
    told = {
        "receipt": "taken",
        "reference": attempt["reference"],
        "sha256": hashlib.sha256(left.read_bytes()).hexdigest(),
        "at": "2026-11-23T13:00:00-05:00",
    }
    (receipts.home / "receipts" / "1.json").write_text(json.dumps(told))
    delivery = counsels(served, dispatch, "delivered")
    assert [one["event"] for one in delivery["receipts"]] == ["ContentConsignment", "ContentHandover"]
    assert list((receipts.home / "receipts").iterdir()) == []
    checks = world.json("doctor")["checks"]
    assert [one["finding"] for one in checks if one["check"] == "exchanges"] == ["good"]


def test_a_recall_removes_what_lies_with_the_recipient_and_says_since_when(
    world: World, served: Server, exchange: tus.TusServer
) -> None:
    dispatch = submitted(world, served, "recalled")
    (attempt,) = counsels(served, dispatch, "handed-over")["attempts"]

    def lying() -> list[Path]:
        return [one for one in exchange.lying if named(exchange, one).endswith(f"_{attempt['reference']}.zip")]

    assert len(lying()) == 1
    world.run("recall", dispatch, "--reason", "sent to the wrong counsel")
    ends = time.monotonic() + 60
    while lying():
        assert time.monotonic() < ends, "it lies there still"
        time.sleep(0.2)
    ends = time.monotonic() + 60
    while True:
        deliveries = world.json("recall", dispatch)["deliveries"]
        (told,) = [one for one in deliveries if one["participant"] == "c1"]
        if told["left"][0]["removed_at"]:
            break
        assert time.monotonic() < ends, "it is not on record"
        time.sleep(0.5)
    assert (told["containment"], told["state"]) == ("removed", "handed-over")


def named(exchange: tus.TusServer, left: Path) -> str:
    """What the server was told that it is called."""
    return str(json.loads(left.with_name(f"{left.name}.json").read_text())["metadata"]["filename"])


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
