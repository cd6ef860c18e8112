"""What signatures and keys rested on: certificates, and the revocation lists and responses that were relied on."""

import hashlib
import ssl
from collections.abc import Iterator, Sequence

from gateway.application import contexts
from gateway.application.directory import RecipientDirectory
from gateway.application.remains import ProofFacts
from gateway.application.sealed import Vault, data_key
from gateway.domain.delivery import Delivery
from gateway.domain.events import Event, EventName
from gateway.ports.database import Database, Transaction

Members = dict[str, bytes]
_RELIED = frozenset({EventName.PACKAGE_ACCEPTED, EventName.KEY_RELIED_ON})
"""Events that say which certificate and which anchor were taken, and on whose word they were held for good."""


class TrustMembers:
    """Gathers it for one delivery. A recipient's certificate is there while the directory has it still."""

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
        with self._database.read() as tx:
            return {**signers, **_anchors(tx, relied), **self._recipient(relied, delivery), **self._status(tx, relied)}

    def _recipient(self, relied: Sequence[Event], delivery: Delivery) -> Members:
        used = {str(one.facts["certificate"]) for one in relied if one.name is EventName.KEY_RELIED_ON}
        recipient = self._directory.get(delivery.recipient)
        members: Members = {}
        for way in recipient.channels if recipient else ():
            if way.certificate is not None and _fingerprint(way.certificate) in used:
                members["certificates/recipient.pem"] = _pem(way.certificate)
            elif way.public_key is not None and way.fingerprint in used:
                members["certificates/recipient.asc"] = way.public_key
        return members

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


def _fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def _pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode()
