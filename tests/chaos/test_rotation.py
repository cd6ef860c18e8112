"""Each of the gateway's own keys is rotated while packages go through: none is lost, and all stays verifiable.

One process takes packages in, renders and sends; others rotate. `make chaos` runs it over 500 packages.
"""

import base64
import datetime as dt
import email
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.bootstrap import VAULT_FOLDER, Gateway, open_gateway
from gateway.domain.own_keys import OwnKeyName
from gateway.store.objects import FileObjects
from keys import own_files
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data
from keys.live import LiveOwnKeys, LiveSealer
from keys.openpgp import OpenPgpProtector
from keys.openpgp_reader import armored_in, open_openpgp
from keys.openpgp_room import OpenPgpRoom
from keys.smime_reader import open_message
from keys.trust import valid_chain
from tests.chaos.record import packages
from tests.e2e.world import World
from tests.keys.openpgp import reader
from tests.real.mail_sink import MailSink, running_sink
from tests.real.serving import serving

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(1800)]

ENTITY = b"Content-Type: text/plain\r\n\r\nA decision.\r\n"
PACKAGES = int(os.environ.get("ROTATION_PACKAGES", "30"))


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, tmp_path: Path) -> World:
    mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "server_name": "mx.gw.test"}
    return World(folder=tmp_path, mail=mail | {"sender": "registry@gw.test"}).make()


class OpenPgpSender:
    """A process that signs OpenPGP mail all the while, as a worker does, in this test's own process."""

    def __init__(self, world: World) -> None:
        own = LiveOwnKeys(world.folder / "keys", None, organization="Registry")
        self.reader = reader()
        self._room = OpenPgpRoom()
        self._protector = OpenPgpProtector(lambda: own.current().openpgp, self._room)
        self._address = self.reader.address()
        self.sent: list[bytes] = []

    def send(self) -> None:
        at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
        self.sent.append(self._protector.protect(ENTITY, address=self._address, at=at).mime)

    def close(self) -> None:
        self._room.close()


def test_rotating_each_own_key_during_a_run_loses_nothing_and_leaves_all_verifiable(
    world: World, sink: MailSink
) -> None:
    sender = OpenPgpSender(world)
    made, rotations, acceptances = packages(world, PACKAGES), [*OwnKeyName, *OwnKeyName], []
    every = max(1, len(made) // (len(rotations) + 1))
    rotated: list[dict[str, Any]] = []
    with serving(world, world.folder / "serve.log") as server:
        for number, package in enumerate(made):
            if number % every == every - 1 and len(rotated) < len(rotations):
                rotated.append(world.json("keys", "rotate", rotations[len(rotated)].value))
            answer = server.post(package)
            assert answer.status_code == 202, answer.text
            acceptances.append(base64.b64decode(answer.json()["acceptance"]))
            sender.send()
        end = time.monotonic() + 60 + 2 * PACKAGES
        while time.monotonic() < end and len(sink.message_ids()) < 2 * PACKAGES:
            time.sleep(0.2)
    assert Counter(one["key"] for one in rotated) == dict.fromkeys((name.value for name in OwnKeyName), 2)
    assert Counter(sink.message_ids()) == dict.fromkeys(sink.message_ids(), 1)
    assert len(sink.message_ids()) == 2 * PACKAGES
    gateway = open_gateway(world.home)
    try:
        accepted_by = check_acceptances(world, acceptances)
        mailed_by = min(check_messages(world, sink), check_openpgp(world, sender))
        opened = check_sealed(world, gateway)
    finally:
        gateway.close()
        sender.close()
    assert min(accepted_by, mailed_by) == 3, "all three generations signed, so each rotation was taken up on the way"
    print(f"{PACKAGES} packages, {len(rotated)} rotations, {3 * PACKAGES} messages verified, {opened} objects opened")


def check_acceptances(world: World, acceptances: list[bytes]) -> int:
    """Each holds under the gateway's first authority, which submitters pinned; how many keys signed."""
    first, signers = own_files.read_certificates(world.folder / "keys" / "gateway-ca.pem")[0], set()
    for acceptance in acceptances:
        signed = read_signed_data(acceptance)
        assert signed.content is not None
        assert json.loads(signed.content)["schema"] == "package-acceptance/1"
        now = dt.datetime.now(dt.UTC)
        certificate = verify_over(signed.content, signed).certificate
        assert valid_chain(certificate, signed.certificates, first, now), "who pinned the first authority"
        signers.add(certificate.serial_number)
    return len(signers)


def check_messages(world: World, sink: MailSink) -> int:
    """Each opens for its reader under a signature of an authority in the newest file; how many keys signed."""
    newest = own_files.read_certificates(own_files.newest(world.folder / "keys", OwnKeyName.MAIL_CA))
    readers = {one.address: one for one in world.readers.values()}
    signers = set()
    for raw in sink.messages():
        message = email.message_from_bytes(raw)
        payload, to = message.get_payload(decode=True), readers[message["To"]]
        assert isinstance(payload, bytes)
        now = dt.datetime.now(dt.UTC)
        opened = open_message(payload, key=to.key, certificate=to.certificate)
        certificate = x509.load_der_x509_certificate(opened.signer_certificate_der)
        assert any(valid_chain(certificate, [], ca, now) for ca in newest), "who pins the newest authority's file"
        signers.add(certificate.serial_number)
    return len(signers)


def check_openpgp(world: World, sender: OpenPgpSender) -> int:
    """The same for what was signed by the OpenPGP key of the moment."""
    public = own_files.generations(world.folder / "keys", OwnKeyName.OPENPGP_SIGNING, ".asc")
    gpg, signers = sender.reader.gpg, set()
    ours = {gpg.import_keys(path.read_bytes()).fingerprints[0] for path in public}
    for mime in sender.sent:
        armored = armored_in(mime)
        signer: str = gpg.decrypt(armored, always_trust=True).pubkey_fingerprint
        assert signer in ours
        assert open_openpgp(gpg, armored, signer_fingerprint=signer) == ENTITY
        signers.add(signer)
    assert len(sender.sent) == PACKAGES
    return len(signers)


def check_sealed(world: World, gateway: Gateway) -> int:
    """Every package and every message sent opens, and every data key is wrapped by the newest KEK; how many opened."""
    own = LiveOwnKeys(world.folder / "keys", None, organization="Registry")
    vault = Vault(sealer=LiveSealer(own), objects=FileObjects(world.home / VAULT_FOLDER))
    with gateway.database.read() as tx:
        dispatches = tx.dispatches.newest(PACKAGES)
        deliveries = tx.deliveries.find(state=None, channel=None, limit=10 * PACKAGES)
        attempts = tx.deliveries.attempts_of([one.id for one in deliveries])
        keys = {one.id: data_key(tx.registry, one.id) for one in dispatches}
        wrapped = tx.registry.data_keys(after="", limit=10 * PACKAGES)
    opened = 0
    for dispatch in dispatches:
        assert vault.get(keys[dispatch.id], contexts.PACKAGE, dispatch.object_name).startswith(b"PK")
        opened += 1
    for delivery in deliveries:
        (attempt,) = attempts[delivery.id]
        assert attempt.sent_object is not None
        assert b"[...]" in vault.get(keys[delivery.dispatch], contexts.sent(attempt.id), attempt.sent_object)
        opened += 1
    assert len(wrapped) == PACKAGES + 2  # and those of the directory and of the evidence
    newest = own.current().keks[-1].id.encode()
    assert all(newest in one for _, one in wrapped)
    return opened
