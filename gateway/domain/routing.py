"""Who gets what by which channel: a pure function of package, directory and channels.

This is the plan of the main job: the Minister's counsel or the sorting centre, and counsel, who have an e-mail
address and a pinned certificate get `encrypted-email`; everybody else goes to a person, with the reason. The Board's
full rules, as data, take the place of `_ways_to` (issue 5); what surrounds it stays.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.audience import audience_unclear
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage, RestrictionKind
from gateway.domain.parties import (
    ChannelName,
    Participant,
    PreferredLanguage,
    Protection,
    Recipient,
    RecipientKind,
    Removal,
    Role,
)
from gateway.domain.reasons import Reason

EMAIL_ROLES = frozenset({Role.MINISTER_COUNSEL, Role.SORTING_CENTRE, Role.COUNSEL})
MINISTER_ALWAYS_PARTY = frozenset({Division.ID, Division.IAD})
"""IRPA 63 and the memo: at the ID and the IAD the Minister is always a party."""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What routing asks of the recipient directory."""

    by_id: Mapping[str, Recipient]
    of_kind: Callable[[RecipientKind], Sequence[Recipient]]


@dataclass(frozen=True, kw_only=True)
class PlannedDelivery:
    """One participant's plan: the channels in order, or the reason why a person must decide."""

    participant: Participant
    recipient: Recipient | None
    language: PreferredLanguage
    channels: tuple[str, ...]
    reason: Reason | None


def plan(
    package: DecisionPackage, directory: Directory, channels: frozenset[str], today: dt.date
) -> tuple[PlannedDelivery, ...]:
    """The plan of each participant, those who must receive and are not listed included.

    channels: names of the channels that are set up. today: the date at the office, for what ends on a date.
    """
    listed = tuple(_plan_listed(package, one, directory, channels, today) for one in package.participants)
    return (*listed, *_plan_unlisted(package, directory, channels))


def participant_of(package: DecisionPackage, participant_id: str) -> Participant | None:
    """The participant of a planned delivery: as the package names them, or the one the planner added."""
    return package.participant(participant_id) or next(
        (one for one in (_minister_side(package),) if one is not None and one.id == participant_id), None
    )


def _plan_listed(
    package: DecisionPackage, participant: Participant, directory: Directory, channels: frozenset[str], today: dt.date
) -> PlannedDelivery:
    recipient = directory.by_id.get(participant.recipient) if participant.recipient else None
    reason = _held_back(package, participant, today)
    ways: tuple[str, ...] = ()
    if reason is None:
        ways, reason = _ways_to(participant, recipient, channels)
    return PlannedDelivery(
        participant=participant,
        recipient=recipient,
        language=participant.language or PreferredLanguage(package.decision.language),
        channels=ways,
        reason=reason,
    )


def _held_back(package: DecisionPackage, participant: Participant, today: dt.date) -> Reason | None:
    """Why a person must decide before any channel is even considered."""
    reason = _package_held_back(package)
    if reason is not None:
        return reason
    if Role.MINISTER_COUNSEL in participant.roles and not package.minister.party:
        return Reason.MINISTER_CONTRADICTION
    if Role.COUNSEL in participant.roles and _counsel_ended(participant, today):
        return Reason.COUNSEL_ENDED
    return None


def _package_held_back(package: DecisionPackage) -> Reason | None:
    kinds = {restriction.kind for restriction in package.restrictions}
    if RestrictionKind.TRANSMISSION_BAN in kinds:
        return Reason.TRANSMISSION_BAN
    if audience_unclear(package):
        return Reason.AUDIENCE_UNCLEAR
    if _electronic_needs_rules(package, kinds):
        return Reason.CONFIDENTIAL
    if package.division in MINISTER_ALWAYS_PARTY and not package.minister.party:
        return Reason.MINISTER_CONTRADICTION
    return None


def _electronic_needs_rules(package: DecisionPackage, kinds: set[RestrictionKind]) -> bool:
    """ID and IAD send private, confidential or sensitive matters by fax and mail alone (the memo)."""
    confidential = RestrictionKind.CONFIDENTIALITY_ORDER in kinds or package.sensitive
    if package.division is Division.ID:
        return confidential or package.private_proceeding
    return package.division is Division.IAD and confidential


def _counsel_ended(participant: Participant, today: dt.date) -> bool:
    """RPD r.16(2), RAD r.20(3), IAD r.12(2): at once when the client removes them; never by a request alone."""
    record = participant.of_record
    if record is None:
        return False
    return record.removal in {Removal.GRANTED, Removal.BY_CLIENT} or (record.until is not None and record.until < today)


def _ways_to(
    participant: Participant, recipient: Recipient | None, channels: frozenset[str]
) -> tuple[tuple[str, ...], Reason | None]:
    if participant.contact is not None:
        return (), Reason.ADDRESS_UNKNOWN if participant.contact.unknown else Reason.NO_ELECTRONIC_CHANNEL
    if recipient is None:
        return (), Reason.RECIPIENT_UNKNOWN
    if not EMAIL_ROLES & set(participant.roles):
        return (), Reason.NO_ELECTRONIC_CHANNEL
    electronic = participant.electronic
    if electronic is not None and (not electronic.accepts or electronic.withdrawn_at is not None):
        return (), Reason.ELECTRONIC_NOT_ACCEPTED
    return _by_email(recipient, channels)


def _by_email(recipient: Recipient, channels: frozenset[str]) -> tuple[tuple[str, ...], Reason | None]:
    way = recipient.channel(ChannelName.ENCRYPTED_EMAIL)
    if way is None or way.address is None:
        return (), Reason.NO_ELECTRONIC_CHANNEL
    if way.protection is not Protection.SMIME or way.certificate is None:
        return (), Reason.KEY_MISSING
    if ChannelName.ENCRYPTED_EMAIL not in channels:
        return (), Reason.CHANNEL_NOT_SET_UP
    return (ChannelName.ENCRYPTED_EMAIL.value,), None


def _minister_side(package: DecisionPackage) -> Participant | None:
    """Who must be told for the Minister and is not listed: a party's counsel, else the sorting centre."""
    role = Role.MINISTER_COUNSEL if package.minister.party else Role.SORTING_CENTRE
    if any(role in one.roles for one in package.participants):
        return None
    name = role.value if package.participant(role.value) is None else f"{role.value}.directory"
    return Participant(id=name, roles=(role,))


def _plan_unlisted(
    package: DecisionPackage, directory: Directory, channels: frozenset[str]
) -> tuple[PlannedDelivery, ...]:
    participant = _minister_side(package)
    if participant is None:
        return ()
    entries = [
        entry
        for entry in directory.of_kind(RecipientKind(participant.roles[0].value))
        if entry.serves(package.division, package.office)
    ]
    recipient = entries[0] if len(entries) == 1 else None
    reason = _held_back(package, participant, dt.date.min)
    ways: tuple[str, ...] = ()
    if reason is None and recipient is None:
        reason = Reason.RECIPIENT_AMBIGUOUS if entries else Reason.RECIPIENT_NOT_LISTED
    elif reason is None and recipient is not None:
        ways, reason = _by_email(recipient, channels)
    language = recipient.language if recipient else PreferredLanguage(package.decision.language)
    return (
        PlannedDelivery(participant=participant, recipient=recipient, language=language, channels=ways, reason=reason),
    )
