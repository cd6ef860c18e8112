"""Whose signature is taken: the chain from a signer's certificate to a trusted anchor, at one moment (RFC 5280 §6).

`cryptography.x509.verification` builds and judges the chain; what it refuses because it does not know it (constraints
on directory names or policies, some curves) is judged again by `keys.odd_chains`. What neither looks at is asked here:
that the signer is an end entity, what its key may be used for, the pin, and revocation (`keys.revocation`). What both
refuse stays refused; `keys.trust_refusal` only finds the reason.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    ClientVerifier,
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.outcomes import Division
from gateway.domain.problem import InputRefused
from gateway.domain.trust import Revocation, TrustedAnchor
from keys.certificates import extension, fingerprint
from keys.revocation import RevocationRules, check_revocation
from keys.status_reading import read_list
from keys.trust_refusal import refusal_of, way_up

Chain = Sequence[x509.Certificate]
"""From the signer's certificate to the anchor's."""


@dataclass(frozen=True, kw_only=True)
class TrustedSigner:
    """Under which anchor a signer was found. `anchor` is the fingerprint of the first that takes it, `divisions` are
    those of all that do; `responses`: the revocation lists and responses relied on; `issuers`: the authorities between
    it and the anchors, DER."""

    anchor: str
    divisions: frozenset[Division]
    revocation: Revocation
    responses: tuple[bytes, ...]
    issuers: tuple[bytes, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """The digests of what was relied on."""
        return tuple(sha256(one) for one in self.responses)


def trust_signer(
    certificate: x509.Certificate,
    *,
    others: Chain,
    anchors: Sequence[TrustedAnchor],
    at: dt.datetime,
    revocation: RevocationRules,
) -> TrustedSigner:
    """The anchors that take `certificate` at the moment `at`; `others` are what its signature brought.

    Raises InputRefused: signer.unknown (no chain to an anchor, or another signer is pinned there), signer.expired and
    signer.not-yet-valid (it, or one above it), signer.key-usage, signer.chain-invalid, signer.revoked,
    signer.revocation-unknown.
    """
    taking = [anchor for anchor in anchors if anchor.signer in (None, fingerprint(certificate))]
    pool = [*others, *certificates(der for anchor in anchors for der in anchor.intermediates)]
    chains = _chains(certificate, pool, taking, at)
    _check_use(certificate)
    lists = [read_list(der) for anchor in anchors for der in anchor.crls]
    standings = [
        check_revocation(chain, lists, at=at, rules=revocation, expected=bool(anchor.crls)) for anchor, chain in chains
    ]
    worst = Revocation.GOOD if all(s.revocation is Revocation.GOOD for s in standings) else Revocation.NO_SOURCE
    return TrustedSigner(
        anchor=chains[0][0].fingerprint,
        divisions=frozenset().union(*(anchor.divisions for anchor, _ in chains)),
        revocation=worst,
        responses=tuple(dict.fromkeys(one for standing in standings for one in standing.responses)),
        issuers=tuple(dict.fromkeys(one for _, chain in chains for one in between(chain))),
    )


def _chains(
    certificate: x509.Certificate, pool: Chain, anchors: Sequence[TrustedAnchor], at: dt.datetime
) -> list[tuple[TrustedAnchor, Chain]]:
    """Every anchor that a valid chain leads to. Raises InputRefused when there is none."""
    found: list[tuple[TrustedAnchor, Chain]] = []
    roots = certificates(anchor.certificate for anchor in anchors)
    for anchor, root in zip(anchors, roots, strict=True):
        chain = valid_chain(certificate, pool, root, at)
        if chain is not None:  # else another anchor may take it; `refusal_of` says why none did
            found.append((anchor, chain))
    if not found:
        raise refusal_of(certificate, pool=pool, roots=roots, at=at)
    return found


def valid_chain(certificate: x509.Certificate, pool: Chain, root: x509.Certificate, at: dt.datetime) -> Chain | None:
    """A chain from the certificate to the root that holds at `at`; None when there is none, or the root is the
    certificate itself: an anchor neither signs nor receives. What `cryptography` refuses is judged a second time."""
    try:
        chain = _verifier(root, at).verify(certificate, list(pool)).chain
    except VerificationError:
        if way_up(certificate, pool, [root]) is None:
            return None
        from keys.odd_chains import odd_chain  # with its library, which few processes ever need

        return odd_chain(certificate, pool, root, at)
    return chain if len(chain) > 1 else None


def between(chain: Chain) -> list[bytes]:
    """The authorities between the certificate and the anchor, DER."""
    return [one.public_bytes(Encoding.DER) for one in chain[1:-1]]


def _verifier(root: x509.Certificate, at: dt.datetime) -> ClientVerifier:
    builder = PolicyBuilder().store(Store([root])).time(at.astimezone(dt.UTC))
    return builder.extension_policies(ca_policy=_AUTHORITY, ee_policy=_END_ENTITY).build_client_verifier()


def certificates(encoded: Iterable[bytes]) -> list[x509.Certificate]:
    """The certificates, from DER."""
    return [x509.load_der_x509_certificate(der) for der in encoded]


def _may_issue(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("an issuer's key usage must allow keyCertSign")


def _issues_for_mail(_policy: Policy, _certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    allowed = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if usage is not None and allowed.isdisjoint(usage):
        raise ValueError("an issuer's extended key usage must allow emailProtection")


_END_ENTITY = ExtensionPolicy.permit_all().may_be_present(x509.CertificatePolicies, Criticality.AGNOSTIC, None)
"""No certificate policy is asked for, so a critical statement of policies changes nothing (RFC 5280 §6.1.1)."""

_AUTHORITY = (
    _END_ENTITY.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _issues_for_mail)
)


def _check_use(certificate: x509.Certificate) -> None:
    """An end entity whose key may sign: digitalSignature, and extended key usage absent or emailProtection."""
    basic = extension(certificate, x509.BasicConstraints)
    usage = extension(certificate, x509.KeyUsage)
    extended = extension(certificate, x509.ExtendedKeyUsage)
    may_sign = usage is not None and usage.digital_signature
    for_mail = extended is None or ExtendedKeyUsageOID.EMAIL_PROTECTION in extended
    if (basic is not None and basic.ca) or not may_sign or not for_mail:
        raise InputRefused(Code.SIGNER_KEY_USAGE, certificate=fingerprint(certificate))
