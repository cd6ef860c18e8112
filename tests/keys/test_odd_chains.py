"""Chains that `cryptography` refuses for no good reason hold by certvalidator; a fault in them stays one."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.trust import Revocation, TrustedAnchor
from keys import odd_chains
from keys.certificates import fingerprint
from keys.cms.algorithms import PrivateKey
from keys.recipient_trust import RecipientTrust
from keys.revocation import RevocationRules
from keys.trust import trust_signer
from tests.keys.pki import DAY, NOW, Authority, Order, ca_order, ec_key, rsa_key
from tests.keys.refusals import refused
from tests.keys.test_recipient_trust import names, way

ADDRESS = "reader@example.test"
POLICY = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.16.124.101.1"), None)]), True
EXPLICIT = x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=0), True
NO_MAPPING = x509.PolicyConstraints(require_explicit_policy=None, inhibit_policy_mapping=0), True
NO_ANY = x509.InhibitAnyPolicy(0), True
Extensions = tuple[tuple[x509.ExtensionType, bool], ...]


def below(country: str) -> tuple[x509.ExtensionType, bool]:
    """A critical constraint to the names of one country: RFC 5280 wants it so, and `cryptography` knows none."""
    within = x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)]))
    return x509.NameConstraints([within], None), True


def issuing(*extensions: tuple[x509.ExtensionType, bool], key: PrivateKey | None = None, **more: object) -> Authority:
    """An authority below the root that is odd in one way."""
    order = replace(ca_order("Odd", path_length=0), extensions=extensions, **more)  # type: ignore[arg-type]
    return ROOT.authority(order, key)


ROOT = Authority.root()
GOOD: Mapping[str, tuple[Callable[[], Authority], Extensions]] = {
    "explicit policies, and one is stated": (lambda: issuing(EXPLICIT, POLICY), (POLICY,)),
    "no policy mapping": (lambda: issuing(NO_MAPPING), ()),
    "no any-policy": (lambda: issuing(NO_ANY, POLICY), (POLICY,)),
    "names of Canada only": (lambda: issuing(below("CA")), ()),
    "a brainpool key": (lambda: issuing(key=ec_key(ec.BrainpoolP384R1())), ()),
}
BAD: Mapping[str, tuple[Callable[[], Authority], Extensions]] = {
    "explicit policies, and none is stated": (lambda: issuing(EXPLICIT, POLICY), ()),
    "names of another country only": (lambda: issuing(below("US")), ()),
    "expired": (lambda: issuing(NO_MAPPING, not_after=NOW - DAY), ()),
    "for servers only": (lambda: issuing(NO_MAPPING, extended=(ExtendedKeyUsageOID.SERVER_AUTH,)), ()),
    "no authority": (lambda: issuing(NO_MAPPING, ca=False, path_length=None), ()),
    "may not sign certificates": (lambda: issuing(NO_MAPPING, uses=("crl_sign",)), ()),
    "a short key": (lambda: issuing(NO_MAPPING, key=rsa_key("odd", 1024)), ()),
    "something critical and unknown": (
        lambda: issuing(NO_MAPPING, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)),
        (),
    ),
}


def reader(authority: Authority, extensions: Extensions) -> x509.Certificate:
    order = Order(name="Reader", uses=("key_agreement",), extensions=(names(ADDRESS), *extensions))
    return authority.issue(order, ec_key())


def anchor(authority: Authority, *crls: bytes) -> TrustedAnchor:
    return TrustedAnchor(
        certificate=ROOT.certificate.public_bytes(Encoding.DER),
        fingerprint=fingerprint(ROOT.certificate),
        divisions=frozenset(Division),
        intermediates=(authority.certificate.public_bytes(Encoding.DER),),
        crls=crls,
    )


def trusting(authority: Authority, *crls: bytes) -> RecipientTrust:
    return RecipientTrust(anchors=lambda: [anchor(authority, *crls)], rules=RevocationRules())


@pytest.mark.parametrize("what", GOOD)
def test_a_recipient_under_an_odd_chain_is_served_and_by_the_second_judge_alone(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, extensions = GOOD[what]
    authority = make()
    certificate = reader(authority, extensions)
    standing = trusting(authority).standing(way(certificate, ADDRESS), NOW)
    assert standing is not None
    assert (standing.anchor, standing.revocation) == (fingerprint(ROOT.certificate), Revocation.NO_SOURCE)
    monkeypatch.setattr(odd_chains, "odd_chain", lambda *_: None)
    with refused(Code.KEY_CHAIN_BROKEN):
        trusting(authority).standing(way(certificate, ADDRESS), NOW)


@pytest.mark.parametrize("what", GOOD)
def test_a_signer_under_an_odd_chain_is_taken(what: str) -> None:
    make, extensions = GOOD[what]
    authority = make()
    signer = authority.issue(Order(name="Signer", extensions=extensions), ec_key())
    taken = trust_signer(
        signer,
        others=[authority.certificate],
        anchors=[anchor(authority)],
        at=NOW,
        revocation=RevocationRules(),
    )
    assert taken.anchor == fingerprint(ROOT.certificate)


@pytest.mark.parametrize("what", BAD)
def test_an_odd_chain_with_a_fault_is_refused_by_both(what: str) -> None:
    make, extensions = BAD[what]
    authority = make()
    with refused(Code.KEY_CHAIN_BROKEN):
        trusting(authority).standing(way(reader(authority, extensions), ADDRESS), NOW)


def test_revocation_is_asked_of_an_odd_chain_as_of_any() -> None:
    authority = issuing(below("CA"))
    certificate = reader(authority, ())
    lists = (ROOT.crl(), authority.crl())
    standing = trusting(authority, *lists).standing(way(certificate, ADDRESS), NOW)
    assert standing is not None
    assert standing.revocation is Revocation.GOOD
    with refused(Code.KEY_REVOKED):
        trusting(authority, ROOT.crl(), authority.crl(certificate)).standing(way(certificate, ADDRESS), NOW)
    with refused(Code.KEY_REVOKED):
        trusting(authority, ROOT.crl(authority.certificate), authority.crl()).standing(way(certificate, ADDRESS), NOW)


def test_an_authority_of_the_same_name_with_another_key_leads_nowhere() -> None:
    authority, other = issuing(NO_MAPPING), issuing(NO_MAPPING)
    certificate = reader(other, ())
    standing = trusting(authority).standing(way(certificate, ADDRESS), NOW)
    assert standing is not None
    assert standing.anchor is None, "a pin alone: no chain is claimed for it"
