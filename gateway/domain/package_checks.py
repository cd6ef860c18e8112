"""What must hold inside one decision package beyond the form of its fields: the last word of the strict reader.

What only contradicts the Board's practice, as a Minister who is no party at the ID, is not refused here: routing
sends it to a person. Places are JSON paths into `decision.json`.
"""

from collections.abc import Collection, Mapping

from gateway.domain.codes import Code
from gateway.domain.outcomes import OUTCOMES_OF, Division
from gateway.domain.package import (
    DecisionPackage,
    DocumentKind,
    Nature,
    ProceedingType,
    RelationKind,
)
from gateway.domain.package_references import check_references
from gateway.domain.parties import Contact
from gateway.domain.problem import InputRefused

_T = ProceedingType

PROCEEDINGS_OF: Mapping[Division, frozenset[ProceedingType]] = {
    Division.RPD: frozenset({_T.CLAIM, _T.VACATE, _T.CEASE, _T.REOPENING, _T.REINSTATEMENT}),
    Division.RAD: frozenset({_T.APPEAL_BY_PERSON, _T.APPEAL_BY_MINISTER, _T.REOPENING, _T.REINSTATEMENT}),
    Division.ID: frozenset({_T.ADMISSIBILITY, _T.DETENTION_REVIEW, _T.REOPENING, _T.REINSTATEMENT}),
    Division.IAD: frozenset(
        {
            _T.SPONSORSHIP,
            _T.REMOVAL_ORDER,
            _T.RESIDENCY,
            _T.APPEAL_BY_PERSON,
            _T.APPEAL_BY_MINISTER,
            _T.REOPENING,
            _T.REINSTATEMENT,
        }
    ),
}
"""What each division hears. RPD: IRPA 107 to 109, rules 60 to 62; RAD: IRPA 110, rules 48, 49; ID: IRPA 44(2), 57,
rule 6; IAD: IRPA 63, 71, rule 95. Where the rules are silent (reopening at the ID) the package is taken."""

MARKDOWN_KINDS = frozenset({DocumentKind.REASONS, DocumentKind.NOTICE, DocumentKind.OTHER})
"""Reasons and letters may come as text; what a member signs or a machine recorded may not."""

_SIGNED_KINDS = frozenset({DocumentKind.NOTICE, DocumentKind.ORDER})
_DECIDING_RELATIONS = frozenset({RelationKind.REDETERMINATION})
"""Later packages that hold a new decision; the others add to one whose notice or order went before."""


def check_package(package: DecisionPackage, *, members: Collection[str], offices: Collection[str]) -> None:
    """Raises InputRefused with a `decision.*` code, or package.member-signed-document-missing, at the first fault.

    members: names of the package's members outside META-INF. offices: ids of the offices that are known.
    """
    _check_office(package, offices)
    _check_division(package)
    _check_privacy(package)
    _check_relation(package)
    check_references(package, members)
    _check_participants(package)
    _check_documents(package)
    _check_signed_documents(package)


def _contradiction(where: str, **facts: str) -> InputRefused:
    return InputRefused(Code.DECISION_CONTRADICTION, where=where, **facts)


def _check_office(package: DecisionPackage, offices: Collection[str]) -> None:
    if package.office not in offices:
        raise InputRefused(Code.DECISION_UNKNOWN_OFFICE, where="$.office", expected=", ".join(sorted(offices)))


def _check_division(package: DecisionPackage) -> None:
    division = package.division
    heard = PROCEEDINGS_OF[division]
    if package.proceeding.type not in heard:
        raise _contradiction("$.proceeding.type", division=division.value, expected=", ".join(sorted(heard)))
    for index, person in enumerate(package.persons):
        if person.outcome.code not in OUTCOMES_OF[division]:
            raise InputRefused(
                Code.DECISION_OUTCOME_NOT_OF_DIVISION,
                where=f"$.persons[{index}].outcome.code",
                division=division.value,
                expected=", ".join(sorted(OUTCOMES_OF[division])),
            )
    if division is Division.RAD and package.decision.form != "written":
        # IRPA 169(c): the RAD renders every decision in writing, also after a hearing.
        raise _contradiction("$.decision.form", division=division.value, expected="written")


def _check_privacy(package: DecisionPackage) -> None:
    if package.private_basis is not None and not package.private_proceeding:
        raise _contradiction("$.private_basis")


def _check_relation(package: DecisionPackage) -> None:
    if package.relation is not None and package.relation.of == package.package_id:
        raise _contradiction("$.relation.of")


def _check_participants(package: DecisionPackage) -> None:
    for index, participant in enumerate(package.participants):
        place = f"$.participants[{index}]"
        if (participant.recipient is None) == (participant.contact is None):
            raise _contradiction(place, expected="recipient | contact")
        if participant.contact is not None:
            _check_contact(participant.contact, f"{place}.contact")


def _check_contact(contact: Contact, place: str) -> None:
    """An address, or the statement that none is known, and never both."""
    ways = (contact.email, contact.fax, contact.postal)
    if (contact.unknown is None) == all(way is None for way in ways):
        raise _contradiction(place, expected="email, fax, postal | unknown")


def _check_documents(package: DecisionPackage) -> None:
    interlocutory = package.proceeding.nature is Nature.INTERLOCUTORY
    for index, document in enumerate(package.documents):
        if document.media_type == "text/markdown" and document.kind not in MARKDOWN_KINDS:
            raise _contradiction(f"$.documents[{index}].media_type", expected="application/pdf")
        if interlocutory and document.kind is DocumentKind.APPEAL_INFORMATION:
            raise _contradiction(f"$.documents[{index}].kind", nature=Nature.INTERLOCUTORY.value)


def _check_signed_documents(package: DecisionPackage) -> None:
    """At the ID the member signs the notice or the order (ID r.7, r.11), so nobody can make one in their place."""
    relation = package.relation
    decides = relation is None or relation.kind in _DECIDING_RELATIONS
    if package.division is not Division.ID or package.proceeding.nature is not Nature.FINAL or not decides:
        return
    signed = [
        document
        for document in package.documents
        if document.kind in _SIGNED_KINDS and document.media_type == "application/pdf"
    ]
    for index, person in enumerate(package.persons):
        if not any(not document.persons or person.id in document.persons for document in signed):
            raise InputRefused(Code.PACKAGE_MEMBER_SIGNED_DOCUMENT_MISSING, where=f"$.persons[{index}]")
