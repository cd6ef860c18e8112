"""Recipients' certificates: every fault has its own code, and what cannot be known is refused."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.trust import Revocation, StatusKind, StatusSource, TrustedAnchor
from gateway.ports.keys import KeyStanding
from keys.certificates import fingerprint
from keys.ocsp import SKEW
from keys.recipient_trust import RecipientTrust
from keys.revocation import RevocationPolicy, RevocationRules
from keys.smime import SmimeProtector
from keys.status_fetch import HttpStatusFetcher
from keys.status_reading import read_status
from keys.trusting_protector import REASONS, TrustingProtector
from tests.keys.pki import DAY, NOW, Authority, Order, ca_order, ec_key, rsa_key
from tests.keys.refusals import refused
from tests.real.authority_server import Publications, publishing

SECOND = dt.timedelta(seconds=1)
ADDRESS = "reader@example.test"


def names(*addresses: str) -> tuple[x509.ExtensionType, bool]:
    return x509.SubjectAlternativeName([x509.RFC822Name(one) for one in addresses]), False


def point(url: str) -> tuple[x509.ExtensionType, bool]:
    name = x509.UniformResourceIdentifier(url)
    return x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)]), False


def responder(url: str) -> tuple[x509.ExtensionType, bool]:
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
    return x509.AuthorityInformationAccess([access]), False


@dataclass
class Asking:
    """Asks the network each time, and remembers nothing."""

    fetch: HttpStatusFetcher

    def responses(self, sources: Sequence[StatusSource], *, at: dt.datetime) -> Sequence[tuple[StatusKind, bytes]]:
        answers = self.fetch(sources)
        return [(one.kind, answers[one]) for one in sources if one in answers]


@dataclass
class World:
    """An authority for recipients, and where it publishes."""

    published: Publications
    root: Authority
    issuing: Authority

    def certificate(self, *extensions: tuple[x509.ExtensionType, bool], **changes: object) -> x509.Certificate:
        order = Order(name="Reader", uses=("key_agreement",), extensions=(names(ADDRESS), *extensions))
        return self.issuing.issue(replace(order, **changes), ec_key())  # type: ignore[arg-type]

    def trust(self, *, anchored: bool = True, **rules: object) -> RecipientTrust:
        anchor = TrustedAnchor(
            certificate=self.root.certificate.public_bytes(Encoding.DER),
            fingerprint=fingerprint(self.root.certificate),
            divisions=frozenset(),
            intermediates=(self.issuing.certificate.public_bytes(Encoding.DER),),
        )
        asking = Asking(HttpStatusFetcher(time_limit=dt.timedelta(seconds=2), max_bytes=100_000))
        made = RevocationRules(**{"published": asking, **rules})  # type: ignore[arg-type]
        return RecipientTrust(anchors=lambda: [anchor] if anchored else [], rules=made)

    def standing(self, certificate: x509.Certificate, **rules: object) -> KeyStanding | None:
        at = rules.pop("at", NOW)
        assert isinstance(at, dt.datetime)
        address = str(rules.pop("address", ADDRESS))
        return self.trust(**rules).standing(way(certificate, address), at)  # type: ignore[arg-type]

    def ocsp(self, certificate: x509.Certificate, status: ocsp.OCSPCertStatus, **changes: object) -> bytes:
        key = changes.get("key", self.issuing.key)
        signer = changes.get("signer", self.issuing.certificate)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(signer, x509.Certificate)
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.issuing.certificate,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=changes.get("since", NOW - DAY),  # type: ignore[arg-type]
            next_update=changes.get("until", NOW + DAY),  # type: ignore[arg-type]
            revocation_time=NOW - DAY if revoked else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer).certificates([signer])
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def way(certificate: x509.Certificate, address: str = ADDRESS) -> RecipientChannel:
    return RecipientChannel(
        type="encrypted-email",
        address=address,
        protection=Protection.SMIME,
        certificate=certificate.public_bytes(Encoding.DER),
    )


@pytest.fixture
def world() -> Iterator[World]:
    root = Authority.root(ca_order("Root"))
    with publishing() as published:
        yield World(published=published, root=root, issuing=root.authority())


def test_a_certificate_under_an_anchor_on_no_list_is_good_and_the_list_is_kept(world: World) -> None:
    certificate = world.certificate(point(world.published.at("/1.crl")))
    crl = world.issuing.crl()
    world.published.bodies["/1.crl"] = crl
    standing = world.standing(certificate)
    assert standing == KeyStanding(
        fingerprint=fingerprint(certificate),
        anchor=fingerprint(world.root.certificate),
        revocation=Revocation.GOOD,
        responses=(crl,),
        issuers=(world.issuing.certificate.public_bytes(Encoding.DER),),
    )


def test_a_revoked_certificate_and_one_whose_issuer_is_revoked_are_refused(world: World) -> None:
    certificate = world.certificate(point(world.published.at("/1.crl")))
    world.published.bodies["/1.crl"] = world.issuing.crl(certificate)
    with refused(Code.KEY_REVOKED):
        world.standing(certificate)
    order = replace(ca_order("Published"), extensions=(point(world.published.at("/root.crl")),))
    world.issuing = world.root.authority(order)
    world.published.bodies["/root.crl"] = world.root.crl(world.issuing.certificate)
    with refused(Code.KEY_REVOKED):
        world.standing(world.certificate())


def test_an_openpgp_key_stands_by_its_pin_and_is_recorded_as_relied_on(world: World) -> None:
    way = RecipientChannel(
        type="encrypted-email", address=ADDRESS, protection=Protection.OPENPGP, public_key=b"k", fingerprint="AB" * 20
    )
    standing = TrustingProtector(SmimeProtector(lambda: None), world.trust()).standing(way, NOW)  # type: ignore[arg-type,return-value]
    assert standing == KeyStanding(fingerprint="AB" * 20, anchor=None, revocation=Revocation.NO_SOURCE)


@pytest.mark.parametrize("answer", ["nothing", "rubbish", "stale", "another's", "too large", "too old"])
def test_a_status_that_cannot_be_known_is_refused(world: World, answer: str) -> None:
    certificate = world.certificate(point(world.published.at("/1.crl")))
    other = Authority.root(ca_order("Root"))
    bodies = {
        "rubbish": b"no list",
        "stale": world.issuing.crl(since=NOW - 2 * DAY, until=NOW - SECOND),
        "another's": other.crl(),
        "too large": b"0" * 100_001,
        "too old": world.issuing.crl(since=NOW - 2 * DAY, until=NOW + DAY),
    }
    if answer in bodies:
        world.published.bodies["/1.crl"] = bodies[answer]
    with refused(Code.KEY_REVOCATION_UNKNOWN if answer != "rubbish" else Code.KEY_CRL_INVALID):
        world.standing(certificate, max_age=DAY if answer == "too old" else None)


def test_no_redirect_is_followed_and_no_address_but_http(world: World) -> None:
    world.published.bodies["/real.crl"] = world.issuing.crl()
    world.published.redirects["/1.crl"] = world.published.at("/real.crl")
    with refused(Code.KEY_REVOCATION_UNKNOWN):
        world.standing(world.certificate(point(world.published.at("/1.crl"))))
    assert world.published.asked == ["/1.crl"]
    for address in (
        "file:///etc/hostname",
        "ldap://127.0.0.1/cn=ca",
        "http://user:secret@127.0.0.1/1.crl",  # pragma: allowlist secret
    ):
        with refused(Code.KEY_REVOCATION_UNKNOWN):
            world.standing(world.certificate(point(address)))
    assert world.published.asked == ["/1.crl"]


def test_a_responder_is_believed_whom_the_issuer_named(world: World) -> None:
    certificate = world.certificate(responder(world.published.at("/ocsp")))
    good = world.ocsp(certificate, ocsp.OCSPCertStatus.GOOD)
    world.published.bodies["/ocsp"] = good
    standing = world.standing(certificate)
    assert standing is not None
    assert standing.responses == (good,)
    world.published.bodies["/ocsp"] = world.ocsp(certificate, ocsp.OCSPCertStatus.REVOKED)
    with refused(Code.KEY_REVOKED):
        world.standing(certificate)

    key = ec_key()
    order = Order(
        name="Responder", extended=(ExtendedKeyUsageOID.OCSP_SIGNING,), extensions=((x509.OCSPNoCheck(), False),)
    )
    delegate = world.issuing.issue(order, key)
    world.published.bodies["/ocsp"] = world.ocsp(certificate, ocsp.OCSPCertStatus.GOOD, key=key, signer=delegate)
    assert world.standing(certificate) is not None


@pytest.mark.parametrize(
    "answer", ["unknown", "of another", "stale", "unnamed", "asked about itself", "without end", "too new"]
)
def test_a_response_that_does_not_count_leaves_the_status_unknown(world: World, answer: str) -> None:
    certificate, other = (world.certificate(responder(world.published.at("/ocsp"))) for _ in range(2))
    key, good = ec_key(), ocsp.OCSPCertStatus.GOOD
    signing, nocheck = (ExtendedKeyUsageOID.OCSP_SIGNING,), ((x509.OCSPNoCheck(), False),)
    unnamed = world.issuing.issue(Order(name="R", extensions=nocheck), key)
    checked = world.issuing.issue(Order(name="R", extended=signing), key)
    world.published.bodies["/ocsp"] = {
        "unknown": lambda: world.ocsp(certificate, ocsp.OCSPCertStatus.UNKNOWN),
        "of another": lambda: world.ocsp(other, good),
        "stale": lambda: world.ocsp(certificate, good, until=NOW - SECOND),
        "unnamed": lambda: world.ocsp(certificate, good, key=key, signer=unnamed),
        "asked about itself": lambda: world.ocsp(certificate, good, key=key, signer=checked),
        "without end": lambda: world.ocsp(certificate, good, until=None),
        "too new": lambda: world.ocsp(certificate, good, since=NOW + SKEW + SECOND),
    }[answer]()
    with refused(Code.KEY_REVOCATION_UNKNOWN):
        world.standing(certificate)


def test_a_response_that_was_made_after_it_was_asked_for_counts(world: World) -> None:
    """The moment in question was taken before: a responder that answers afresh would never be believed."""
    certificate = world.certificate(responder(world.published.at("/ocsp")))
    world.published.bodies["/ocsp"] = world.ocsp(certificate, ocsp.OCSPCertStatus.GOOD, since=NOW + 2 * SECOND)
    assert world.standing(certificate) is not None


def test_a_response_without_end_counts_for_as_long_as_the_setting_says(world: World) -> None:
    certificate = world.certificate(responder(world.published.at("/ocsp")))
    world.published.bodies["/ocsp"] = world.ocsp(certificate, ocsp.OCSPCertStatus.GOOD, until=None)
    assert world.standing(certificate, max_age=2 * DAY) is not None
    with refused(Code.KEY_REVOCATION_UNKNOWN):
        world.standing(certificate, max_age=dt.timedelta(hours=23))


def test_a_certificate_that_names_nothing_stands_by_its_pin_unless_more_is_required(world: World) -> None:
    key = ec_key()
    order = Order(name="Self", uses=("key_agreement",), extensions=(names(ADDRESS),))
    alone = Authority.root(order, key).certificate
    for certificate in (alone, world.certificate()):
        standing = world.standing(certificate, anchored=False)
        assert standing is not None
        assert (standing.anchor, standing.revocation) == (None, Revocation.NO_SOURCE)
        with refused(Code.KEY_REVOCATION_UNKNOWN):
            world.standing(certificate, anchored=False, policy=RevocationPolicy.REQUIRED)


def test_a_certificate_that_names_a_source_needs_an_anchor_that_vouches_for_it(world: World) -> None:
    certificate = world.certificate(point(world.published.at("/1.crl")))
    world.published.bodies["/1.crl"] = world.issuing.crl()
    with refused(Code.KEY_CHAIN_BROKEN):
        world.standing(certificate, anchored=False)


def test_a_chain_that_does_not_hold_is_refused_whatever_the_pin(world: World) -> None:
    world.issuing = world.root.authority(replace(ca_order("Expired"), not_after=NOW - DAY))
    with refused(Code.KEY_CHAIN_BROKEN):
        world.standing(world.certificate())


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        (ADDRESS, True),
        ("reader@EXAMPLE.test", True),
        ("Reader@example.test", False),
        ("other@example.test", False),
        ("reader@example.test.evil.test", False),
    ],
)
def test_the_address_in_the_certificate_is_the_pinned_one(world: World, address: str, *, taken: bool) -> None:
    certificate = world.certificate()
    if taken:
        assert world.standing(certificate, address=address) is not None
        return
    with refused(Code.KEY_WRONG_ADDRESS):
        world.standing(certificate, address=address)


def test_a_certificate_of_several_addresses_serves_each_and_one_without_any_serves_its_pin(world: World) -> None:
    two = world.certificate(extensions=(names("first@example.test", ADDRESS),))
    assert world.standing(two) is not None
    assert world.standing(world.certificate(extensions=())) is not None


def test_every_fault_is_refused_at_the_one_door_with_its_own_reason(world: World) -> None:
    """What `check` says, `protect` holds to: nothing is sent weaker."""
    weak = world.issuing.issue(
        Order(name="Weak", uses=("key_encipherment",), extensions=(names(ADDRESS),)), rsa_key("weak", 1024)
    )
    revoked = world.certificate(point(world.published.at("/1.crl")))
    world.published.bodies["/1.crl"] = world.issuing.crl(revoked)
    faults = {
        Code.KEY_EXPIRED: world.certificate(not_after=NOW - SECOND),
        Code.KEY_NOT_YET_VALID: world.certificate(not_before=NOW + SECOND),
        Code.KEY_WRONG_USE: world.certificate(uses=("digital_signature",)),
        Code.KEY_WEAK: weak,
        Code.KEY_WRONG_ADDRESS: world.certificate(extensions=(names("other@example.test"),)),
        Code.KEY_REVOKED: revoked,
        Code.KEY_REVOCATION_UNKNOWN: world.certificate(point(world.published.at("/none.crl"))),
    }
    protector = TrustingProtector(SmimeProtector(world.root.signer), world.trust())
    for code, certificate in faults.items():
        assert protector.check(way(certificate), NOW) == Refused(reason=REASONS[code])
        with refused(code):
            protector.protect(b"Content-Type: text/plain\r\n\r\nx", address=way(certificate), at=NOW)
    assert protector.check(way(world.certificate()), NOW) is None


def test_what_is_read_says_how_long_it_may_be_used(world: World) -> None:
    source = StatusSource(kind=StatusKind.CRL, url="http://127.0.0.1/1.crl")
    known = read_status(source, world.issuing.crl(), max_age=None)
    assert (known.since, known.fresh_until) == (NOW - DAY, NOW + DAY)
    assert read_status(source, world.issuing.crl(), max_age=DAY).fresh_until == NOW
    with refused(Code.KEY_OCSP_INVALID):
        read_status(StatusSource(kind=StatusKind.OCSP, url="http://127.0.0.1/"), b"no", max_age=None)
