"""Every text that the command line asks for is there in both languages, and none stands there that nobody asks for."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.application.dates.closures import Holiday
from gateway.application.people.approvals import Outcome
from gateway.checks import Detail, Finding, Name
from gateway.domain import report
from gateway.domain.accounts import AccountRole, AccountStanding, SignInWay
from gateway.domain.calendar import DayKind
from gateway.domain.calls import CallFault, Subject
from gateway.domain.carriage import CarriageState
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.dispatch import DispatchState, Step
from gateway.domain.evidence_checks import EvidenceCheck
from gateway.domain.feed import FeedState
from gateway.domain.key_findings import KeyFault
from gateway.domain.ledger import LedgerFault
from gateway.domain.manifest import ItemState
from gateway.domain.outcomes import Division
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.package import Classification, DocumentKind, RestrictionKind
from gateway.domain.parties import ChannelName, Language, RecipientKind, Role
from gateway.domain.print_order import PrintState
from gateway.domain.proof import ProofKind, ProofNeeds
from gateway.domain.proposals import Caution, ChangeKind, ProposalState
from gateway.domain.recall import Containment
from gateway.domain.retention import Kept
from gateway.domain.rules.rule import Standing
from gateway.domain.scan import ScanFault, ScanMeaning
from gateway.domain.trust import Revocation
from gateway.domain.urgency import Urgency
from gateway.ports.incoming import Handling
from templates.catalogue import messages, placeholders

SOURCES = sorted((Path(__file__).resolve().parents[2] / "gateway/cli").glob("*.py"))

FAMILIES: Mapping[str, Iterable[str]] = {
    "help.{}": (),
    "evidence.check.{}": EvidenceCheck,
    "evidence.needs.{}": ProofNeeds,
    "evidence.fault.{}": LedgerFault,
    "usage.{}": ("no-option", "no-command"),
    "usage.{}-perhaps": ("no-option", "no-command"),
    "package.revocation.{}": Revocation,
    "keys.what.{}": ("anchor", "own", "recipient", "recipient-anchor"),
    "keys.rotated.{}": OwnKeyName,
    "doctor.check.{}": Name,
    "doctor.finding.{}": Finding,
    "doctor.detail.{}": Detail,
    "retention.destroyed-{}": (Kept.PACKAGE, Kept.EVIDENCE),
    "heading.{}": (),
    "{}.date": ("deadline", "deemed-receipt"),
    "changes.{}": Outcome,
    "manifest.state.{}": ItemState,
    "route.proceeding.{}": ("private", "public"),
    "route.minister.{}": ("party", "not-party"),
    "route.restriction.{}": RestrictionKind,
    "route.classification.{}": Classification,
    "route.version.{}": ("redacted", "non-disclosure"),
    "route.standing.{}": (*Standing, "handed-over"),
    "recall.left.{}": (ResultName.HANDED_OVER, ResultName.MAYBE_SENT, "on-its-way"),
    "recall.meaning.{}": Containment,
}
"""Keys that are put together when they are asked for. Those of `help` and `heading` are literals one call further."""

WORDS: Mapping[str, Iterable[StrEnum]] = {
    "delivery-state": DeliveryState,
    "dispatch-state": DispatchState,
    "attempt-result": ResultName,
    "step": (Step.PLAN, Step.RENDER),
    "role": Role,
    "channel": ChannelName,
    "feed-state": FeedState,
    "recipient-kind": RecipientKind,
    "division.code": Division,
    "day": DayKind,
    "holiday": Holiday,
    "urgency": Urgency,
    "office": (),
    "account-role": AccountRole,
    "account-standing": AccountStanding,
    "sign-in-way": SignInWay,
    "change-kind": ChangeKind,
    "proposal-state": ProposalState,
    "caution": Caution,
    "key-fault": KeyFault,
    "division.name": Division,
    "language": Language,
    "document": DocumentKind,
    "finding": report.Finding,
    "call-subject": Subject,
    "call-fault": CallFault,
    "proof-paper": ProofKind,
    "handling": Handling,
    "scan-meaning": ScanMeaning,
    "scan-fault": ScanFault,
    "carriage-state": CarriageState,
    "print-state": PrintState,
    "containment": Containment,
    "kept": (Kept.PACKAGE, Kept.EVIDENCE),
}


class Asked(NamedTuple):
    """A call that asks for a text: where, the key or its pattern, and the facts it gives."""

    place: str
    key: str
    facts: frozenset[str]
    open: bool
    """Gives more facts than can be read off the call."""


def calls(*names: str) -> Iterator[tuple[str, str, ast.Call]]:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in names:
                    yield f"{source.name}:{node.lineno}", name, node


def pattern(node: ast.expr) -> str | None:
    """A literal as it stands, an f-string with `{}` for each value; None for what can only be known at run time."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


@cache
def asked() -> tuple[Asked, ...]:
    found = []
    for place, name, call in calls("told", "text", "said", "add", "group", "headed"):
        facts = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
        more = any(keyword.arg is None for keyword in call.keywords)
        prefix = {"told": "", "text": "", "headed": "heading."}.get(name, "help.")
        arguments = _keys(name, call)
        found += [Asked(place, prefix + key, facts, more) for key in map(pattern, arguments) if key is not None]
    return tuple(found)


def _keys(name: str, call: ast.Call) -> list[ast.expr]:
    if name == "text" and isinstance(call.func, ast.Name):
        return []  # another area's, by the catalogue's own function
    if name == "headed":
        return call.args[1:]
    if name == "add":
        return [call.args[3] if len(call.args) > 3 else call.args[1]] if len(call.args) > 2 else []
    return call.args[:1]


def keys() -> set[str]:
    literal = {one.key for one in asked() if "{}" not in one.key}
    return literal | {family.format(value) for family, values in FAMILIES.items() for value in values}


@pytest.mark.parametrize("language", Language)
def test_every_key_that_is_asked_for_is_in_the_catalogue(language: Language) -> None:
    assert keys() - set(messages("cli", language)) == set()


@pytest.mark.parametrize("language", Language)
def test_no_key_stands_in_the_catalogue_that_nobody_asks_for(language: Language) -> None:
    assert set(messages("cli", language)) - keys() == set()


def test_every_key_that_is_put_together_belongs_to_a_family_that_is_enumerated_here() -> None:
    assert {one.key for one in asked() if "{}" in one.key} == set(FAMILIES)


def test_the_scan_finds_the_calls_it_is_meant_to_find() -> None:
    assert {"help.keys.trust.crl", "help.submit", "help.tokens", "heading.reference", "usage.other"} <= keys()
    assert len(keys()) > 150


@pytest.mark.parametrize("language", Language)
def test_every_call_gives_the_facts_that_its_text_names(language: Language) -> None:
    texts = messages("cli", language)
    lacking = [
        (one.place, one.key)
        for one in asked()
        if one.key in texts and not one.open and not placeholders(texts[one.key]) <= one.facts
    ]
    assert lacking == []


@pytest.mark.parametrize("language", Language)
def test_a_text_with_plural_forms_is_given_a_count(language: Language) -> None:
    texts = messages("cli", language)
    without = [
        one.key
        for one in asked()
        if isinstance(texts.get(one.key), Mapping) and not one.open and "count" not in one.facts
    ]
    assert without == []


def test_both_languages_name_the_same_facts() -> None:
    english, french = messages("cli", Language.EN), messages("cli", Language.FR)
    # A singular may write its one out, so `count` need not stand in both.
    different = [
        key for key in english if placeholders(english[key]) - {"count"} != placeholders(french[key]) - {"count"}
    ]
    assert different == []


@pytest.mark.parametrize("language", Language)
def test_every_word_that_is_asked_for_is_in_the_vocabulary(language: Language) -> None:
    kinds = {str(pattern(call.args[0])) for _, name, call in calls("word") if name == "word"}
    assert kinds == set(WORDS)
    words = messages("words", language)
    assert [f"{kind}.{code}" for kind in kinds for code in WORDS[kind] if f"{kind}.{code}" not in words] == []


CATALOGUES = sorted({path.stem for path in (SOURCES[0].parents[2] / "templates/catalogues/fr").glob("*.toml")})

STRAIGHT_APOSTROPHE = re.compile(r"\w'\w")
ORDINARY_SPACE = re.compile(r" [:;?!»]|« ")


@pytest.mark.parametrize("area", CATALOGUES)
def test_french_is_set_as_french(area: str) -> None:
    texts = messages(area, Language.FR)
    forms = [
        (key, form) for key, text in texts.items() for form in ([text] if isinstance(text, str) else text.values())
    ]
    assert [key for key, form in forms if STRAIGHT_APOSTROPHE.search(form)] == []
    assert [key for key, form in forms if ORDINARY_SPACE.search(form)] == []
