"""Who may see which document: no delivery ever holds a document outside its audience."""

from gateway.domain.package import DecisionPackage, Document, Person
from gateway.domain.parties import Participant, Role

SEES_ALL_PERSONS = frozenset(
    {Role.MINISTER_COUNSEL, Role.SORTING_CENTRE, Role.DIVISION, Role.UNHCR, Role.INTERESTED_PERSON}
)
"""Roles that stand for no person of the case and are provided with the decision about all of them."""


def persons_of(package: DecisionPackage, participant: Participant) -> tuple[Person, ...]:
    """The persons whom the participant stands for, in the package's order.

    `represents` may name participants, so counsel of a designated representative stands for the represented person.
    """
    if SEES_ALL_PERSONS & set(participant.roles):
        return package.persons
    reached: set[str] = set()
    waiting = list(participant.represents)
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        other = package.participant(name)
        if other is not None:
            waiting.extend(other.represents)
    return tuple(person for person in package.persons if person.id in reached)


def documents_for(package: DecisionPackage, participant: Participant) -> tuple[Document, ...]:
    """The documents whose audience includes the participant, in the package's order."""
    persons = {person.id for person in persons_of(package, participant)}
    return tuple(document for document in package.documents if _may_see(document, participant, persons))


def _may_see(document: Document, participant: Participant, persons: set[str]) -> bool:
    if document.recipients and participant.id not in document.recipients:
        return False
    return not document.persons or bool(persons & set(document.persons))


def audience_unclear(package: DecisionPackage) -> bool:
    """Whether a redacted or non-disclosure version names no recipients, so that only a person can say whose it is."""
    return any(document.version != "full" and not document.recipients for document in package.documents)
