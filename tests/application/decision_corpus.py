"""Bad `decision.json`s as a table: what is changed in a valid one, the code that refuses it, and the place it names.

Here are the faults of form; those between the parts stand in `decision_contradictions`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.domain.codes import Code
from tests.application.packages import Decision, changed, full, members_of

UNKNOWN = Code.DECISION_UNKNOWN_FIELD
MISSING = Code.DECISION_FIELD_MISSING
INVALID = Code.DECISION_VALUE_INVALID
NO_CODE = Code.DECISION_UNKNOWN_CODE

Change = Callable[[Decision], object]


@dataclass(frozen=True, kw_only=True)
class Bad:
    """One bad decision, with the members that its package would have had while it was good."""

    decision: Decision
    members: tuple[str, ...]
    code: Code
    where: str


def bad(name: str, change: Change, code: Code, where: str, *, start: Decision | None = None) -> object:
    """A row of the table: `start` (or `full()`) after `change`."""
    good = full() if start is None else start
    row = Bad(decision=changed(good, change), members=members_of(good), code=code, where=where)
    return pytest.param(row, id=name)


def put(place: str, value: object) -> Change:
    """Sets the value at a place written as `persons.0.uci`."""
    *steps, last = place.split(".")

    def change(decision: Decision) -> None:
        at(decision, steps)[_step(last)] = value

    return change


def drop(place: str) -> Change:
    """Takes the field away."""
    *steps, last = place.split(".")

    def change(decision: Decision) -> None:
        del at(decision, steps)[_step(last)]

    return change


def at(decision: Decision, steps: list[str]) -> Any:
    """What stands in the decision at the end of the steps; untyped, as JSON is."""
    found: Any = decision
    for step in steps:
        found = found[_step(step)]
    return found


def _step(text: str) -> str | int:
    return int(text) if text.isdigit() else text


REQUIRED: dict[str, tuple[str, ...]] = {
    "": (
        *("schema", "package_id", "division", "office", "files", "proceeding", "persons", "decision"),
        *("private_proceeding", "classification", "minister", "participants", "documents"),
    ),
    "relation": ("kind", "of"),
    "relation.note": ("en", "fr"),
    "files.0": ("number", "persons"),
    "proceeding": ("type", "nature"),
    "persons.0": ("id", "family_name", "outcome"),
    "persons.0.outcome": ("code",),
    "persons.0.outcome.removal_order": ("kind", "action"),
    "persons.0.recourse": ("forum",),
    "persons.0.detained": ("facility",),
    "decision": ("form", "signed_at", "language", "members", "reasons"),
    "decision.members.0": ("name",),
    "decision.heard.0": ("date", "mode"),
    "restrictions.0": ("kind",),
    "minister": ("party",),
    "minister.interventions.0": ("organization", "counsel"),
    "participants.1": ("id", "roles"),
    "participants.1.membership": ("body", "number"),
    "participants.1.of_record": (),
    "participants.1.electronic": ("accepts",),
    "participants.2.designation": ("basis",),
    "participants.2.contact": (),
    "participants.2.contact.postal": ("lines", "municipality", "country"),
    "documents.0": ("path", "kind", "language", "media_type"),
    "already_provided.0": ("participant", "documents", "by", "at", "place"),
}
"""Every object of the format by its place in `full()`, with the fields it cannot be without."""


def _inside(place: str, key: str) -> str:
    return f"{place}.{key}".lstrip(".")


def path_of(place: str) -> str:
    """`persons.0.uci` as `$.persons[0].uci`."""
    return "$" + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in place.split("."))


VALUES: list[tuple[str, object, Code]] = [
    ("schema", "decision-package/2", NO_CODE),
    ("package_id", "6c1d0c0e5f0e4a539d9f5f1d3c0e9a11", INVALID),
    ("package_id", "{6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11}", INVALID),
    ("package_id", "urn:uuid:6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11", INVALID),
    ("package_id", "", INVALID),
    ("package_id", 7, INVALID),
    ("division", "SPR", NO_CODE),
    ("division", "rpd", NO_CODE),
    ("division", ["RPD"], NO_CODE),
    ("office", "Toronto", INVALID),
    ("files", [], INVALID),
    ("files", {}, INVALID),
    ("files.0.number", "x", INVALID),
    ("files.0.persons", "p1", INVALID),
    ("files.0.persons", [], INVALID),
    ("proceeding", "claim", INVALID),
    ("proceeding.type", "appeal", NO_CODE),
    ("proceeding.nature", None, NO_CODE),
    ("persons", [], INVALID),
    ("persons.0", [], INVALID),
    ("persons.0.id", "p 1", INVALID),
    ("persons.0.id", "x" * 65, INVALID),
    ("persons.0.family_name", "", INVALID),
    ("persons.0.family_name", "  ", INVALID),
    ("persons.0.family_name", "x" * 301, INVALID),
    ("persons.0.family_name", {"en": "x"}, INVALID),
    ("persons.0.uci", "123", INVALID),
    ("persons.0.location", "moon", NO_CODE),
    ("persons.0.outcome.code", "granted", NO_CODE),
    ("persons.0.outcome.removal_order.kind", "removal", NO_CODE),
    ("persons.0.recourse.forum", "SCC", NO_CODE),
    ("decision.form", "spoken", NO_CODE),
    ("decision.signed_at", "2026-11-20T15:04:00", INVALID),
    ("decision.signed_at", "2026-11-20 15:04:00-05:00", INVALID),
    ("decision.signed_at", "2026-11-20", INVALID),
    ("decision.signed_at", "1763668800", INVALID),
    ("decision.signed_at", 1763668800, INVALID),
    ("decision.signed_at", "2026-13-20T15:04:00-05:00", INVALID),
    ("decision.signed_at", "0001-01-01T00:00:00+14:00", INVALID),
    ("decision.signed_at", "2026-11-20T15:04:00−05:00", INVALID),
    ("decision.rendered_at", "2026-11-20T15:04:00", INVALID),
    ("decision.language", "de", NO_CODE),
    ("decision.members", [], INVALID),
    ("decision.members.0.signed_at", "2026-11-20T15:04:00", INVALID),
    ("decision.heard.0.date", "2026-02-30", INVALID),
    ("decision.heard.0.date", "86400", INVALID),
    ("decision.heard.0.date", 86400, INVALID),
    ("decision.heard.0.date", "2026-10-02T00:00:00Z", INVALID),
    ("decision.heard.0.mode", "zoom", NO_CODE),
    ("private_proceeding", "true", INVALID),
    ("private_proceeding", 1, INVALID),
    ("private_proceeding", None, INVALID),
    ("private_basis", "166", NO_CODE),
    ("classification", "secret", NO_CODE),
    ("classification", "protected-c", NO_CODE),
    ("minister.party", "yes", INVALID),
    ("minister.interventions.0.organization", "RCMP", NO_CODE),
    ("participants", [], INVALID),
    ("participants.1.roles", [], INVALID),
    ("participants.1.roles.0", "friend", NO_CODE),
    ("participants.1.language", "es", NO_CODE),
    ("participants.1.recipient", "../keys", INVALID),
    ("participants.1.electronic.accepts", "no", INVALID),
    ("participants.1.electronic.withdrawn_at", "2026-11-01", INVALID),
    ("participants.1.of_record.removal", "gone", NO_CODE),
    ("participants.2.contact.fax", "416-555-0123", INVALID),
    ("participants.2.contact.fax", "+1416555０123", INVALID),
    ("participants.2.contact.email", "nobody", INVALID),
    ("participants.2.contact.postal.country", "Canada", INVALID),
    ("participants.2.contact.postal.lines", [], INVALID),
    ("participants.2.contact.unknown", False, NO_CODE),
    ("participants.2.contact.unknown", 1, INVALID),
    ("documents", None, INVALID),
    ("documents.0.path", "reasons.pdf", INVALID),
    ("documents.0.path", "documents/a\\b.pdf", INVALID),
    ("documents.0.kind", "letter", NO_CODE),
    ("documents.0.media_type", "application/msword", NO_CODE),
    ("documents.0.version", "partial", NO_CODE),
    ("relation.kind", "appeal", NO_CODE),
    ("relation.of", "earlier", INVALID),
    ("restrictions.0.kind", "secret", NO_CODE),
    ("restrictions.0.ordered_at", "2026-10-01", INVALID),
    ("sensitive", "no", INVALID),
    ("already_provided.0.documents", [], INVALID),
    ("already_provided.0.at", "16:00", INVALID),
]
"""A value, where it is put, and the code that refuses it there."""

STRUCTURAL = [
    *(
        bad(f"unknown field in {place or 'root'}", put(key := _inside(place, "surprise"), 1), UNKNOWN, path_of(key))
        for place in REQUIRED
    ),
    *(
        bad(f"without {key}", drop(key), MISSING, path_of(key))
        for place, names in REQUIRED.items()
        for key in (_inside(place, name) for name in names)
    ),
    *(bad(f"{place} = {value!r}", put(place, value), code, path_of(place)) for place, value, code in VALUES),
]
"""Faults of form, which the published schema refuses too."""

LINE = "participants.2.contact.postal.lines.0"
NOTE = "relation.note.en"

HIDDEN = [
    *(
        bad(f"{character!a} in {place}", put(place, f"a{character}b"), INVALID, path_of(place))
        for place in ("persons.0.family_name", LINE, "already_provided.0.place")
        for character in "\x00\x07\t\n\r\x1b\x7f\x85\u2028\u2029\u202e\u2066\ufffe"
    ),
    bad("blank address line", put(LINE, " "), INVALID, path_of(LINE)),
    bad("NUL in a note", put(NOTE, "a\x00b"), INVALID, path_of(NOTE)),
    bad("a text beyond all measure", put("documents.0.persons.0", "x" * 2001), INVALID, "$.documents[0].persons[0]"),
]
"""What a reader of the text would not see."""
