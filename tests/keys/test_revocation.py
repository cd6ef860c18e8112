"""Revocation fails hard: what names a source and cannot be known is refused."""

import datetime as dt
from collections.abc import Callable, Mapping

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.trust import Revocation
from keys.ocsp import SKEW
from keys.revocation import RevocationPolicy, RevocationRules
from keys.trust import TrustedSigner, trust_signer
from tests.keys.conftest import Pki
from tests.keys.pki import DAY, NOW, Authority, Order, ca_order, ec_key
from tests.keys.refusals import refused

POINT = x509.UniformResourceIdentifier("http://crl.tribunal.example/1.crl")
OTHER_POINT = x509.UniformResourceIdentifier("http://crl.tribunal.example/2.crl")


def points(name: x509.GeneralName = POINT, reasons: frozenset[x509.ReasonFlags] | None = None) -> x509.ExtensionType:
    return x509.CRLDistributionPoints([x509.DistributionPoint([name], None, reasons, None)])


def responder(method: x509.ObjectIdentifier) -> x509.ExtensionType:
    return x509.AuthorityInformationAccess([x509.AccessDescription(method, POINT)])


def scope(**changes: object) -> x509.IssuingDistributionPoint:
    usual: dict[str, object] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**usual, **changes})  # type: ignore[arg-type]


def check(
    pki: Pki,
    certificate: x509.Certificate,
    *crls: bytes,
    policy: RevocationPolicy = RevocationPolicy.PUBLISHED,
    at: dt.datetime = NOW,
) -> TrustedSigner:
    return trust_signer(
        certificate,
        others=[pki.issuing.certificate],
        anchors=[pki.anchor(crls=crls)],
        at=at,
        revocation=RevocationRules(policy=policy),
    )


def test_a_signer_on_no_list_is_good_and_the_list_is_named(pki: Pki) -> None:
    crl = pki.issuing.crl(pki.issuing.certificate)
    taken = check(pki, pki.signer.certificate, crl)
    assert (taken.revocation, taken.evidence) == (Revocation.GOOD, (sha256(crl),))


def test_a_revoked_signer_is_refused(pki: Pki) -> None:
    with refused(Code.SIGNER_REVOKED):
        check(pki, pki.signer.certificate, pki.issuing.crl(pki.signer.certificate))


def test_a_revoked_issuer_is_refused(pki: Pki) -> None:
    with refused(Code.SIGNER_REVOKED):
        check(pki, pki.signer.certificate, pki.issuing.crl(), pki.root.crl(pki.issuing.certificate))


def test_the_newest_list_decides(pki: Pki) -> None:
    held = pki.issuing.crl(pki.signer.certificate, since=NOW - 2 * DAY)
    released = pki.issuing.crl(since=NOW - DAY)
    assert check(pki, pki.signer.certificate, held, released).evidence == (sha256(released),)
    with refused(Code.SIGNER_REVOKED):
        check(pki, pki.signer.certificate, pki.issuing.crl(since=NOW - 3 * DAY), held)


def test_a_chain_that_names_no_source_is_taken_and_recorded_so(pki: Pki) -> None:
    assert check(pki, pki.signer.certificate).revocation is Revocation.NO_SOURCE


def test_a_chain_that_names_no_source_is_refused_where_revocation_is_required(pki: Pki) -> None:
    with refused(Code.SIGNER_REVOCATION_UNKNOWN):
        check(pki, pki.signer.certificate, policy=RevocationPolicy.REQUIRED)


def test_every_certificate_below_the_anchor_is_covered_where_revocation_is_required(pki: Pki) -> None:
    with refused(Code.SIGNER_REVOCATION_UNKNOWN):
        check(pki, pki.signer.certificate, pki.issuing.crl(), policy=RevocationPolicy.REQUIRED)
    taken = check(pki, pki.signer.certificate, pki.issuing.crl(), pki.root.crl(), policy=RevocationPolicy.REQUIRED)
    assert (taken.revocation, len(taken.evidence)) == (Revocation.GOOD, 2)


@pytest.mark.parametrize("at", [NOW - DAY, NOW + DAY], ids=["this update", "next update"])
def test_a_list_counts_from_this_update_to_next_update(at: dt.datetime, pki: Pki) -> None:
    assert check(pki, pki.signer.certificate, pki.issuing.crl(), at=at).revocation is Revocation.GOOD


LISTS: Mapping[str, Callable[[Pki], bytes]] = {
    "stale": lambda pki: pki.issuing.crl(until=NOW - dt.timedelta(seconds=1)),
    "from the future": lambda pki: pki.issuing.crl(since=NOW + SKEW + dt.timedelta(seconds=1)),
    "signed by another key": lambda pki: pki.issuing.crl(key=ec_key()),
    "of another issuer": lambda _: Authority.root(ca_order("Other")).crl(),
    "of the root only": lambda pki: pki.root.crl(),
    "for authorities only": lambda pki: pki.issuing.crl(extensions=((scope(only_contains_ca_certs=True), True),)),
    "for attribute certificates": lambda pki: pki.issuing.crl(
        extensions=((scope(only_contains_attribute_certs=True), True),)
    ),
    "indirect": lambda pki: pki.issuing.crl(extensions=((scope(indirect_crl=True), True),)),
    "for some reasons": lambda pki: pki.issuing.crl(
        extensions=((scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})), True),)
    ),
    "for another distribution point": lambda pki: pki.issuing.crl(extensions=((scope(full_name=[OTHER_POINT]), True),)),
    "changes only": lambda pki: pki.issuing.crl(extensions=((x509.DeltaCRLIndicator(1), True),)),
    "changes only, not critical": lambda pki: pki.issuing.crl(extensions=((x509.DeltaCRLIndicator(1), False),)),
    "with something critical": lambda pki: pki.issuing.crl(
        extensions=((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True),)
    ),
}


@pytest.mark.parametrize("named", [True, False], ids=["source named", "source not named"])
@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_does_not_count_leaves_revocation_unknown(what: str, named: bool, pki: Pki) -> None:
    order = Order(name="S", extensions=((points(), False),) if named else ())
    with refused(Code.SIGNER_REVOCATION_UNKNOWN):
        check(pki, pki.issuing.issue(order, ec_key()), LISTS[what](pki))


@pytest.mark.parametrize(
    "extensions",
    [((points(), False),), ((responder(AuthorityInformationAccessOID.OCSP), False),)],
    ids=["distribution point", "OCSP"],
)
def test_a_source_that_is_named_but_for_which_no_list_was_given_is_unknown(
    extensions: tuple[tuple[x509.ExtensionType, bool], ...], pki: Pki
) -> None:
    with refused(Code.SIGNER_REVOCATION_UNKNOWN):
        check(pki, pki.issuing.issue(Order(name="S", extensions=extensions), ec_key()))


def test_an_issuer_that_names_a_source_must_be_covered_too(pki: Pki) -> None:
    order = ca_order("Named")
    order.extensions = ((points(), False),)
    named = pki.root.authority(order)
    anchor = pki.anchor(crls=(named.crl(),))
    with refused(Code.SIGNER_REVOCATION_UNKNOWN):
        trust_signer(
            named.signer().certificate,
            others=[named.certificate],
            anchors=[anchor],
            at=NOW,
            revocation=RevocationRules(),
        )


def test_where_the_issuers_certificate_is_found_is_no_source_of_revocation(pki: Pki) -> None:
    extensions = ((responder(AuthorityInformationAccessOID.CA_ISSUERS), False),)
    taken = check(pki, pki.issuing.issue(Order(name="S", extensions=extensions), ec_key()))
    assert taken.revocation is Revocation.NO_SOURCE


@pytest.mark.parametrize(
    "extension", [scope(only_contains_user_certs=True), scope(full_name=[POINT])], ids=["users", "its point"]
)
def test_a_list_for_the_signers_part_counts(extension: x509.IssuingDistributionPoint, pki: Pki) -> None:
    signer = pki.issuing.issue(Order(name="S", extensions=((points(), False),)), ec_key())
    assert check(pki, signer, pki.issuing.crl(extensions=((extension, True),))).revocation is Revocation.GOOD
    with refused(Code.SIGNER_REVOKED):
        check(pki, signer, pki.issuing.crl(signer, extensions=((extension, True),)))


def test_a_list_by_an_issuer_that_may_sign_none_does_not_count(pki: Pki) -> None:
    silent = pki.root.authority(Order(name="Silent", ca=True, uses=("key_cert_sign",), extended=()))
    anchor = pki.anchor(crls=(silent.crl(),), intermediates=(silent.certificate.public_bytes(Encoding.DER),))
    with refused(Code.SIGNER_REVOCATION_UNKNOWN):
        trust_signer(silent.signer().certificate, others=[], anchors=[anchor], at=NOW, revocation=RevocationRules())
