"""What one part of a decision package says of another: ids that are unique, and name something that is there.

Places are JSON paths into `decision.json`, as `$.files[0].persons[1]`.
"""

from collections.abc import Collection, Iterable

from gateway.domain.codes import Code
from gateway.domain.package import DECISION, DecisionPackage
from gateway.domain.parties import Participant, Role
from gateway.domain.problem import InputRefused

_ROLES_OF_A_PERSON = frozenset(
    {Role.CLAIMANT, Role.PROTECTED_PERSON, Role.APPELLANT, Role.RESPONDENT, Role.PERSON_CONCERNED}
)


def check_references(package: DecisionPackage, members: Collection[str]) -> None:
    """Raises InputRefused: decision.duplicate-id, dangling-id, missing-document or unnamed-document.

    members: names of the package's members outside META-INF.
    """
    persons = _unique("$.persons[{}].id", (one.id for one in package.persons))
    participants = _unique("$.participants[{}].id", (one.id for one in package.participants))
    paths = _unique("$.documents[{}].path", (one.path for one in package.documents))
    _unique("$.files[{}].number", (one.number for one in package.files))
    _unique("$.persons[{}].uci", (one.uci and one.uci.replace("-", "") for one in package.persons))
    _check_shared_ids(package, persons)
    _check_person_references(package, persons, participants)
    _check_participant_references(package, participants)
    _check_document_references(package, paths)
    _check_members(package, paths, members)


def _unique(place: str, values: Iterable[str | None]) -> frozenset[str]:
    """The values, none of them twice; what is absent is not counted. `place` has a gap for the index."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            raise InputRefused(Code.DECISION_DUPLICATE_ID, where=place.format(index))
        if value is not None:
            seen.add(value)
    return frozenset(seen)


def _check_shared_ids(package: DecisionPackage, persons: Collection[str]) -> None:
    """A person and a participant may bear one id only when they are the same human being.

    `represents` names persons and participants alike: with a shared id of two people it would reach both.
    """
    for index, participant in enumerate(package.participants):
        if participant.id in persons and not _is_that_person(participant):
            raise InputRefused(Code.DECISION_DUPLICATE_ID, where=f"$.participants[{index}].id")


def _is_that_person(participant: Participant) -> bool:
    return bool(_ROLES_OF_A_PERSON & set(participant.roles)) and set(participant.represents) <= {participant.id}


def _check_person_references(package: DecisionPackage, persons: frozenset[str], participants: frozenset[str]) -> None:
    for index, file in enumerate(package.files):
        _check_known(f"$.files[{index}].persons", file.persons, persons)
    for index, participant in enumerate(package.participants):
        _check_known(f"$.participants[{index}].represents", participant.represents, persons | participants)
    for index, document in enumerate(package.documents):
        _check_known(f"$.documents[{index}].persons", document.persons, persons)


def _check_participant_references(package: DecisionPackage, participants: frozenset[str]) -> None:
    for index, intervention in enumerate(package.minister.interventions):
        _check_one(f"$.minister.interventions[{index}].counsel", intervention.counsel, participants)
    for index, document in enumerate(package.documents):
        _check_known(f"$.documents[{index}].recipients", document.recipients, participants)
    for index, provided in enumerate(package.already_provided):
        _check_one(f"$.already_provided[{index}].participant", provided.participant, participants)


def _check_document_references(package: DecisionPackage, paths: frozenset[str]) -> None:
    for index, restriction in enumerate(package.restrictions):
        _check_known(f"$.restrictions[{index}].documents", restriction.documents, paths)
    for index, provided in enumerate(package.already_provided):
        _check_known(f"$.already_provided[{index}].documents", provided.documents, paths)


def _check_known(place: str, values: tuple[str, ...], known: frozenset[str]) -> None:
    _unique(place + "[{}]", values)
    for index, value in enumerate(values):
        _check_one(f"{place}[{index}]", value, known)


def _check_one(place: str, value: str, known: frozenset[str]) -> None:
    if value not in known:
        raise InputRefused(Code.DECISION_DANGLING_ID, where=place)


def _check_members(package: DecisionPackage, paths: frozenset[str], members: Collection[str]) -> None:
    held = frozenset(members)
    for index, document in enumerate(package.documents):
        if document.path not in held:
            raise InputRefused(Code.DECISION_MISSING_DOCUMENT, where=f"$.documents[{index}].path")
    for index, provided in enumerate(package.already_provided):
        if provided.evidence is not None and provided.evidence not in held:
            raise InputRefused(Code.DECISION_MISSING_DOCUMENT, where=f"$.already_provided[{index}].evidence")
    evidence = {provided.evidence for provided in package.already_provided}
    for member in members:
        if member not in paths and member not in evidence and member != DECISION:
            raise InputRefused(Code.DECISION_UNNAMED_DOCUMENT, where=member)
