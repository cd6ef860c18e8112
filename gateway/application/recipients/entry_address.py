"""Another address for an entry of the directory, by one of its ways: proposed by one person, approved by another.

A key says nothing of an address by itself: it was verified with whoever reads at the former one. So with an e-mail
address a person says the key anew, whether it is another or the one that stands.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.application.people.approvals import Approvals, Made
from gateway.application.people.own_offices import offices_of
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.look_alikes import check_domain
from gateway.application.recipients.postal_checks import check_names
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.parties import Contact, Recipient, RecipientChannel
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.domain.work_list import WorkRow
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.keys import RecipientKeys

A = TypeVar("A")
MOST_BORNE_ON = 100
"""Deliveries that are shown of those a change bears on."""


@dataclass(frozen=True, kw_only=True)
class SaidKey:
    """What a person says of the key at the new address. raw: another one, or None: the one that stands is theirs there
    too. fingerprint: as the recipient read it to them."""

    raw: bytes | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, kw_only=True)
class AddressLook:
    """A way of an entry as it stands, for who changes its address. version: of the entry; together: the ways that have
    the same postal address, and move with it; waiting: what was not sent yet, of the viewer's offices."""

    entry: Recipient
    version: str
    way: RecipientChannel
    together: Sequence[str]
    waiting: Sequence[WorkRow]


class ChangeEntryAddress:
    """Proposes the change, or makes it while the home is in bootstrap."""

    def __init__(
        self,
        *,
        database: Database,
        directory: RecipientDirectory,
        keys: RecipientKeys,
        approvals: Approvals,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._keys = keys
        self._approvals = approvals
        self._clock = clock

    def look(self, recipient_id: str, channel: str, *, viewer: str) -> AddressLook:
        """What stands, and what a change bears on. Raises NoSuchThing (recipient.unknown, request.not-found: no such
        way, or one without an address of its own)."""
        entry = self._directory.known(recipient_id)
        way = _way(entry, channel)
        with self._database.read() as tx:
            rows = tx.work_lists.owed_to(recipient_id, MOST_BORNE_ON + 1, offices=offices_of(tx, viewer))
        return AddressLook(
            entry=entry,
            version=self._directory.version(entry),
            way=way,
            together=[one.type for one in _moving(entry, way)],
            waiting=rows,
        )

    def __call__(
        self,
        recipient_id: str,
        channel: str,
        contact: Contact,
        *,
        key: SaidKey | None = None,
        actor: str,
        reason: str,
        seen: str | None = None,
    ) -> Made:
        """contact: the new address, e-mail, fax or postal, as the way needs it. seen: the entry's version that the
        person had before their eyes, where that is known.

        Raises NoSuchThing (recipient.unknown, request.not-found), InputRefused (request.invalid: the address that the
        way needs is missing or stands already, or no reason; address.*; recipient.key-unsaid; key.*), Conflict
        (recipient.changed-meanwhile, key.pinned-elsewhere).
        """
        entry = self._directory.as_seen(recipient_id, seen)
        way = _way(entry, channel)
        changed = {one.type: _with_address(one, contact) for one in _moving(entry, way)}
        if way.postal is not None:
            check_names(entry.name, entry.organization, recipient_id)
        if way.address is not None and (way.certificate or way.public_key):
            changed[way.type] = self._under_key(changed[way.type], key or SaidKey(), self._clock.now())
        ways = tuple(changed.get(one.type, one) for one in entry.channels)
        changes = self._directory.changes([replace(entry, channels=ways)])
        (made,) = self._approvals.make(changes, actor=actor, reason=reason)
        return made

    def _under_key(self, way: RecipientChannel, said: SaidKey, now: dt.datetime) -> RecipientChannel:
        """The way at its new address, under the key that was said for it."""
        raw = said.raw or way.certificate or way.public_key or b""
        if not said.raw and not (said.fingerprint or "").strip():
            raise InputRefused(Code.RECIPIENT_KEY_UNSAID, where="fingerprint")
        pinned = self._keys.pinned(way, raw, said.fingerprint)
        self._keys.standing(pinned, now)
        return pinned


def addressed_ways(entry: Recipient) -> Sequence[RecipientChannel]:
    """The ways of the entry that have an address which may be changed here: an account is changed where the identity of
    its holder is checked."""
    return [way for way in entry.channels if way.address or way.number or way.postal]


def _way(entry: Recipient, channel: str) -> RecipientChannel:
    found = next((one for one in addressed_ways(entry) if one.type == channel), None)
    if found is None:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    return found


def _moving(entry: Recipient, way: RecipientChannel) -> Sequence[RecipientChannel]:
    """The way, and with a postal address those that share it: the building moved, for every carrier."""
    if way.postal is None:
        return [way]
    return [one for one in entry.channels if one.postal == way.postal]


def _with_address(way: RecipientChannel, contact: Contact) -> RecipientChannel:
    if way.address is not None:
        return replace(way, address=_email(_new(contact.email, way.address, "email")))
    if way.number is not None:
        return replace(way, number=_new(contact.fax, way.number, "fax"))
    return replace(way, postal=_new(contact.postal, way.postal, "lines"))


def _new(told: A | None, stands: A | None, field: str) -> A:
    if told is None:
        raise InputRefused(Code.REQUEST_INVALID, where=field, expected="minLength 1")
    if told == stands:
        raise InputRefused(Code.RECIPIENT_ADDRESS_STANDS, where=field)
    return told


def _email(address: str) -> str:
    try:
        MailAddress.parse(address)
        check_domain(address)
    except ValueError:
        raise InputRefused(Code.ADDRESS_EMAIL, where="email") from None
    return address
