"""A home with real mail around it, for the stories of the console: a Postfix that cannot reach one recipient but the
others, registered mail that its carrier took, and keys that end soon."""

import datetime as dt
import email
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage, Message
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.manifest import BatchedItem
from gateway.ports.incoming import BY_MAIL
from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.world import EC, RSA, TODAY, Reader, World
from tests.keys.pki import Authority, Order, ca_order, ec_key
from tests.keys.recipients import openssl
from tests.real.ports import free_port
from tests.real.postfix import Postfix, running_postfix
from tests.web.console.conftest import BY_MAIL as REGISTERED
from tests.web.console.conftest import POSTAL
from tests.web.console.house import House, Person

RIGHT, ENDING = "counsel-67890p", "counsel-ending"
"""The entry of where counsel is now, and, with a language behind it, one whose key ends soon."""
BOTH = (AccountRole.REGISTRY, AccountRole.APPROVER)
_PATIENCE = 30.0  # seconds


@dataclass
class Town:
    """The house, who works there, and the world around it."""

    house: House
    world: World
    postfix: Postfix
    alice: Person
    bob: Person
    lying: Sequence[BatchedItem] = ()
    """Of the letters that the carrier took."""

    def worked(self) -> None:
        """Everything that is due is done, on a thread of its own: a browser's loop may run in this one."""
        doing = threading.Thread(
            target=work, args=(self.house.gateway,), kwargs={"until_idle": True, "max_seconds": _PATIENCE}
        )
        doing.start()
        doing.join()

    def accepted(self, number: str, *participants: Mapping[str, object], **changes: object) -> str:
        """A package on that file is in and what is due of it done: its dispatch."""
        files = [{"number": number, "persons": ["p1"]}]
        package = built.package(self.world, files=files, participants=list(participants), **changes)
        dispatch = self.house.gateway.submit.accept(package, submitted_by="test").dispatch.id
        self.worked()
        return dispatch

    def delivery(self, dispatch: str, participant: str) -> Delivery:
        """That participant's copy."""
        with self.house.gateway.database.read() as tx:
            return next(one for one in tx.deliveries.of_dispatch(dispatch) if one.participant == participant)

    def came_back(self, delivery: Delivery) -> None:
        """What Postfix tells of it is taken in, once it does."""
        token = self._reference(delivery).strip("<>").partition("@")[0]
        for report in self._came(lambda one: _is_report(one) and token in one.as_string()):
            self.house.gateway.receive.keep(report, source=BY_MAIL)
        self.worked()

    def signed_for(self, delivery: Delivery, entry: str, folder: Path) -> None:
        """The recipient of that entry opens what came with their key, and their mail program signs its receipt."""
        sent = self._reference(delivery)
        (message,) = self._came(lambda one: one["Message-ID"] == sent)
        (folder / "message.eml").write_bytes(message)
        key, certificate = self.world.readers[entry].write(folder)
        opened = openssl("cms", "-decrypt", "-in", folder / "message.eml", "-inkey", key, "-recip", certificate)
        (folder / "signed.eml").write_bytes(opened)
        by = ("-signer", certificate, "-inkey", key)
        receipt = openssl("cms", "-sign_receipt", "-in", folder / "signed.eml", "-outform", "DER", *by)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{entry}@gw.test", "registry@gw.test", "Receipt"
        mail.set_content(receipt, maintype="application", subtype="pkcs7-mime", params={"smime-type": "signed-receipt"})
        self.house.clock.at = max(self.house.clock.at, dt.datetime.now(dt.UTC))
        self.house.gateway.receive.keep(mail.as_bytes(), source=BY_MAIL)
        self.worked()

    def _reference(self, delivery: Delivery) -> str:
        with self.house.gateway.database.read() as tx:
            return tx.deliveries.attempts(delivery.id)[-1].reference

    def _came(self, wanted: Callable[[Message], bool]) -> Sequence[bytes]:
        """The messages of that kind, once there is one."""
        end = time.monotonic() + _PATIENCE
        while not (found := [one for one in self.postfix.messages() if wanted(email.message_from_bytes(one))]):
            assert time.monotonic() < end, self.postfix.log
            time.sleep(0.05)
        return found


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    """It, while the block runs."""
    routes = {"down.test": f"smtp:[127.0.0.1]:{free_port()}"}
    with running_postfix(routes) as postfix:
        mail = {"host": "127.0.0.1", "port": postfix.port, "ca": str(postfix.ca), "server_name": "mx.gw.test"}
        mail |= {"tls": "starttls", "sender": "registry@gw.test", "return_path": "returns@gw.test"}
        world = World(folder=folder, mail=mail, domains={EC: "down.test"}).make()
        settings = world.home / "gateway.toml"
        settings.write_text(settings.read_text() + REGISTERED)
        _entered(world)
        house = House(folder)
        # What others sign is dated by the machine: the test's clock, set when its process began, must not be behind it.
        house.clock.at = dt.datetime.now(dt.UTC)
        alice, bob = (house.person(name, *BOTH) for name in ("alice", "bob"))
        house.set_up(alice)
        house.set_up(bob)
        town = Town(house=house, world=world, postfix=postfix, alice=alice, bob=bob)
        _posted(town)
        house.gateway.key_watch.run()
        try:
            yield town
        finally:
            house.close()


def _entered(world: World) -> None:
    """Further entries: the right one, whose mail program signs receipts, and those whose keys end in twenty days."""
    directory = world.folder / "directory.json"
    told = json.loads(directory.read_text())
    ends = {RIGHT: 200} | {f"{ENDING}-{language}": 20 for language in ("en", "fr")}
    for name, days in ends.items():
        order, root = Order(name="Reader counsel", uses=("key_agreement", "digital_signature")), ca_order("Their Root")
        for one in (order, root):
            one.not_before, one.not_after = TODAY - dt.timedelta(days=30), TODAY + dt.timedelta(days=days)
        key = ec_key()
        certificate = Authority.root(root).issue(order, key)
        world.readers[name] = Reader(key=key, certificate=certificate, address=f"{name}@gw.test")
        (world.folder / f"{name}.der").write_bytes(certificate.public_bytes(Encoding.DER))
        way: dict[str, object] = {"type": "encrypted-email", "address": f"{name}@gw.test", "protection": "smime"}
        way |= {"certificate": f"{name}.der", "signed_receipt": name == RIGHT}
        told["recipients"].append(
            {"id": name, "name": "Reader counsel", "kind": "counsel", "language": "en", "channels": [way]}
        )
    directory.write_text(json.dumps(told))
    world.run("recipients", "import", directory)


MINISTER: Mapping[str, object] = {"id": "m1", "roles": ["minister-counsel"], "recipient": RSA, "language": "en"}
COUNSEL: Mapping[str, object] = {
    "id": "c1",
    "roles": ["counsel"],
    "represents": ["p1"],
    "recipient": EC,
    "language": "en",
}


def _posted(town: Town) -> None:
    """Two letters are with the carrier; another lies ready for it."""
    by_post = [
        MINISTER,
        {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "name": "Zoé Conseil", "contact": {"postal": POSTAL}},
        {"id": "a1", "roles": ["appellant"], "represents": ["p1"], "contact": {"postal": POSTAL}},
    ]
    gateway = town.house.gateway
    for number in ("TB6-17977", "TB6-17978"):
        town.accepted(number, *by_post, division="IAD")
    closed = gateway.mail_room.close("registered-mail", "toronto", actor="alice", late=True)
    assert closed.manifest is not None
    town.house.clock.at += dt.timedelta(minutes=1)
    gateway.mail_room.hand_over(
        closed.manifest.number,
        at=town.house.clock.at,
        signed=b"%PDF-1.7 signed by the driver",
        actor="alice",
        counted=2,
        stated="The page of the test bears no code.",
    )
    with gateway.database.read() as tx:
        town.lying = tx.manifests.items(closed.manifest.number)
        assert {tx.deliveries.get(one.delivery).state for one in town.lying} == {DeliveryState.HANDED_OVER}
    town.accepted("TB6-27977", *by_post, division="IAD")
