"""What the Registry says of a file's parties after a package was signed: counsel, designation, address, consent.

A message is a word of the Registry but bears no signature, so it can only hold back: it never sends a decision to an
address that no signed package names. A change of address therefore goes to a person; counsel who is removed, a
designation that ended and a consent withdrawn stop what was planned for them.

The package itself is the Registry's word of the moment the decision was signed. A message counts against it when it is
effective then or later; where the package's own date for the matter (since when counsel is of record, when consent was
given) is later still, the package is the newer word. A message that is effective before but came after the package was
accepted holds back as well, consent excepted: nobody can say that whoever signed knew it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from gateway.domain.account_consent import AccountConsent, as_said
from gateway.domain.outcomes import Division
from gateway.domain.package import Decision, DecisionPackage
from gateway.domain.parties import (
    ID,
    TEXT,
    ChannelName,
    Contact,
    Designation,
    Electronic,
    OfRecord,
    Participant,
    Removal,
    Role,
)
from gateway.domain.reasons import Reason

ELECTRONIC = frozenset({ChannelName.ENCRYPTED_EMAIL.value, ChannelName.SECURE_UPLOAD.value})
"""Channels that need the participant's consent to electronic delivery."""


@dataclass(frozen=True, kw_only=True)
class PartyChange:
    """How one participant stands from now on; what is left out has not changed."""

    participant: str = field(metadata=ID)
    """As the file's packages name them."""
    of_record: OfRecord | None = None
    designation: Designation | None = None
    electronic: Electronic | None = None
    recipient: str | None = field(default=None, metadata=ID)
    """The entry of the directory they are reached by now: either this or `contact`."""
    contact: Contact | None = None
    roles: tuple[Role, ...] = ()
    """Of somebody whom no package names yet."""
    represents: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartiesMessage:
    """What changed on a file, version 1. Without changes it confirms that the parties stand as they did."""

    schema: Literal["file-parties/1"]
    division: Division
    sequence: int = field(metadata={"ge": 1, "le": 2_147_483_647})
    """Grows with each message of the source about the file."""
    effective_at: dt.datetime
    source: str = field(metadata=ID)
    """The system or the desk that says so, as `NOVA`."""
    previous: int | None = field(default=None, metadata={"ge": 1, "le": 2_147_483_647})
    """The sequence of the message before: while that one is missing, nothing on the file is sent."""
    note: str | None = field(default=None, metadata=TEXT)
    changes: tuple[PartyChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DroppedParties:
    """The message as a file: with the number of the file it is about, which over HTTP stands in the address."""

    file: str = field(metadata=TEXT)
    message: PartiesMessage


@dataclass(frozen=True, kw_only=True)
class PlannedFor:
    """Whom a delivery was planned and rendered for. `as_of`: the moment the package speaks of; `known`: the
    participants it names. addressed_at: when two people gave the delivery its address, if they did."""

    participant: Participant
    as_of: dt.datetime
    known: tuple[str, ...]
    addressed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What a delivery is about to do. confirmed_at: when the Registry last sent anything about the file; max_age: how
    old that may be, zero meaning any age. today: the date at the office."""

    channel: str
    now: dt.datetime
    today: dt.date
    confirmed_at: dt.datetime
    max_age: dt.timedelta


def spoken_as_of(decision: Decision) -> dt.datetime:
    """The moment whose parties a package tells: the last signature of its decision."""
    return max(member.signed_at or decision.signed_at for member in decision.members)


def as_they_stand(
    package: DecisionPackage,
    messages: Iterable[PartiesMessage],
    now: dt.datetime,
    *,
    said: Mapping[str, AccountConsent | None] = MappingProxyType({}),
) -> DecisionPackage:
    """The package with counsel, designations and consents as they stand; addresses are left as they were signed.

    said: what participants last said of electronic delivery in the exchange, by participant.
    """
    as_of = spoken_as_of(package.decision)
    changes = _effective(messages, as_of, now)
    if not changes and not any(said.values()):
        return package
    standing = (_heard(_standing(one, changes), said.get(one.id), as_of) for one in package.participants)
    return replace(package, participants=tuple(standing))


def held_back(
    planned: PlannedFor,
    messages: Sequence[PartiesMessage],
    sending: Sending,
    *,
    of_address: Sequence[PartiesMessage] | None = None,
    said: AccountConsent | None = None,
) -> Reason | None:
    """Why nothing may be sent, if so: asked just before each attempt.

    of_address: those of the messages that are newer than an address that two people gave the delivery, where they did.
    said: what the participant last said of electronic delivery in the exchange.
    """
    if _unconfirmed(messages, sending):
        return Reason.PARTIES_NOT_CONFIRMED
    changes = _effective(messages, planned.as_of, sending.now)
    stands = _heard(_standing(planned.participant, changes), said, planned.as_of)
    if counsel_ended(stands, sending.today):
        return Reason.COUNSEL_REMOVED
    if stands.designation is not None and designation_ended(stands.designation, sending.today):
        return Reason.DESIGNATION_ENDED
    moves = changes if of_address is None else _effective(of_address, planned.as_of, sending.now)
    if _moved(planned.participant, moves):
        return Reason.ADDRESS_CHANGED
    if sending.channel in ELECTRONIC and _consent_gone(stands.electronic, sending.now):
        return Reason.CONSENT_WITHDRAWN
    return Reason.PARTY_ADDED if _joined(planned, changes) else None


def missing_from(messages: Iterable[PartiesMessage], source: str) -> tuple[int, ...]:
    """The sequences of the source that a later message names as the one before it, and that did not come."""
    told = [one for one in messages if one.source == source]
    named = {one.previous for one in told if one.previous is not None}
    return tuple(sorted(named - {one.sequence for one in told}))


def counsel_ended(participant: Participant, today: dt.date) -> bool:
    """At once when the client removes counsel or the Division grants counsel's request; never by a request alone
    (RPD r.15, r.16, RAD r.19, r.20, IAD r.11, r.12; ID r.14, r.15: on the notice)."""
    record = participant.of_record
    if record is None or Role.COUNSEL not in participant.roles:
        return False
    return record.removal in {Removal.GRANTED, Removal.BY_CLIENT} or (record.until is not None and record.until < today)


def designation_ended(designation: Designation, today: dt.date) -> bool:
    """A minor's representative stands until the day the minor turns 18 (RPD r.20(7))."""
    return designation.ends is not None and designation.ends <= today


def _effective(messages: Iterable[PartiesMessage], since: dt.datetime, now: dt.datetime) -> tuple[PartyChange, ...]:
    """The changes in force by now, in the order they took effect, whatever order they came in."""
    counting = [one for one in messages if since <= one.effective_at <= now]
    ordered = sorted(counting, key=lambda one: (one.effective_at, one.sequence, one.source))
    return tuple(_dated(change, one.effective_at) for one in ordered for change in one.changes)


def _dated(change: PartyChange, effective_at: dt.datetime) -> PartyChange:
    """The change with its day on what has none, so that it can be held against the package's own dates."""
    electronic = change.electronic
    if electronic is not None and not electronic.accepts and electronic.withdrawn_at is None:
        return replace(change, electronic=replace(electronic, withdrawn_at=effective_at))
    return change


def _standing(participant: Participant, changes: Iterable[PartyChange]) -> Participant:
    for change in changes:
        if change.participant == participant.id:
            participant = replace(
                participant,
                of_record=_newer_record(participant.of_record, change.of_record),
                designation=change.designation or participant.designation,
                electronic=_newer_consent(participant.electronic, change.electronic),
            )
    return participant


def _heard(participant: Participant, said: AccountConsent | None, as_of: dt.datetime) -> Participant:
    return replace(participant, electronic=as_said(participant.electronic, said, as_of=as_of))


def _newer_record(stands: OfRecord | None, said: OfRecord | None) -> OfRecord | None:
    """What is said, unless counsel has become of record again since."""
    if said is None:
        return stands
    if stands is not None and stands.since is not None and said.until is not None and said.until < stands.since:
        return stands
    return said


def _newer_consent(stands: Electronic | None, said: Electronic | None) -> Electronic | None:
    """What is said, unless consent was given again since it was withdrawn."""
    if said is None:
        return stands
    given = stands.consent if stands is not None and stands.accepts else None
    if given is not None and said.withdrawn_at is not None and said.withdrawn_at.date() < given:
        return stands
    return said


def _unconfirmed(messages: Sequence[PartiesMessage], sending: Sending) -> bool:
    """Whether what the Registry last said is too old, or something it said is known to be missing."""
    missing = any(missing_from(messages, source) for source in {one.source for one in messages})
    return missing or bool(sending.max_age and sending.now - sending.confirmed_at > sending.max_age)


def _moved(planned: Participant, changes: Iterable[PartyChange]) -> bool:
    """Whether they are reached elsewhere now than the papers were made for."""
    said = [one for one in changes if one.participant == planned.id and (one.contact or one.recipient)]
    return bool(said) and (said[-1].contact, said[-1].recipient) != (planned.contact, planned.recipient)


def _consent_gone(electronic: Electronic | None, now: dt.datetime) -> bool:
    if electronic is None:
        return False
    withdrawn = electronic.withdrawn_at is not None and electronic.withdrawn_at <= now
    return withdrawn or not electronic.accepts


def _joined(planned: PlannedFor, changes: Iterable[PartyChange]) -> bool:
    """Whether somebody whom the package does not name now stands for this participant, or for those they stand for:
    counsel of record receives instead of the person (RPD r.38(3), RAD r.31(4))."""
    concerned = {planned.participant.id, *planned.participant.represents}
    return any(
        one.participant not in planned.known and (not one.represents or concerned & set(one.represents))
        for one in changes
    )
