"""Bad `decision.json`s whose form is right and whose parts do not go together; rows as in `decision_corpus`."""

from gateway.domain.codes import Code
from tests.application.decision_corpus import Change, at, bad, drop, path_of, put
from tests.application.packages import POSTAL, Decision, full, minimal

DUPLICATE = Code.DECISION_DUPLICATE_ID
DANGLING = Code.DECISION_DANGLING_ID
CONTRADICTION = Code.DECISION_CONTRADICTION
NO_MEMBER = Code.DECISION_MISSING_DOCUMENT
UNNAMED = Code.DECISION_UNNAMED_DOCUMENT
NOT_OF_DIVISION = Code.DECISION_OUTCOME_NOT_OF_DIVISION
NO_SIGNED = Code.PACKAGE_MEMBER_SIGNED_DOCUMENT_MISSING

PERSON = "$.persons[0]"
OUTCOME = "$.persons[0].outcome.code"
ELSEWHERE = "documents/x.pdf"


def _twice(place: str) -> Change:
    """Repeats the first item of a list."""
    return lambda decision: at(decision, place.split(".")).append(at(decision, [*place.split("."), "0"]))


def _both(*changes: Change) -> Change:
    return lambda decision: [change(decision) for change in changes]


def _second_person(**fields: str) -> Change:
    person = {"id": "p2", "family_name": "Exemple", "outcome": {"code": "accepted"}}
    return lambda decision: decision["persons"].append(person | fields)


def _stands_for_another(decision: Decision) -> None:
    decision["participants"][2] |= {"id": "p1", "represents": ["p2"]}


def _document(**fields: str) -> Change:
    return lambda decision: decision["documents"][0].update(fields)


DANGLING_IDS = {
    "files.0.persons.0": "p9",
    "participants.1.represents.0": "p9",
    "minister.interventions.0.counsel": "p1",
    "documents.0.persons.0": "c1",
    "documents.0.recipients.1": "p1",
    "restrictions.0.documents.0": ELSEWHERE,
    "already_provided.0.participant": "p1",
    "already_provided.0.documents.0": ELSEWHERE,
}
"""Every place that names something else, and an id that names nothing there (or something of another kind)."""

REPEATED = {
    "persons": "$.persons[1].id",
    "participants": "$.participants[4].id",
    "files": "$.files[1].number",
    "documents": "$.documents[1].path",
    "files.0.persons": "$.files[0].persons[1]",
    "participants.1.represents": "$.participants[1].represents[1]",
    "documents.0.persons": "$.documents[0].persons[1]",
}
"""Every list of things with an id, and the place that is told when its first item stands there twice."""


REFERENCES = [
    *(bad(f"dangling {place}", put(place, value), DANGLING, path_of(place)) for place, value in DANGLING_IDS.items()),
    *(bad(f"{place} repeated", _twice(place), DUPLICATE, where) for place, where in REPEATED.items()),
    bad("two persons with one UCI", _second_person(uci="1123456789"), DUPLICATE, "$.persons[1].uci"),
    bad("a person's id for the Minister's counsel", put("participants.0.id", "p1"), DUPLICATE, "$.participants[0].id"),
    bad(
        "a person's id for who stands for another",
        _both(_second_person(), _stands_for_another),
        DUPLICATE,
        "$.participants[2].id",
    ),
    bad("no such member", _document(path=ELSEWHERE), NO_MEMBER, "$.documents[0].path", start=minimal()),
    bad("case differs", _document(path="documents/Reasons.pdf"), NO_MEMBER, "$.documents[0].path", start=minimal()),
    bad("no such evidence", put("already_provided.0.evidence", ELSEWHERE), NO_MEMBER, "$.already_provided[0].evidence"),
    bad("document that nothing names", put("documents", []), UNNAMED, "documents/reasons.pdf", start=minimal()),
    bad("evidence that nothing names", drop("already_provided.0.evidence"), UNNAMED, "documents/receipt.pdf"),
]
"""Ids and documents."""

OF_ANOTHER_DIVISION = [
    ("RPD", "confirmed"),
    ("RPD", "stayed"),
    ("RAD", "accepted"),
    ("RAD", "dismissed"),
    ("ID", "reopened"),
    ("IAD", "released"),
]
HEARD_ELSEWHERE = [
    ("RPD", "sponsorship"),
    ("RAD", "claim"),
    ("ID", "appeal-by-person"),
    ("IAD", "detention-review"),
]

RULES = [
    bad("unknown office", put("office", "atlantis"), Code.DECISION_UNKNOWN_OFFICE, "$.office"),
    *(
        bad(f"{code} at the {name}", put("persons.0.outcome.code", code), NOT_OF_DIVISION, OUTCOME, start=minimal(name))
        for name, code in OF_ANOTHER_DIVISION
    ),
    *(
        bad(
            f"{kind} at the {name}",
            put("proceeding.type", kind),
            CONTRADICTION,
            "$.proceeding.type",
            start=minimal(name),
        )
        for name, kind in HEARD_ELSEWHERE
    ),
    bad(
        "oral decision of the RAD", put("decision.form", "oral"), CONTRADICTION, "$.decision.form", start=minimal("RAD")
    ),
    bad("public, with a basis to be private", put("private_proceeding", False), CONTRADICTION, "$.private_basis"),
    bad("package that amends itself", put("relation.of", full()["package_id"]), CONTRADICTION, "$.relation.of"),
    bad("neither recipient nor contact", drop("participants.1.recipient"), CONTRADICTION, "$.participants[1]"),
    bad("recipient and contact", put("participants.1.contact", {"unknown": True}), CONTRADICTION, "$.participants[1]"),
    bad("no way in a contact", put("participants.2.contact", {}), CONTRADICTION, "$.participants[2].contact"),
    bad("unknown and known", put("participants.3.contact.postal", POSTAL), CONTRADICTION, "$.participants[3].contact"),
    *(
        bad(
            f"{kind} as Markdown",
            _document(kind=kind, media_type="text/markdown"),
            CONTRADICTION,
            "$.documents[0].media_type",
            start=minimal(),
        )
        for kind in ("order", "transcript", "appeal-information", "recording")
    ),
    bad(
        "appeal information with an interlocutory decision",
        _both(put("proceeding.nature", "interlocutory"), _document(kind="appeal-information")),
        CONTRADICTION,
        "$.documents[0].kind",
        start=minimal(),
    ),
    bad("ID without notice or order", _document(kind="other"), NO_SIGNED, PERSON, start=minimal("ID")),
    bad(
        "ID notice that nobody signed",
        _document(kind="notice", media_type="text/markdown"),
        NO_SIGNED,
        PERSON,
        start=minimal("ID"),
    ),
    bad(
        "ID order about another person",
        _both(put("documents.0.persons", ["p2"]), _second_person(), put("persons.1.outcome.code", "favourable")),
        NO_SIGNED,
        PERSON,
        start=minimal("ID"),
    ),
]
"""Faults against the rules of a division."""
