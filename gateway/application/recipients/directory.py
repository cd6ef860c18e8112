"""The recipient directory: who receives often, with the keys pinned to each. Kept sealed but for what routing asks."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.exchange.former import leave_former_account
from gateway.application.people.approvals import Act, Change
from gateway.application.recipients.look_alikes import is_mixed, look_alike
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.far_end import server_of
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import ChannelName, Recipient, RecipientChannel, RecipientKind
from gateway.domain.pins import Pin
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.proposals import Caution, ChangeKind
from gateway.domain.routing import Directory
from gateway.ports.database import Database, Transaction
from gateway.ports.registry import SealedRecipient


@dataclass(frozen=True, kw_only=True)
class PinnedKey:
    """The key a way is under: the digest of the public key itself, what it is called by, the addresses it names."""

    key: str
    fingerprint: str
    addresses: tuple[str, ...] | None = None
    """None where keys of that kind name none in a way that is checked."""


def _digest_of(way: RecipientChannel) -> PinnedKey | None:
    """A key known by its bytes alone."""
    raw = way.certificate or way.public_key
    return None if raw is None else PinnedKey(key=sha256(raw), fingerprint=sha256(raw))


KeyOf = Callable[[RecipientChannel], PinnedKey | None]
Encode = Callable[[Recipient], bytes]
Decode = Callable[[bytes], Recipient]


class _Within(threading.local):
    """What a thread read within `reading_once`, where it is within one."""

    entries: dict[str, Recipient | None] | None = None


class RecipientDirectory:
    """Reads and writes entries. `encode` and `decode` give an entry its kept form, `key_of` the key a way is under."""

    def __init__(
        self, *, database: Database, vault: Vault, encode: Encode, decode: Decode, key_of: KeyOf = _digest_of
    ) -> None:
        self._database = database
        self._vault = vault
        self._encode = encode
        self._decode = decode
        self._key_of = key_of
        self._within = _Within()

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Within it, by this thread, an entry is read once however often it is asked for: planning, rendering and each
        sending ask for the same one several times over. Nothing is believed beyond it."""
        outer = self._within.entries
        self._within.entries = {} if outer is None else outer
        try:
            yield
        finally:
            self._within.entries = outer

    def get(self, recipient_id: str | None) -> Recipient | None:
        """The entry, or None when there is none of that id."""
        if recipient_id is None:
            return None
        known = self._within.entries
        if known is None:
            return self._read(recipient_id)
        if recipient_id not in known:
            known[recipient_id] = self._read(recipient_id)
        return known[recipient_id]

    def _read(self, recipient_id: str) -> Recipient | None:
        with self._database.look_up() as tx:
            sealed = tx.registry.recipient(recipient_id)
            return self._open(tx, sealed) if sealed else None

    def ever(self, recipient_id: str) -> Sequence[Recipient]:
        """The entry as it stood before each change, oldest first, and as it stands."""
        with self._database.read() as tx:
            now = tx.registry.recipient(recipient_id)
            entries = [*tx.registry.recipient_before(recipient_id), *([now] if now else [])]
            return [self._open(tx, one) for one in entries]

    def known(self, recipient_id: str) -> Recipient:
        """The entry. Raises NoSuchThing (recipient.unknown)."""
        entry = self.get(recipient_id)
        if entry is None:
            raise NoSuchThing(Code.RECIPIENT_UNKNOWN, recipient=recipient_id)
        return entry

    def as_seen(self, recipient_id: str, version: str | None) -> Recipient:
        """The entry. version: that of it which a person had before their eyes; None where nobody knows.

        Raises NoSuchThing (recipient.unknown), Conflict (recipient.changed-meanwhile).
        """
        entry = self.known(recipient_id)
        if version is not None and version != self.version(entry):
            raise Conflict(Code.RECIPIENT_CHANGED_MEANWHILE, where=recipient_id)
        return entry

    def all(self, kind: RecipientKind | None = None) -> Sequence[Recipient]:
        """Every entry, or those of a kind, by id."""
        with self._database.read() as tx:
            return [self._open(tx, sealed) for sealed in tx.registry.recipients(kind=kind)]

    def page(self, *, after: str, limit: int) -> Sequence[Recipient]:
        """The entries that follow that id: no more are opened than are asked for."""
        with self._database.read() as tx:
            return [self._open(tx, one) for one in tx.registry.recipients(after=after, limit=limit)]

    def ids_serving(self, division: Division, office: str, limit: int) -> Sequence[str]:
        """Of entries that stand for the division at the office: none of them is opened."""
        with self._database.read() as tx:
            return [one.id for one in tx.registry.recipients() if _serves(one, division, office)][:limit]

    def version(self, entry: Recipient) -> str:
        """What an entry is known by as it stands: it changes with anything in it."""
        return sha256(self._encode(entry))

    def pins(self, recipient_id: str) -> Sequence[Pin]:
        """The recipient's keys, past ones included, oldest first."""
        with self._database.read() as tx:
            return tx.pins.of(recipient_id)

    def for_package(self, package: DecisionPackage) -> Directory:
        """What routing asks for this package."""
        named = {one.recipient for one in package.participants if one.recipient}
        entries = [entry for entry in (self.get(name) for name in sorted(named)) if entry is not None]
        return Directory(by_id={entry.id: entry for entry in entries}, of_kind=self.all)

    def ensure_key(self) -> None:
        """Makes the directory's data key in a new home."""
        with self._database.write() as tx:
            if not tx.registry.has_data_key(contexts.DIRECTORY_KEY):
                key = self._vault.new_key(contexts.DIRECTORY_KEY)
                tx.registry.add_data_key(key.id, key.wrapped)

    def changes(self, entries: Sequence[Recipient]) -> list[Change]:
        """The entries as changes for `Approvals`, with what the one who approves should look at twice."""
        standing = {entry.id: entry for entry in self.all()}
        ways = [(entry.id, way) for entry in (*standing.values(), *entries) for way in entry.channels]
        return [
            Change(
                kind=ChangeKind.RECIPIENT,
                subject=entry.id,
                content=self._encode(entry),
                cautions=(
                    *self._cautions(entry, standing.get(entry.id)),
                    *_beside_others(entry, [way for whose, way in ways if whose != entry.id]),
                ),
            )
            for entry in entries
        ]

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The entry's kept form. See `Applies`."""
        sealed = tx.registry.recipient(subject)
        return None if sealed is None else self._encode(self._open(tx, sealed))

    def check(self, tx: Transaction, change: Change) -> None:
        """Raises Conflict (key.pinned-elsewhere) when a key of the entry is another recipient's."""
        entry = self._decode(change.content)
        for pinned in self._keys(entry).values():
            holder = tx.pins.holder(pinned.key)
            if holder not in {None, entry.id}:
                raise Conflict(Code.KEY_PINNED_ELSEWHERE, where=entry.id, holder=str(holder))

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """Writes the entry, and in the history which keys were pinned and which ended. See `Applies`."""
        entry = self._decode(change.content)
        sealed = tx.registry.recipient(entry.id)
        before = self._open(tx, sealed) if sealed else None
        tx.registry.put_recipient(
            SealedRecipient(
                id=entry.id,
                kind=entry.kind,
                divisions=entry.divisions,
                offices=entry.offices,
                sealed=self._vault.seal(self._key(tx), contexts.recipient(entry.id), change.content),
                changed_at=act.at,
                changed_by=act.actor,
            )
        )
        former = None if before is None else before.channel(ChannelName.SECURE_UPLOAD)
        stands = entry.channel(ChannelName.SECURE_UPLOAD)
        leave_former_account(tx, entry.id, before=former, stands=stands, actor=act.actor, at=act.at)
        if (server := server_of(entry)) != server_of(before):
            tx.deliveries.go_to_server(entry.id, server)
        self._pin(tx, entry, before, act)
        facts = act.facts | {"recipient": entry.id, "keys": _digests(entry)}
        tx.records.append(Event(name=_event(entry, before), at=act.at, actor=act.actor, facts=facts, reason=act.reason))

    def _pin(self, tx: Transaction, entry: Recipient, before: Recipient | None, act: Act) -> None:
        """A key at another address is pinned anew: whoever changed the address said so of the key too."""
        pinned, held = self._keys(entry), {} if before is None else self._keys(before)
        for channel in sorted(held.keys() | pinned.keys()):
            new, old = pinned.get(channel), held.get(channel)
            if new == old and not _reads_elsewhere(channel, entry, before):
                continue
            replaced_by = new.fingerprint if new else None
            tx.pins.end(entry.id, channel, at=act.at, by=act.approved_by or act.actor, replaced_by=replaced_by)
            if new is not None:
                tx.pins.add(
                    Pin(
                        recipient=entry.id,
                        channel=channel,
                        key=new.key,
                        fingerprint=new.fingerprint,
                        pinned_at=act.at,
                        pinned_by=act.actor,
                        approved_by=act.approved_by,
                        reason=act.reason,
                    )
                )

    def _keys(self, entry: Recipient) -> dict[str, PinnedKey]:
        found = {way.type: self._key_of(way) for way in entry.channels}
        return {channel: key for channel, key in found.items() if key is not None}

    def _cautions(self, entry: Recipient, before: Recipient | None) -> Iterator[Caution]:
        for way in entry.channels:
            known = before.channel(way.type) if before else None
            if before is not None and (known is None or way.place != known.place):
                yield Caution.NEW_ADDRESS
            new, old = self._key_of(way), None if known is None else self._key_of(known)
            if old is not None and new != old:
                yield Caution.NEW_KEY
            if known is not None and new is not None and new == old and way.address != known.address:
                yield Caution.KEPT_KEY
            if new is not None and new.addresses == ():
                yield Caution.NO_ADDRESS_IN_CERTIFICATE

    def _open(self, tx: Transaction, sealed: SealedRecipient) -> Recipient:
        return self._decode(self._vault.open(self._key(tx), contexts.recipient(sealed.id), sealed.sealed))

    def _key(self, tx: Transaction) -> DataKey:
        return data_key(tx.registry, contexts.DIRECTORY_KEY)


def _reads_elsewhere(channel: str, entry: Recipient, before: Recipient | None) -> bool:
    now, then = entry.channel(channel), None if before is None else before.channel(channel)
    return now is not None and then is not None and now.address != then.address


def _serves(entry: SealedRecipient, division: Division, office: str) -> bool:
    return (not entry.divisions or division in entry.divisions) and (not entry.offices or office in entry.offices)


def _beside_others(entry: Recipient, others: Sequence[RecipientChannel]) -> Iterator[Caution]:
    """What is odd about where the entry is reached. Whose the other is, is not named: it is theirs."""
    if {way.place for way in entry.channels} & {way.place for way in others}:
        yield Caution.ANOTHERS
    known = list(dict.fromkeys(way.address for way in others if way.address is not None))
    addresses = [way.address for way in entry.channels if way.address is not None]
    if any(look_alike(address, known) is not None for address in addresses):
        yield Caution.LOOK_ALIKE
    if any(map(is_mixed, addresses)):
        yield Caution.MIXED_SCRIPTS


def _event(entry: Recipient, before: Recipient | None) -> EventName:
    same = before is not None and [way.place for way in entry.channels] == [way.place for way in before.channels]
    return EventName.KEY_IMPORTED if same else EventName.RECIPIENT_IMPORTED


def _digests(entry: Recipient) -> str:
    return " ".join(sha256(key) for way in entry.channels for key in (way.certificate, way.public_key) if key)
