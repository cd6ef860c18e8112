"""Who is provided with a decision and with what: before anybody asks by which way.

Participants whom the directory knows as one human or office get one envelope. Whoever must be told and is not listed
is added, so that nobody whom the rules name is forgotten.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.domain.audience import documents_for, persons_of
from gateway.domain.case_facts import PERSON_ROLES, CaseFacts
from gateway.domain.package import DecisionPackage, Document, DocumentKind, Person
from gateway.domain.parties import Participant, PreferredLanguage, Role
from gateway.domain.reasons import Reason
from gateway.domain.rules.facts import Facts
from gateway.domain.rules.rule import AnyRule, Enclosure, EnclosureRule, Obstacle, RecipientRule, RequiredRule, Standing

T = TypeVar("T")

RECEIVES_FOR_PERSON = PERSON_ROLES | {Role.COUNSEL, Role.DESIGNATED_REPRESENTATIVE}
_STRONGEST_STANDING = (Standing.ASK, Standing.SERVED, Standing.COURTESY, Standing.NOT_PROVIDED)
_STRONGEST_ENCLOSURE = (Enclosure.REQUIRE, Enclosure.MAKE, Enclosure.ENCLOSE, Enclosure.OMIT)


@dataclass(frozen=True, kw_only=True)
class Provision:
    """What one envelope is, and the rules behind it.

    participant: all members in one, as papers address them. rules: why they receive or not. ask: the rule for which a
    person must decide first, and the reason. notice: whether one of ours is made.
    """

    participant: Participant
    members: tuple[str, ...]
    listed: bool
    standing: Standing
    rules: tuple[AnyRule, ...]
    facts: tuple[Facts, ...] = ()
    documents: tuple[Document, ...] = ()
    notice: bool = False
    enclosures: tuple[tuple[DocumentKind, EnclosureRule], ...] = ()
    ask: AnyRule | None = None
    reason: Reason | None = None
    handed_over: bool = False
    """All of it was handed over in the hearing room."""

    @property
    def recourse_information(self) -> bool:
        """Whether information on recourse goes with a notice of ours: unless a rule leaves it out."""
        rule = dict(self.enclosures).get(DocumentKind.APPEAL_INFORMATION)
        return self.notice and rule is not None and rule.effect is not Enclosure.OMIT

    @property
    def to_send(self) -> bool:
        """Whether anything is to be sent, or asked before it is."""
        return self.standing is not Standing.NOT_PROVIDED and not self.handed_over


def provisions(case: CaseFacts) -> tuple[Provision, ...]:
    """Every envelope of the package, and everybody who must be told and has none."""
    found = [_provision(case, members) for members in _envelopes(case.package)]
    return (*found, *_missing(case, found))


def _envelopes(package: DecisionPackage) -> list[list[Participant]]:
    """Participants by the directory entry they are; who has none stands alone."""
    found: dict[str, list[Participant]] = {}
    for one in package.participants:
        found.setdefault(one.recipient or f" {one.id}", []).append(one)
    return list(found.values())


def _provision(case: CaseFacts, members: Sequence[Participant]) -> Provision:
    judged = [(member, *_judged(case, member)) for member in members]
    standing = min((one[2] for one in judged), key=_STRONGEST_STANDING.index)
    kept = [one for one in judged if one[2] is not Standing.NOT_PROVIDED] or judged
    facts = tuple(dict.fromkeys(fact for one in kept for fact in one[1]))
    plain = Provision(
        participant=_merged(case.package, [one[0] for one in kept]),
        members=tuple(member.id for member in members),
        listed=True,
        standing=standing,
        rules=tuple(dict.fromkeys(rule for one in judged for rule in one[3])),
        facts=facts,
    )
    if standing is Standing.NOT_PROVIDED:
        return plain
    return _filled(case, plain, [one[0] for one in kept])


def _judged(case: CaseFacts, member: Participant) -> tuple[tuple[Facts, ...], Standing, list[RecipientRule]]:
    facts = case.of(member)
    rules = list(dict.fromkeys(case.book.recipient(fact) for fact in facts))
    return facts, min((rule.effect for rule in rules), key=_STRONGEST_STANDING.index), rules


def _filled(case: CaseFacts, plain: Provision, members: Sequence[Participant]) -> Provision:
    """With what is enclosed; and with the first reason, if any, for which a person must decide."""
    rules = _enclosures(case, plain.facts)
    given = {kind for kind, rule in rules.items() if rule.effect is not Enclosure.OMIT}
    seen = {one.path for member in members for one in documents_for(case.package, member)}
    entitled = [one for one in case.package.documents if one.path in seen and one.kind in given]
    before = _handed_over(case.package, members)
    notice = rules[DocumentKind.NOTICE].effect is Enclosure.MAKE and not any(
        one.kind is DocumentKind.NOTICE for one in entitled
    )
    documents = tuple(one for one in entitled if one.path not in before)
    filled = replace(
        plain,
        documents=documents,
        notice=notice,
        enclosures=tuple(rules.items()),
        handed_over=bool(entitled) and not documents and not notice,
    )
    asked = next(_asked(case, filled, {one.kind for one in entitled}), None)
    return filled if asked is None else replace(filled, ask=asked[0], reason=asked[1], handed_over=False)


def _enclosures(case: CaseFacts, facts: Sequence[Facts]) -> dict[DocumentKind, EnclosureRule]:
    """The rule for each kind: what one of the persons or roles requires is not left out for another."""
    answers = [case.book.enclosures(fact) for fact in facts]
    return {
        kind: min((answer[kind] for answer in answers), key=lambda rule: _STRONGEST_ENCLOSURE.index(rule.effect))
        for kind in DocumentKind
    }


def _asked(case: CaseFacts, filled: Provision, held: set[DocumentKind]) -> Iterator[tuple[AnyRule, Reason]]:
    for fact in filled.facts:
        yield from ((rule, rule.reason) for rule in case.book.asks(fact))
    if filled.standing is Standing.ASK:
        asks = [rule for rule in filled.rules if isinstance(rule, RecipientRule) and rule.effect is Standing.ASK]
        yield asks[0], Reason.NO_RULE
    for kind, rule in filled.enclosures:
        if rule.effect is Enclosure.REQUIRE and kind not in held:
            yield rule, Reason.DOCUMENT_MISSING
    if not (filled.documents or filled.notice or filled.handed_over):
        yield case.book.obstacle(Obstacle.NOTHING_TO_GIVE), Reason.NOTHING_TO_GIVE


def _handed_over(package: DecisionPackage, members: Sequence[Participant]) -> set[str]:
    names = {member.id for member in members}
    return {path for one in package.already_provided if one.participant in names for path in one.documents}


def _merged(package: DecisionPackage, members: Sequence[Participant]) -> Participant:
    """One participant of several, who bears the first one's id; in both languages where they differ."""
    first, *others = members
    if not others:
        return first
    languages = {one.language or PreferredLanguage(package.decision.language) for one in members}
    return replace(
        first,
        roles=_union(one.roles for one in members),
        represents=_union(one.represents for one in members),
        language=languages.pop() if len(languages) == 1 else PreferredLanguage.BOTH,
    )


def _union(values: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(value for one in values for value in one))


def _missing(case: CaseFacts, found: Sequence[Provision]) -> Iterator[Provision]:
    """Whom a rule requires and no envelope reaches."""
    told = [one for one in found if one.standing in {Standing.SERVED, Standing.ASK}]
    for rule in case.book.required(case.case):
        if rule.each == "served-before":
            yield from _served_before(case, rule, found)
        elif rule.role is not None and rule.each == "person":
            for person in _unreached(case.package, told):
                name = _free_name(case.package, f"{rule.role.value}.{person.id}")
                yield _added(case, rule, Participant(id=name, roles=(rule.role,), represents=(person.id,)))
        elif rule.role is not None and not any(rule.role in one.participant.roles for one in told):
            yield _added(case, rule, Participant(id=_free_name(case.package, rule.role.value), roles=(rule.role,)))


def _unreached(package: DecisionPackage, told: Sequence[Provision]) -> list[Person]:
    """Persons for whom nobody receives."""
    reached = {
        person.id
        for one in told
        if RECEIVES_FOR_PERSON & set(one.participant.roles)
        for person in persons_of(package, one.participant)
    }
    return [person for person in package.persons if person.id not in reached]


def _served_before(case: CaseFacts, rule: RequiredRule, found: Sequence[Provision]) -> Iterator[Provision]:
    """Who had the decision and is not named now: whether they are still to have it, a person decides."""
    members = {name for one in found for name in one.members}
    recipients = {one.participant.recipient for one in found} - {None}
    for before in case.served_before:
        if before.participant not in members and before.recipient not in recipients:
            participant = Participant(id=before.participant, roles=before.roles, recipient=before.recipient)
            yield replace(_added(case, rule, participant), ask=rule, reason=Reason.SERVED_BEFORE)


def _added(case: CaseFacts, rule: AnyRule, participant: Participant) -> Provision:
    facts = case.of(participant)
    plain = Provision(
        participant=participant,
        members=(participant.id,),
        listed=False,
        standing=Standing.SERVED,
        rules=(rule,),
        facts=facts,
    )
    return _filled(case, plain, [participant])


def _free_name(package: DecisionPackage, name: str) -> str:
    return name if package.participant(name) is None else f"{name}.directory"
