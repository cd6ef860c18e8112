"""A signer is taken under an anchor, at a moment, or refused with the reason."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.trust import TrustedAnchor
from keys.certificates import fingerprint
from keys.revocation import RevocationRules
from keys.trust import TrustedSigner, trust_signer
from tests.keys.conftest import Pki, anchor_of
from tests.keys.pki import DAY, NOW, Authority, Order, ca_order, ec_key, rsa_key
from tests.keys.refusals import refused


def trust(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    *anchors: TrustedAnchor,
    at: dt.datetime = NOW,
) -> TrustedSigner:
    return trust_signer(certificate, others=others, anchors=anchors, at=at, revocation=RevocationRules())


def test_a_signer_under_an_intermediate_is_taken(pki: Pki) -> None:
    assert trust(pki.signer.certificate, pki.signer.chain, pki.anchor()).anchor == fingerprint(pki.root.certificate)


def test_a_signer_directly_under_the_anchor_is_taken(pki: Pki) -> None:
    assert trust(pki.root.signer().certificate, [], pki.anchor()).divisions == {Division.RPD, Division.RAD}


def test_an_intermediate_of_the_anchor_file_completes_the_chain(pki: Pki) -> None:
    der = pki.issuing.certificate.public_bytes(Encoding.DER)
    assert trust(pki.signer.certificate, [], pki.anchor(intermediates=(der,))).anchor == fingerprint(
        pki.root.certificate
    )


def test_a_missing_intermediate_leaves_the_signer_unknown(pki: Pki) -> None:
    with refused(Code.SIGNER_UNKNOWN):
        trust(pki.signer.certificate, [], pki.anchor())


def test_an_anchor_of_the_same_name_with_another_key_takes_nothing(pki: Pki) -> None:
    with refused(Code.SIGNER_UNKNOWN):
        trust(pki.signer.certificate, pki.signer.chain, anchor_of(Authority.root()))


def test_the_signatures_own_root_is_not_trusted() -> None:
    stranger = Authority.root(ca_order("Stranger"))
    with refused(Code.SIGNER_UNKNOWN):
        trust(stranger.signer().certificate, [stranger.certificate], anchor_of(Authority.root()))


def test_the_pinned_signer_is_taken_and_no_other(pki: Pki) -> None:
    pinned = pki.anchor(signer=fingerprint(pki.signer.certificate))
    assert trust(pki.signer.certificate, pki.signer.chain, pinned).anchor == fingerprint(pki.root.certificate)
    with refused(Code.SIGNER_UNKNOWN):
        trust(pki.issuing.signer().certificate, pki.signer.chain, pinned)


def test_divisions_of_every_anchor_that_takes_the_signer_count_together(pki: Pki) -> None:
    anchors = (
        pki.anchor(divisions=frozenset({Division.ID})),
        pki.anchor(divisions=frozenset({Division.IAD}), signer=fingerprint(pki.signer.certificate)),
        pki.anchor(divisions=frozenset({Division.RAD}), signer="00" * 32),
        anchor_of(Authority.root(ca_order("Other")), divisions=frozenset({Division.RPD})),
    )
    assert trust(pki.signer.certificate, pki.signer.chain, *anchors).divisions == {Division.ID, Division.IAD}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order(name="S", not_after=NOW - dt.timedelta(seconds=1)), Code.SIGNER_EXPIRED),
        (Order(name="S", not_before=NOW + dt.timedelta(seconds=1)), Code.SIGNER_NOT_YET_VALID),
        (Order(name="S", uses=None), Code.SIGNER_KEY_USAGE),
        (Order(name="S", uses=("content_commitment",)), Code.SIGNER_KEY_USAGE),
        (Order(name="S", uses=("key_encipherment",)), Code.SIGNER_KEY_USAGE),
        (Order(name="S", extended=(ExtendedKeyUsageOID.SERVER_AUTH,)), Code.SIGNER_KEY_USAGE),
        (Order(name="S", extended=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)), Code.SIGNER_KEY_USAGE),
        (Order(name="S", ca=True, uses=("digital_signature", "key_cert_sign")), Code.SIGNER_KEY_USAGE),
    ],
)
def test_a_signer_that_may_not_sign_is_refused(order: Order, code: Code, pki: Pki) -> None:
    signer = pki.issuing.issue(order, ec_key())
    with refused(code):
        trust(signer, [pki.issuing.certificate], pki.anchor())


POLICY = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3.4"), None)])
ADDRESS = x509.SubjectAlternativeName([x509.RFC822Name("registry@tribunal.example")])


@pytest.mark.parametrize(
    "order",
    [
        Order(name="S", extended=()),
        Order(name="S", uses=("digital_signature", "content_commitment", "key_encipherment")),
        Order(name="S", extended=(ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION)),
        Order(name="S", extensions=((POLICY, True), (ADDRESS, False))),
        Order(name="S", not_after=NOW),
        Order(name="S", not_before=NOW),
    ],
)
def test_a_signer_that_may_sign_is_taken(order: Order, pki: Pki) -> None:
    assert trust(pki.issuing.issue(order, ec_key()), [pki.issuing.certificate], pki.anchor()).anchor == fingerprint(
        pki.root.certificate
    )


def issuer(**changes: object) -> Callable[[Authority], list[Authority]]:
    """One authority below the root, not quite as it should be."""
    usual = {"name": "X", "ca": True, "uses": ("key_cert_sign", "crl_sign"), "extended": ()}
    return lambda root: [root.authority(Order(**{**usual, **changes}))]  # type: ignore[arg-type]


def too_long(root: Authority) -> list[Authority]:
    last = root.authority(ca_order("Last", path_length=0))
    return [last.authority(ca_order("One too many")), last]


FOREIGN = x509.NameConstraints([x509.RFC822Name("elsewhere.example")], None)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")

ISSUERS: Mapping[str, tuple[Callable[[Authority], list[Authority]], Code]] = {
    "no authority": (issuer(ca=False), Code.SIGNER_CHAIN_INVALID),
    "may not sign certificates": (issuer(uses=("crl_sign",)), Code.SIGNER_CHAIN_INVALID),
    "for servers only": (issuer(extended=(ExtendedKeyUsageOID.SERVER_AUTH,)), Code.SIGNER_CHAIN_INVALID),
    "path too long": (too_long, Code.SIGNER_CHAIN_INVALID),
    "for other addresses": (issuer(extensions=((FOREIGN, True),)), Code.SIGNER_CHAIN_INVALID),
    "something critical and unknown": (issuer(extensions=((UNKNOWN, True),)), Code.SIGNER_CHAIN_INVALID),
    "short key": (lambda root: [root.authority(key=rsa_key("short", 1024))], Code.SIGNER_CHAIN_INVALID),
    "expired": (issuer(not_after=NOW - DAY), Code.SIGNER_EXPIRED),
    "not yet valid": (issuer(not_before=NOW + DAY), Code.SIGNER_NOT_YET_VALID),
}


@pytest.mark.parametrize("what", ISSUERS)
def test_an_issuer_that_may_not_issue_breaks_the_chain(what: str, pki: Pki) -> None:
    make, code = ISSUERS[what]
    authorities = make(pki.root)
    signer = authorities[0].issue(Order(name="S", extensions=((ADDRESS, False),)), ec_key())
    with refused(code):
        trust(signer, [authority.certificate for authority in authorities], pki.anchor())


@pytest.mark.parametrize(
    "make",
    [issuer(extended=(ExtendedKeyUsageOID.EMAIL_PROTECTION,)), issuer(uses=None), issuer(extensions=((POLICY, True),))],
    ids=["for mail", "no key usage", "critical policies"],
)
def test_an_issuer_that_may_issue_carries_the_chain(make: Callable[[Authority], list[Authority]], pki: Pki) -> None:
    (authority,) = make(pki.root)
    assert trust(authority.signer().certificate, [authority.certificate], pki.anchor()).anchor == fingerprint(
        pki.root.certificate
    )


def test_an_expired_anchor_takes_nothing() -> None:
    order = ca_order("Old")
    order.not_after = NOW - DAY
    old = Authority.root(order)
    with refused(Code.SIGNER_EXPIRED):
        trust(old.signer().certificate, [], anchor_of(old))


def test_the_moment_decides_and_may_have_any_offset(pki: Pki) -> None:
    toronto = dt.timezone(dt.timedelta(hours=-5))
    assert trust(
        pki.signer.certificate, pki.signer.chain, pki.anchor(), at=NOW.astimezone(toronto)
    ).anchor == fingerprint(pki.root.certificate)
    with refused(Code.SIGNER_EXPIRED):
        trust(pki.signer.certificate, pki.signer.chain, pki.anchor(), at=NOW + 300 * DAY)


def test_an_anchor_signs_no_packages_itself() -> None:
    alone = Authority.root(Order(name="Alone"), ec_key())
    with refused(Code.SIGNER_UNKNOWN):
        trust(alone.certificate, [], anchor_of(alone))
    root = Authority.root()
    with refused(Code.SIGNER_UNKNOWN):
        trust(root.certificate, [], anchor_of(root))
