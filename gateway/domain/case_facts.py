"""The facts of a package, read once for each participant, role and person (`gateway.domain.rules.facts`)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gateway.domain.audience import audience_unclear, persons_of
from gateway.domain.file_parties import designation_ended
from gateway.domain.outcomes import OutcomeCode
from gateway.domain.package import DecisionPackage, Heard, Person, RestrictionKind
from gateway.domain.parties import Electronic, Participant, Role
from gateway.domain.rules.book import RuleBook
from gateway.domain.rules.facts import Consent, Facts, Later, Order, RecourseSet, Sitting

PERSON_ROLES = frozenset({Role.CLAIMANT, Role.PROTECTED_PERSON, Role.APPELLANT, Role.RESPONDENT, Role.PERSON_CONCERNED})
"""Roles of the persons whom a case is about."""


@dataclass(frozen=True, kw_only=True)
class ServedBefore:
    """One who had the decision that a later package belongs to."""

    participant: str
    roles: tuple[Role, ...]
    recipient: str | None


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """Reads facts.

    today: the date at the office, for what ends on a date. organizations: of directory entries, by participant, as
    far as they are known. served_before: who had the earlier decision, of a later package.
    """

    package: DecisionPackage
    book: RuleBook
    today: dt.date
    organizations: Mapping[str, str | None] = field(default_factory=dict)
    served_before: Sequence[ServedBefore] = ()

    def of(self, participant: Participant) -> tuple[Facts, ...]:
        """One for each role and person, without repeats."""
        persons = persons_of(self.package, participant)
        own = self._own(participant, persons)
        found = [
            _of_person(own._replace(role=role, held_elsewhere=_held_elsewhere(participant, role, person)), person)
            for role in participant.roles
            for person in (persons or self.package.persons[:1])
        ]
        return tuple(dict.fromkeys(found))

    def ended(self, participant: Participant) -> bool:
        """Whether counsel is no longer of record: the last day passed, or removed as the division's rules say."""
        record = participant.of_record
        if record is None:
            return False
        past = record.until is not None and record.until < self.today
        return past or self.book.ends_record(self.package.division, record.removal) is not None

    @cached_property
    def case(self) -> Facts:
        """What holds for everybody; what belongs to one participant stands as if there were nothing to say."""
        package, decision = self.package, self.package.decision
        kinds = {restriction.kind for restriction in package.restrictions}
        return Facts(
            division=package.division,
            proceeding=package.proceeding.type,
            nature=package.proceeding.nature,
            relation=Later(package.relation.kind.value) if package.relation else Later.NONE,
            form=decision.form,
            sitting=_sitting(decision.heard),
            reasons=decision.reasons,
            classification=package.classification,
            private=package.private_proceeding,
            sensitive=package.sensitive,
            confidentiality_order=RestrictionKind.CONFIDENTIALITY_ORDER in kinds,
            publication_ban=RestrictionKind.PUBLICATION_BAN in kinds,
            transmission_ban=RestrictionKind.TRANSMISSION_BAN in kinds,
            audience_clear=not audience_unclear(package),
            minister_party=package.minister.party,
            minister_absent=package.minister.present_at_decision is False,
            minister_agrees=self._minister_agrees(),
            role=Role.INTERESTED_PERSON,
            stands_for_somebody=True,
            of_record=True,
            represented=False,
            designated=False,
            designation_ended=False,
            submissions=False,
            held_elsewhere=False,
            electronic=Consent.UNSAID,
            long_fax_consent=False,
            outcome=OutcomeCode.WITHDRAWN,
            removal_order=Order.NONE,
            recourse=RecourseSet.MISSING,
            pages=0,
        )

    def _own(self, participant: Participant, persons: Sequence[Person]) -> Facts:
        names = {person.id for person in persons}
        return self.case._replace(
            stands_for_somebody=bool(persons),
            of_record=not self.ended(participant),
            represented=bool(names) and names <= self._represented,
            designated=bool(names) and names <= self._designated,
            designation_ended=self._designation_ended(participant),
            submissions=bool(participant.made_submissions),
            electronic=_consent(participant.electronic),
            long_fax_consent=bool(participant.fax_over_20_pages_consent),
        )

    @cached_property
    def _represented(self) -> set[str]:
        """Persons for whom counsel acts who has not ended."""
        return self._reached_by(
            one for one in self.package.participants if Role.COUNSEL in one.roles and not self.ended(one)
        )

    @cached_property
    def _designated(self) -> set[str]:
        return self._reached_by(
            one
            for one in self.package.participants
            if Role.DESIGNATED_REPRESENTATIVE in one.roles and not self._designation_ended(one)
        )

    def _reached_by(self, participants: Iterable[Participant]) -> set[str]:
        return {person.id for one in participants for person in persons_of(self.package, one)}

    def _designation_ended(self, participant: Participant) -> bool:
        return participant.designation is not None and designation_ended(participant.designation, self.today)

    def _minister_agrees(self) -> bool:
        """Whether the package speaks with one voice about the Minister."""
        package = self.package
        if not package.minister.party:
            return not package.minister.interventions and not self._listed(Role.MINISTER_COUNSEL)
        named = {one.counsel: one.organization for one in package.minister.interventions}
        listed = {one.id for one in self._listed(Role.MINISTER_COUNSEL)}
        return (
            not self._listed(Role.SORTING_CENTRE)
            and (not named or listed == set(named))
            and all(self.organizations.get(one) in {None, ministry.value} for one, ministry in named.items())
        )

    def _listed(self, role: Role) -> list[Participant]:
        return [one for one in self.package.participants if role in one.roles]


def _of_person(facts: Facts, person: Person) -> Facts:
    order, recourse = person.outcome.removal_order, person.recourse
    return facts._replace(
        outcome=person.outcome.code,
        removal_order=Order(order.action.value) if order else Order.NONE,
        recourse=RecourseSet(recourse.forum) if recourse else RecourseSet.MISSING,
    )


def _held_elsewhere(participant: Participant, role: Role, person: Person) -> bool:
    """Whether the envelope is the detained person's own and does not go where they are held."""
    detained = person.detained if role in PERSON_ROLES else None
    return detained is not None and participant.recipient != detained.facility


def _consent(electronic: Electronic | None) -> Consent:
    if electronic is None:
        return Consent.UNSAID
    if electronic.withdrawn_at is not None:
        return Consent.WITHDRAWN
    return Consent.ACCEPTED if electronic.accepts else Consent.REFUSED


def _sitting(heard: Sequence[Heard]) -> Sitting:
    """How the last sitting was held."""
    if not heard:
        return Sitting.NONE
    mode = max(heard, key=lambda sitting: sitting.date).mode
    return {"in-person": Sitting.IN_PERSON, "in-writing": Sitting.NONE}.get(mode, Sitting.REMOTE)
