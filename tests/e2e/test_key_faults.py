"""Each fault of a recipient's key, through the whole gateway to a real mail server: told by its own code, passed on to
the next allowed channel or to a person, and not a byte arrives."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.application.people.approvals import Act, Change
from gateway.application.recipients.recipient_json import recipient_to_json
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.proposals import ChangeKind
from gateway.domain.reasons import Reason
from keys.cms.algorithms import PrivateKey
from tests.channels.fax_samples import NUMBER, SERVICE
from tests.e2e.standing import Standing, standing
from tests.e2e.world import RSA, TODAY, World
from tests.keys.openpgp import reader as openpgp_reader
from tests.keys.pki import Authority, Order, ca_order, ec_key, pem, rsa_key
from tests.keys.test_recipient_trust import names, point
from tests.real.authority_server import Publications, publishing
from tests.real.mail_sink import MailSink, running_sink
from tests.real.ports import free_port

pytestmark = pytest.mark.real

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
ADDRESS = f"{RSA}@gw.test"
FAX = RecipientChannel(type="fax", number=NUMBER)


@dataclass
class Issuer:
    """The authority that the recipients' certificates come from, which the home trusts, and what it publishes."""

    published: Publications
    root: Authority

    def certificate(self, path: str = "/1.crl", **changes: Any) -> x509.Certificate:
        """A good certificate for the recipient, but for what is changed."""
        by: Authority = changes.pop("by", self.root)
        key: PrivateKey = changes.pop("key", None) or ec_key()
        order = Order(name="Reader", uses=("key_agreement",), not_before=TODAY - DAY, not_after=TODAY + 90 * DAY)
        order.extensions = (names(changes.pop("address", ADDRESS)), point(self.published.at(path)))
        return by.issue(replace(order, **changes), key)

    def publish(self, path: str, *revoked: x509.Certificate) -> None:
        self.published.bodies[path] = self.root.crl(*revoked, since=TODAY - DAY, until=TODAY + DAY)


@dataclass
class Place:
    """A made home whose mail goes to the sink, and whose fax service is not there."""

    world: World
    sink: MailSink
    issuer: Issuer


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("faults")
    order = replace(ca_order("Readers"), not_before=TODAY - 30 * DAY, not_after=TODAY + 300 * DAY)
    with running_sink() as sink, publishing() as published:
        issuer = Issuer(published, Authority.root(order))
        issuer.publish("/1.crl")
        server = {"host": "127.0.0.1", "port": sink.port, "ca": str(sink.ca), "server_name": "mx.gw.test"}
        server |= {"sender": "registry@gw.test"}
        world = World(folder=folder, mail=server).make()
        fax = server | {"port": free_port(), "service": "fax.test", "results_from": SERVICE}
        lines = [f"{name} = {value if isinstance(value, int) else repr(value)}" for name, value in fax.items()]
        settings = world.home / "gateway.toml"
        settings.write_text("\n".join([settings.read_text(), "[channels.fax]", *lines, ""]))
        (folder / "readers.pem").write_bytes(pem(issuer.root.certificate))
        world.run("keys", "trust", folder / "readers.pem", "--recipients")
        yield Place(world, sink, issuer)


@pytest.fixture(scope="module")
def home(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(place.world, tmp_path_factory.mktemp("standing")) as opened:
        yield opened


@pytest.fixture
def before(place: Place) -> int:
    """How many messages had arrived before the test."""
    return len(place.sink.messages())


def put(home: Standing, way: RecipientChannel, *others: RecipientChannel) -> None:
    """The entry as an older release, or a careless hand, could have left it: no import would take most of these."""
    entry = replace(home.gateway.directory.known(RSA), channels=(way, *others))
    change = Change(kind=ChangeKind.RECIPIENT, subject=RSA, content=recipient_to_json(entry), cautions=())
    act = Act(at=home.clock.now(), actor="test", approved_by=None, reason=None)
    with home.gateway.database.write() as tx:
        home.gateway.directory.apply(tx, change, act)


def of_counsel(home: Standing, dispatch: str) -> Any:
    """The delivery to the Minister's counsel."""
    return next(one for one in home.deliveries(dispatch) if one["roles"] == ["minister-counsel"])


def smime(certificate: x509.Certificate | None) -> RecipientChannel:
    der = None if certificate is None else certificate.public_bytes(Encoding.DER)
    return RecipientChannel(type="encrypted-email", address=ADDRESS, protection=Protection.SMIME, certificate=der)


def openpgp(public: bytes, fingerprint: str) -> RecipientChannel:
    return RecipientChannel(
        type="encrypted-email",
        address=ADDRESS,
        protection=Protection.OPENPGP,
        public_key=public,
        fingerprint=fingerprint,
    )


def _revoked(issuer: Issuer) -> RecipientChannel:
    path = f"/{uuid.uuid4()}.crl"  # a list that was fetched is not fetched again while it is fresh
    certificate = issuer.certificate(path)
    issuer.publish(path, certificate)
    return smime(certificate)


def _openpgp_revoked(_: Issuer) -> RecipientChannel:
    one = openpgp_reader()
    return openpgp(one.revoked(), one.fingerprint)


def _openpgp_wrong_use(_: Issuer) -> RecipientChannel:
    one = openpgp_reader(usage="")
    return openpgp(one.public, one.fingerprint)


FAULTS: dict[str, tuple[Callable[[Issuer], RecipientChannel], Reason]] = {
    "missing": (lambda _: smime(None), Reason.KEY_MISSING),
    "expired": (lambda on: smime(on.certificate(not_after=TODAY - HOUR)), Reason.KEY_EXPIRED),
    "not yet valid": (lambda on: smime(on.certificate(not_before=TODAY + HOUR)), Reason.KEY_NOT_YET_VALID),
    "revoked": (_revoked, Reason.KEY_REVOKED),
    "revocation unknown": (lambda on: smime(on.certificate("/none.crl")), Reason.KEY_REVOCATION_UNKNOWN),
    "wrong address": (lambda on: smime(on.certificate(address="another@gw.test")), Reason.KEY_WRONG_ADDRESS),
    "wrong use": (lambda on: smime(on.certificate(uses=("digital_signature",))), Reason.KEY_WRONG_USE),
    "weak": (
        lambda on: smime(on.certificate(key=rsa_key("weak", 1024), uses=("key_encipherment",))),
        Reason.KEY_WEAK,
    ),
    "chain broken": (lambda on: smime(on.certificate(by=Authority.root())), Reason.KEY_CHAIN_BROKEN),
    "OpenPGP, revoked": (_openpgp_revoked, Reason.KEY_REVOKED),
    "OpenPGP, wrong use": (_openpgp_wrong_use, Reason.KEY_WRONG_USE),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stands_at_planning_closes_the_way_and_leaves_the_next_or_a_person(
    fault: str, place: Place, home: Standing, before: int
) -> None:
    make, reason = FAULTS[fault]
    way = make(place.issuer)
    put(home, way, FAX)
    other = home.submit(division="IAD")
    home.prepare()
    put(home, way)
    alone = home.submit(division="IAD")
    home.work()
    assert of_counsel(home, other)["plan"] == ["fax"]
    stands = of_counsel(home, alone)
    assert (stands["state"], stands["reason"], stands["plan"]) == ("needs-person", reason, [])
    assert len(place.sink.messages()) == before


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_comes_before_sending_moves_the_delivery_on_and_nothing_arrives(
    fault: str, place: Place, home: Standing, before: int
) -> None:
    make, reason = FAULTS[fault]
    good, way = smime(place.issuer.certificate()), make(place.issuer)
    put(home, good, FAX)
    other = home.submit(division="IAD")
    home.prepare()
    assert of_counsel(home, other)["plan"] == ["encrypted-email", "fax"]
    put(home, good)
    alone = home.submit(division="IAD")
    home.prepare()
    assert of_counsel(home, alone)["plan"] == ["encrypted-email"]
    put(home, way, FAX)
    home.work()
    refused = "key.gone" if way.certificate is way.public_key is None else reason
    stands = of_counsel(home, other)
    first, *_ = stands["attempts"]
    assert (first["channel"], first["result"], first["reason"]) == ("encrypted-email", "refused", refused)
    assert stands["channel"] == "fax"
    stands = of_counsel(home, alone)
    assert (stands["state"], stands["reason"], len(stands["attempts"])) == ("needs-person", refused, 1)
    assert len(place.sink.messages()) == before


def test_a_good_key_under_the_same_authority_is_sent_to(place: Place, home: Standing, before: int) -> None:
    """Else nothing above would show that anything could have arrived."""
    put(home, smime(place.issuer.certificate()), FAX)
    dispatch = home.submit(division="IAD")
    home.work()
    assert of_counsel(home, dispatch)["state"] == "handed-over"
    assert len(place.sink.messages()) == before + 1
