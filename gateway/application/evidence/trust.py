"""What signatures and keys rested on: certificates, and the revocation lists and responses that were relied on."""

import ssl
from collections.abc import Iterator, Sequence

from gateway.application import contexts
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.retention.remains import ProofFacts
from gateway.application.sealed import Vault, data_key
from gateway.domain.delivery import Delivery
from gateway.domain.events import Event, EventName
from gateway.domain.trust import fingerprint_of
from gateway.ports.database import Database, Transaction

Members = dict[str, bytes]
_RELIED = frozenset({EventName.PACKAGE_ACCEPTED, EventName.KEY_RELIED_ON})
"""Events that say which certificate and which anchor were taken, and on whose word they were held for good."""


class TrustMembers:
    """Gathers it for one delivery: what stood when it was relied on, whatever stands in its place now."""

    def __init__(self, *, database: Database, vault: Vault, directory: RecipientDirectory) -> None:
        self._database = database
        self._vault = vault
        self._directory = directory

    def __call__(self, facts: ProofFacts, events: Sequence[Event], delivery: Delivery) -> Members:
        """The members. Raises SetupWrong (seal.*)."""
        relied = [one for one in events if one.name in _RELIED]
        signers = {
            f"certificates/package-signer-{number:02d}.pem": _pem(one)
            for number, one in enumerate(facts.certificates, start=1)
        }
        keys = {
            f"certificates/recipient-{number:02d}{kind}": key
            for number, (kind, key) in enumerate(self._keys(relied, delivery), start=1)
        }
        with self._database.read() as tx:
            return {**signers, **_anchors(tx, relied), **_issuers(tx, relied), **keys, **self._status(tx, relied)}

    def _keys(self, relied: Sequence[Event], delivery: Delivery) -> Iterator[tuple[str, bytes]]:
        """The keys that content left under, in the order of their first use, each with how its file's name ends."""
        used = [one.facts for one in relied if one.name is EventName.KEY_RELIED_ON]
        of = dict.fromkeys((str(one["certificate"]), str(one.get("recipient", delivery.recipient))) for one in used)
        for fingerprint, recipient in of:
            ways = [way for entry in self._directory.ever(recipient) for way in entry.channels]
            for way in ways:
                if way.certificate is not None and fingerprint_of(way.certificate) == fingerprint:
                    yield ".pem", _pem(way.certificate)
                    break
                if way.public_key is not None and way.fingerprint == fingerprint:
                    yield ".asc", way.public_key
                    break

    def _status(self, tx: Transaction, relied: Sequence[Event]) -> Members:
        key, members = data_key(tx.registry, contexts.DIRECTORY_KEY), Members()
        for digest in dict.fromkeys(_evidence(relied)):
            record = tx.status.by_digest(digest)
            if record is not None:
                content = self._vault.open(key, contexts.status(digest), record.sealed)
                members[f"revocation/{digest.removeprefix('sha256:')[:16]}.{record.kind.value}"] = content
        return members


def _evidence(relied: Sequence[Event]) -> Iterator[str]:
    for one in relied:
        yield from str(one.facts.get("revocation_evidence", "")).split()


def _anchors(tx: Transaction, relied: Sequence[Event]) -> Members:
    wanted = {str(one.facts.get("anchor", "")) for one in relied}
    known = [one.anchor for one in (*tx.registry.anchors(), *tx.registry.recipient_anchors())]
    found = {one.fingerprint: one.certificate for one in known if one.fingerprint in wanted}
    return {f"certificates/anchor-{name[:16]}.pem": _pem(der) for name, der in sorted(found.items())}


def _issuers(tx: Transaction, relied: Sequence[Event]) -> Members:
    """The authorities between a certificate and its anchor."""
    wanted = dict.fromkeys(name for one in relied for name in str(one.facts.get("issuers", "")).split())
    found = {name: tx.status.issuer(name) for name in wanted}
    return {f"certificates/issuer-{name[:16]}.pem": _pem(der) for name, der in found.items() if der is not None}


def _pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode()
