"""Signing keys in a token (SoftHSM2): acceptances and mail are signed with keys that never leave it."""

import base64
import email
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys import own_files
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data
from keys.smime_reader import open_message
from tests.e2e.world import World
from tests.keys.recipients import openssl
from tests.real import softhsm
from tests.real.mail_sink import MailSink, running_sink
from tests.real.softhsm import SoftHsm

pytestmark = pytest.mark.real

IN_TOKEN = ("package-acceptance", "mail-signing", "evidence-signing")


@dataclass
class TokenWorld(World):
    """A home whose processes reach a token."""

    token: SoftHsm | None = None
    pin: str = softhsm.PIN

    def environment(self) -> dict[str, str]:
        """And the PIN."""
        reach = self.token.environment if self.token else {}
        return super().environment() | reach | {"GATEWAY_PKCS11_PIN": self.pin}


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def world(sink: MailSink, tmp_path_factory: pytest.TempPathFactory) -> TokenWorld:
    tmp_path = tmp_path_factory.mktemp("token")
    mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "server_name": "mx.gw.test"}
    token = softhsm.made_in(tmp_path)
    made = TokenWorld(folder=tmp_path, mail=mail | {"sender": "registry@gw.test"}, token=token)
    made.make()
    for name in IN_TOKEN:
        assert made.json("keys", "rotate", name, "--token", token.uri)["replaced"]
    return made


SHOW = """
import json, sys, pkcs11
module, label, pin = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=label).open(user_pin=pin) as session:
    keys = session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})
    names = ("EXTRACTABLE", "SENSITIVE", "NEVER_EXTRACTABLE", "LOCAL")
    print(json.dumps({key.label: [bool(key[pkcs11.Attribute[name]]) for name in names] for key in keys}))
"""


def test_acceptances_and_mail_are_signed_in_the_token(world: TokenWorld, sink: MailSink) -> None:
    keys = world.folder / "keys"
    taken = world.json("submit", world.package())["dispatches"][0]
    world.run("work", "--until-idle")

    acceptance = base64.b64decode(taken["acceptance"])
    (world.folder / "acceptance.p7m").write_bytes(acceptance)
    stated = openssl(
        *("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", keys / "gateway-ca.pem"),
        content=acceptance,
    )
    assert json.loads(stated)["dispatch"] == taken["dispatch"]
    signed = read_signed_data(acceptance)
    assert verify_over(stated, signed).certificate == current(keys, "package-acceptance")

    readers = {one.address: one for one in world.readers.values()}
    assert sink.messages()
    for raw in sink.messages():
        message = email.message_from_bytes(raw)
        payload, to = message.get_payload(decode=True), readers[message["To"]]
        assert isinstance(payload, bytes)
        opened = open_message(payload, key=to.key, certificate=to.certificate)
        assert opened.signer_certificate_der == der(keys, "mail-signing")  # made in the token, below

    for name in IN_TOKEN:
        assert (keys / f"{name}-000002.pkcs11").exists()
        assert not (keys / f"{name}-000002.key").exists()
    assert world.token is not None
    call = [sys.executable, "-c", SHOW, world.token.module, softhsm.LABEL, softhsm.PIN]
    shown = subprocess.run(call, check=True, capture_output=True, env=world.environment()).stdout
    expected = {f"{name}-000002": [False, True, True, True] for name in IN_TOKEN}
    assert expected.items() <= json.loads(shown).items()


def test_a_token_that_is_away_or_a_wrong_pin_signs_nothing_and_nothing_is_taken_in(world: TokenWorld) -> None:
    package, before = world.package("two"), len(world.json("dispatches")["dispatches"])
    world.pin = "0000"
    assert world.json("submit", package, expect=6)["code"] == "key.token-unavailable"
    world.pin = softhsm.PIN
    (world.folder / "tokens").rename(world.folder / "away")
    (world.folder / "tokens").mkdir()
    refused = world.json("submit", package, expect=6)
    assert (refused["code"], refused["where"]) == ("key.token-unavailable", softhsm.LABEL)
    assert len(world.json("dispatches")["dispatches"]) == before
    (world.folder / "tokens").rmdir()
    (world.folder / "away").rename(world.folder / "tokens")
    assert world.json("submit", package)["dispatches"][0]["repeat"] is False


def test_a_key_in_a_token_is_followed_by_one_in_the_same_token(world: TokenWorld) -> None:
    keys = world.folder / "keys"
    world.json("keys", "rotate", "mail-signing")
    newest = own_files.newest(keys, "mail-signing")
    assert newest.name > "mail-signing-000002.pem"
    assert newest.with_suffix(".pkcs11").exists()
    assert not newest.with_suffix(".key").exists()


def test_a_token_that_cannot_be_is_refused_and_the_key_in_use_stays(world: TokenWorld) -> None:
    before = current(world.folder / "keys", "mail-signing")
    for name, token, code, status in (
        ("kek", "pkcs11:token=a?module-path=/b", "request.invalid", 3),
        ("openpgp-signing", "pkcs11:token=a?module-path=/b", "request.invalid", 3),
        ("mail-signing", "token=a", "key.token-uri", 6),
        ("mail-signing", "pkcs11:token=a", "key.token-uri", 6),
        ("mail-signing", "pkcs11:token=a?module-path=/nowhere.so", "key.token-unavailable", 6),
    ):
        assert world.json("keys", "rotate", name, "--token", token, expect=status)["code"] == code
    assert current(world.folder / "keys", "mail-signing") == before


def current(keys: Path, name: str) -> x509.Certificate:
    return own_files.read_certificates(own_files.newest(keys, name))[0]


def der(keys: Path, name: str) -> bytes:
    return current(keys, name).public_bytes(Encoding.DER)
