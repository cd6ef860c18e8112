"""A carrier's word over HTTP: taken when it is signed as agreed, kept once, and read afterwards."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.codes import Code
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling, Incoming
from gateway.web.server import application
from tests.channels.receipts.messages import dsn
from tests.e2e.world import World
from tests.web.asgi import Caller

ADDRESS = "/api/v1/receipts/encrypted-email"
SECRET, FORMER = secrets.token_bytes(32), secrets.token_bytes(32)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    made = World(folder=tmp_path_factory.mktemp("callbacks"), mail=mail).make()
    (made.home / "callbacks").mkdir()
    lines = (f"whsec_{base64.b64encode(one).decode()}\n" for one in (SECRET, FORMER))
    (made.home / "callbacks/encrypted-email").write_text("".join(lines))
    return made


@pytest.fixture
def gateway(world: World) -> Iterator[Gateway]:
    opened = open_gateway(world.home)
    yield opened
    opened.close()


@pytest.fixture
def carrier(gateway: Gateway) -> Caller:
    return Caller(application(gateway, None))


def signed(raw: bytes, *, secret: bytes = SECRET, at: float = 0.0, name: str = "msg_1") -> dict[str, str]:
    """The headers of Standard Webhooks. `at`: seconds from now."""
    moment = str(int(dt.datetime.now(dt.UTC).timestamp() + at))
    digest = hmac.new(secret, f"{name}.{moment}.".encode() + raw, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": signature}


def kept(gateway: Gateway) -> list[Incoming]:
    with gateway.database.read() as tx:
        return list(tx.incoming.find(handling=None, limit=1000))


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("secret", [SECRET, FORMER], ids=["now", "before"])
def test_what_is_signed_as_agreed_is_kept_as_it_came_and_read_by_the_channels_reader(
    gateway: Gateway, carrier: Caller, secret: bytes
) -> None:
    raw = dsn(envelope_id=secrets.token_hex(16))
    answer = carrier.post(ADDRESS, content=raw, headers=signed(raw, secret=secret))
    assert (answer.status_code, answer.json()["repeat"]) == (202, False)
    incoming, content = gateway.receive.read.raw(answer.json()["receipt"])
    assert (incoming.source, content) == ("encrypted-email", raw)
    gateway.receive.read(10)
    with gateway.database.read() as tx:
        after = tx.incoming.get(incoming.id)
    assert (after.finding, after.handling) == (Finding.FAILED, Handling.WAITING)


def test_the_same_again_counts_once_whether_replayed_or_signed_anew(gateway: Gateway, carrier: Caller) -> None:
    raw = dsn(envelope_id=secrets.token_hex(16))
    headers = signed(raw)
    first = carrier.post(ADDRESS, content=raw, headers=headers)
    before = len(kept(gateway))
    for again in (headers, signed(raw, name="msg_2")):
        answer = carrier.post(ADDRESS, content=raw, headers=again)
        assert (answer.status_code, answer.json()) == (200, {"receipt": None, "repeat": True})
    assert first.status_code == 202
    assert len(kept(gateway)) == before


def test_what_is_not_signed_as_agreed_is_refused_and_not_kept(gateway: Gateway, carrier: Caller) -> None:
    raw, before = dsn(), len(kept(gateway))
    good = signed(raw)
    wrong: dict[str, dict[str, str]] = {
        "none": {},
        "another secret": signed(raw, secret=secrets.token_bytes(32)),
        "another body": signed(raw + b" "),
        "another id": good | {"webhook-id": "msg_9"},
        "another time": good | {"webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
        "another version": good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")},
        "no base64": good | {"webhook-signature": "v1,%%% v1, v1"},
        "very many": good | {"webhook-signature": "v1,AAAA " * 500 + good["webhook-signature"]},
    }
    answers = {name: refused(carrier.post(ADDRESS, content=raw, headers=one)) for name, one in wrong.items()}
    assert answers == dict.fromkeys(wrong, (401, Code.CALLBACK_SIGNATURE.value))
    assert len(kept(gateway)) == before


@pytest.mark.parametrize("at", [-301, 301])
def test_what_was_signed_at_another_time_is_refused(gateway: Gateway, carrier: Caller, at: float) -> None:
    raw, before = dsn(), len(kept(gateway))
    assert refused(carrier.post(ADDRESS, content=raw, headers=signed(raw, at=at))) == (401, Code.CALLBACK_TIME.value)
    assert len(kept(gateway)) == before


def test_a_time_that_is_none_is_refused(carrier: Caller) -> None:
    digest = hmac.new(SECRET, b"a.soon.x", hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    headers = {"webhook-id": "a", "webhook-timestamp": "soon", "webhook-signature": signature}
    assert refused(carrier.post(ADDRESS, content=b"x", headers=headers)) == (401, Code.CALLBACK_TIME.value)


@pytest.mark.parametrize("channel", ["courier", "mail", "..%2Fgateway.toml", "encrypted-email%00"])
def test_a_channel_whose_carrier_does_not_report_has_no_such_address(carrier: Caller, channel: str) -> None:
    answer = carrier.post(f"/api/v1/receipts/{channel}", content=b"x", headers=signed(b"x"))
    assert answer.status_code == 404


def test_what_is_too_large_is_refused_unread(carrier: Caller) -> None:
    raw = bytes(5_000_001)
    answer = carrier.post(ADDRESS, content=raw, headers=signed(raw))
    assert refused(answer) == (422, Code.RECEIPT_TOO_LARGE.value)


@pytest.mark.parametrize("line", ["secret", "whsec_", "whsec_%%%", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_for_the_operator_and_opens_nothing(
    world: World, carrier: Caller, line: str, tmp_path: Path
) -> None:
    path = world.home / "callbacks/encrypted-email"
    before = path.read_text()
    path.write_text(line)
    try:
        answer = carrier.post(ADDRESS, content=b"x", headers=signed(b"x", secret=b""))
    finally:
        path.write_text(before)
    assert refused(answer) == (503, Code.SETTINGS_INVALID.value)
