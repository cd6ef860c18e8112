"""Who gets what by which channel: a pure function of package, rules, directory and channels.

The rules are data (`gateway/rules`); this is what asks them. Every answer keeps the rule it rests on, so that a plan
can be read like the reasoning of a registrar.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from gateway.domain.case_facts import CaseFacts
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Participant, PreferredLanguage, Recipient, RecipientKind
from gateway.domain.provision import Provision, provisions
from gateway.domain.reasons import Reason
from gateway.domain.rules.rule import AnyRule, Obstacle
from gateway.domain.ways import Envelope, Means, Opened, Verdict, ways_to


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What routing asks of the recipient directory."""

    by_id: Mapping[str, Recipient]
    of_kind: Callable[[RecipientKind], Sequence[Recipient]]

    def organizations(self, package: DecisionPackage) -> Mapping[str, str | None]:
        """Whose each listed participant's entry is, as far as the directory knows them."""
        entries = {one.id: self.by_id.get(one.recipient) for one in package.participants if one.recipient}
        return {name: entry.organization for name, entry in entries.items() if entry is not None}


@dataclass(frozen=True, kw_only=True)
class PlannedDelivery:
    """One envelope's plan: the channels in order, or the reason why a person must decide."""

    provision: Provision
    recipient: Recipient | None
    language: PreferredLanguage
    verdicts: tuple[Verdict, ...] = ()
    """None while a person must decide something first."""
    reason: Reason | None = None
    because: AnyRule | None = None
    """The rule behind `reason`."""

    @property
    def channels(self) -> tuple[str, ...]:
        """In the order in which they are tried; none while a person must decide."""
        return tuple(one.channel for one in self.verdicts if one.planned) if self.reason is None else ()

    @property
    def participant(self) -> Participant:
        """Whom it is addressed to."""
        return self.provision.participant

    @property
    def to_send(self) -> bool:
        """Whether it is a delivery at all: who receives through somebody else has none."""
        return self.provision.to_send

    def may_take(self, channel: str) -> bool:
        """Whether staff may have it sent this way. What a rule closes stays closed, whoever asks."""
        return any(one.channel == channel and one.taken for one in self.verdicts)

    def may_override(self, channel: str) -> bool:
        """Whether two people together may open this way: only where each rule that closes it grants an override."""
        return any(one.channel == channel and one.may_override for one in self.verdicts)


def plan(
    case: CaseFacts, directory: Directory, means: Means, opened: Mapping[str, Opened] = MappingProxyType({})
) -> tuple[PlannedDelivery, ...]:
    """The plan of each envelope, those who must receive and are not listed included. opened: what two people opened,
    by participant."""
    return tuple(_planned(case, one, directory, means, opened.get(one.participant.id)) for one in provisions(case))


def _planned(
    case: CaseFacts, provision: Provision, directory: Directory, means: Means, opened: Opened | None
) -> PlannedDelivery:
    recipient, obstacle = _recipient(case.package, provision, directory)
    plain = PlannedDelivery(
        provision=provision, recipient=recipient, language=_language(case.package, provision, recipient)
    )
    if not provision.to_send:
        return plain
    if provision.reason is not None:
        return replace(plain, reason=provision.reason, because=provision.ask)
    if obstacle is not None:
        rule = case.book.obstacle(obstacle)
        return replace(plain, reason=rule.reason, because=rule)
    envelope = Envelope(
        participant=provision.participant,
        recipient=recipient,
        facts=provision.facts,
        load=means.load(provision.documents),
    )
    ways = ways_to(envelope, case.book, means, opened)
    return replace(plain, verdicts=ways.verdicts, reason=ways.reason, because=ways.rule)


def _language(package: DecisionPackage, provision: Provision, recipient: Recipient | None) -> PreferredLanguage:
    """As the package says, else that of the decision; of who is not listed, as the directory says."""
    if provision.participant.language is not None:
        return provision.participant.language
    if recipient is not None and not provision.listed:
        return recipient.language
    return PreferredLanguage(package.decision.language)


def _recipient(
    package: DecisionPackage, provision: Provision, directory: Directory
) -> tuple[Recipient | None, Obstacle | None]:
    """The directory's entry, and what keeps the envelope from having an address."""
    participant = provision.participant
    if participant.recipient is not None:
        entry = directory.by_id.get(participant.recipient)
        return entry, Obstacle.RECIPIENT_UNKNOWN if entry is None else None
    if participant.contact is not None:
        return None, Obstacle.ADDRESS_UNKNOWN if participant.contact.unknown else None
    return _of_kind(package, participant, directory)


def _of_kind(
    package: DecisionPackage, participant: Participant, directory: Directory
) -> tuple[Recipient | None, Obstacle | None]:
    """The single entry that stands for a role at the division and office."""
    role = participant.roles[0].value
    if role not in set(RecipientKind):
        return None, Obstacle.RECIPIENT_NOT_LISTED
    entries = [one for one in directory.of_kind(RecipientKind(role)) if one.serves(package.division, package.office)]
    if len(entries) == 1:
        return entries[0], None
    return None, Obstacle.RECIPIENT_AMBIGUOUS if entries else Obstacle.RECIPIENT_NOT_LISTED
