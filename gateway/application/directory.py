"""The recipient directory: who receives often, with the keys pinned to each. Kept sealed but for what routing asks."""

from collections.abc import Callable, Sequence

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Recipient, RecipientKind
from gateway.domain.problem import NoSuchThing
from gateway.domain.routing import Directory
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.registry import SealedRecipient

Encode = Callable[[Recipient], bytes]
Decode = Callable[[bytes], Recipient]


class RecipientDirectory:
    """Reads and writes entries. `encode` and `decode` give an entry its kept form."""

    def __init__(self, *, database: Database, vault: Vault, encode: Encode, decode: Decode, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._encode = encode
        self._decode = decode
        self._clock = clock

    def get(self, recipient_id: str | None) -> Recipient | None:
        """The entry, or None when there is none of that id."""
        if recipient_id is None:
            return None
        with self._database.read() as tx:
            sealed = tx.registry.recipient(recipient_id)
            return self._open(tx, sealed) if sealed else None

    def known(self, recipient_id: str) -> Recipient:
        """The entry. Raises NoSuchThing (recipient.unknown)."""
        entry = self.get(recipient_id)
        if entry is None:
            raise NoSuchThing(Code.RECIPIENT_UNKNOWN, recipient=recipient_id)
        return entry

    def all(self, kind: RecipientKind | None = None) -> Sequence[Recipient]:
        """Every entry, or those of a kind, by id."""
        with self._database.read() as tx:
            return [self._open(tx, sealed) for sealed in tx.registry.recipients(kind=kind)]

    def for_package(self, package: DecisionPackage) -> Directory:
        """What routing asks for this package."""
        named = {one.recipient for one in package.participants if one.recipient}
        entries = [entry for entry in (self.get(name) for name in sorted(named)) if entry is not None]
        return Directory(by_id={entry.id: entry for entry in entries}, of_kind=self.all)

    def put(
        self, recipients: Sequence[Recipient], *, actor: str, event: EventName = EventName.RECIPIENT_IMPORTED
    ) -> None:
        """Writes entries, all or none, each recorded as `event` with the digests of the keys now pinned.

        The home is in bootstrap until a second account exists: at once, recorded so.
        """
        now = self._clock.now()
        with self._database.write() as tx:
            key = self._key(tx)
            for entry in recipients:
                tx.registry.put_recipient(
                    SealedRecipient(
                        id=entry.id,
                        kind=entry.kind,
                        divisions=entry.divisions,
                        offices=entry.offices,
                        sealed=self._vault.seal(key, contexts.recipient(entry.id), self._encode(entry)),
                        changed_at=now,
                        changed_by=actor,
                    )
                )
                tx.records.append(
                    Event(
                        name=event,
                        at=now,
                        actor=actor,
                        facts={"recipient": entry.id, "keys": _keys(entry), "bootstrap": True},
                    )
                )

    def ensure_key(self) -> None:
        """Makes the directory's data key in a new home."""
        with self._database.write() as tx:
            if not tx.registry.has_data_key(contexts.DIRECTORY_KEY):
                key = self._vault.new_key(contexts.DIRECTORY_KEY)
                tx.registry.add_data_key(key.id, key.wrapped)

    def _open(self, tx: Transaction, sealed: SealedRecipient) -> Recipient:
        return self._decode(self._vault.open(self._key(tx), contexts.recipient(sealed.id), sealed.sealed))

    def _key(self, tx: Transaction) -> DataKey:
        return data_key(tx.registry, contexts.DIRECTORY_KEY)


def _keys(entry: Recipient) -> str:
    return " ".join(sha256(key) for way in entry.channels for key in (way.certificate, way.public_key) if key)
