"""Checking a signed decision package: ASiC-E with CAdES (ETSI EN 319 162-1, EN 319 122-1; INTERFACE.md).

The order is from cheap to dear, and from what nobody vouches for to what a trusted signer does: the container's
structure, the signature over the manifest, the signer's chain and revocation; only then is the manifest parsed and
are the documents inflated and compared.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.package import DECISION
from gateway.domain.problem import InputRefused, located
from gateway.domain.trust import Signer, TrustedAnchor, VerifiedPackage
from keys.asice_container import UNLIMITED, Container, PackageLimits, open_container
from keys.asice_manifest import MANIFEST, SIGNATURE, Listed, read_manifest
from keys.asice_names import is_in_meta_inf, shown
from keys.cades_verify import VerifiedSignature, check_claimed_time, verify_detached
from keys.certificates import fingerprint
from keys.revocation import RevocationRules
from keys.trust import trust_signer


class AsicVerifier:
    """See `gateway.ports.packages.PackageVerifier`."""

    def __init__(self, limits: PackageLimits, revocation: RevocationRules) -> None:
        self._limits = limits
        self._revocation = revocation

    def verify(self, raw: bytes, *, anchors: Sequence[TrustedAnchor], at: dt.datetime) -> VerifiedPackage:
        """See `gateway.ports.packages.PackageVerifier`."""
        container = open_container(raw, self._limits)
        _check_parts(container, self._limits)
        manifest = container.read(MANIFEST)
        with located(SIGNATURE):
            signature = verify_detached(manifest, container.read(SIGNATURE))
            signer = self._signer(signature, anchors, at)
            check_claimed_time(signature, at)
        contents = _listed_contents(container, read_manifest(manifest))
        return VerifiedPackage(members=contents, signer=signer, digest=sha256(raw), size=len(raw))

    def unpack(self, raw: bytes) -> Mapping[str, bytes]:
        """See `gateway.ports.packages.PackageVerifier`. A limit lowered since then does not shut a package in."""
        container = open_container(raw, UNLIMITED)
        return _listed_contents(container, read_manifest(container.read(MANIFEST)))

    def certificates(self, raw: bytes) -> Sequence[bytes]:
        """See `gateway.ports.packages.PackageVerifier`."""
        container = open_container(raw, UNLIMITED)
        signature = verify_detached(container.read(MANIFEST), container.read(SIGNATURE))
        return [one.public_bytes(Encoding.DER) for one in (signature.certificate, *signature.others)]

    def _signer(self, signature: VerifiedSignature, anchors: Sequence[TrustedAnchor], at: dt.datetime) -> Signer:
        certificate = signature.certificate
        trusted = trust_signer(
            certificate, others=signature.others, anchors=anchors, at=at, revocation=self._revocation
        )
        return Signer(
            certificate=certificate.public_bytes(Encoding.DER),
            fingerprint=fingerprint(certificate),
            subject=certificate.subject.rfc4514_string(),
            anchor=trusted.anchor,
            divisions=trusted.divisions,
            revocation=trusted.revocation,
            revocation_responses=trusted.responses,
            issuers=trusted.issuers,
            claimed_at=signature.claimed_at,
        )


def _check_parts(container: Container, limits: PackageLimits) -> None:
    """The parts a package must have are there, and META-INF holds nothing else."""
    for name in container.members:
        if is_in_meta_inf(name) and name not in (MANIFEST, SIGNATURE):
            raise InputRefused(Code.PACKAGE_MEMBER_UNLISTED, where=shown(name))
    for name, code in (
        (MANIFEST, Code.PACKAGE_MEMBER_MISSING),
        (SIGNATURE, Code.SIGNATURE_MISSING),
        (DECISION, Code.PACKAGE_NO_DECISION),
    ):
        if name not in container.members:
            raise InputRefused(code, where=name)
    for name in (MANIFEST, SIGNATURE):
        size = container.members[name].size
        if size > limits.signature_bytes:
            raise InputRefused(Code.PACKAGE_MEMBER_TOO_LARGE, where=name, bytes=size, limit=limits.signature_bytes)


def _listed_contents(container: Container, listed: Mapping[str, Listed]) -> Mapping[str, bytes]:
    """Every member outside META-INF but `mimetype`, each listed and as listed; `mimetype` is checked where listed."""
    members = [name for name in container.members if name not in (MANIFEST, SIGNATURE)]
    for name in listed:
        if name not in members:
            raise InputRefused(Code.PACKAGE_MEMBER_MISSING, where=shown(name))
    for name in members:
        if name not in listed and name != "mimetype":
            raise InputRefused(Code.PACKAGE_MEMBER_UNLISTED, where=shown(name))
    contents: dict[str, bytes] = {}
    for name, entry in listed.items():
        contents[name] = container.read(name)
        entry.check(contents[name])
    contents.pop("mimetype", None)
    return contents
