"""Packages, directory entries and means for tests of routing under the Board's rules."""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any

from gateway.application.intake.decision_json import read_decision
from gateway.application.rule_files import FILES, RuleFile, board_rules, read_book
from gateway.application.rules import rule_text
from gateway.domain.case_facts import CaseFacts, ServedBefore
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import (
    ChannelName,
    PostalAddress,
    PreferredLanguage,
    Protection,
    Recipient,
    RecipientChannel,
    RecipientKind,
)
from gateway.domain.reasons import Reason
from gateway.domain.routing import Directory, PlannedDelivery, plan
from gateway.domain.rules.book import RuleBook
from gateway.domain.ways import DocumentSize, Means, WayLimits
from tests.application.packages import members_of, minimal

TODAY = dt.date(2026, 11, 20)
EMAIL = ("encrypted-email",)
EVERY = tuple(one.value for one in ChannelName if one is not ChannelName.OUTCOME_FEED)
POSTAL = PostalAddress(
    lines=("1 Example St",), municipality="Toronto", province="ON", postal_code="M5V 3L9", country="CA"
)


def entry(
    name: str,
    kind: RecipientKind = RecipientKind.MINISTER_COUNSEL,
    *,
    certificate: bytes | None = b"der",
    offices: Collection[str] = (),
    organization: str | None = None,
    channels: Collection[str] = EVERY,
) -> Recipient:
    """A directory entry that can be reached by every way, unless told otherwise."""
    ways = tuple(
        RecipientChannel(
            type=one,
            address="a@b.example",
            protection=Protection.SMIME,
            certificate=certificate,
            account="a",
            number="+14165550123",
            postal=POSTAL,
        )
        for one in channels
    )
    return Recipient(
        id=name,
        name=name,
        kind=kind,
        organization=organization,
        language=PreferredLanguage.FR,
        channels=ways,
        offices=frozenset(offices),
    )


MINISTER = entry("cbsa-hearings-gta")
COUNSEL = entry("counsel-12345p", RecipientKind.COUNSEL)
CENTRE = entry("sorting", RecipientKind.SORTING_CENTRE)
THE_RPD = entry("rpd-registry", RecipientKind.DIVISION)
EVERYBODY = (MINISTER, COUNSEL, CENTRE, THE_RPD)


def directory(*entries: Recipient) -> Directory:
    """A directory of these entries."""

    def of_kind(kind: RecipientKind) -> Sequence[Recipient]:
        return [one for one in entries if one.kind is kind]

    return Directory(by_id={one.id: one for one in entries}, of_kind=of_kind)


def package(division: Division | str = Division.RPD, **changes: Any) -> DecisionPackage:
    """The minimal package of a division with `changes`."""
    decision = minimal(division, **changes)
    return read_decision(json.dumps(decision).encode(), members_of(decision))


def decisions(*decided: str) -> str:
    """A rule file in which an officer decided settings, each as `fax.protected_b=open`."""
    text = ""
    for one in decided:
        setting, value = one.split("=")
        words = {"setting": setting, "value": value, "by": "officer", "on": "2026-11-01", "why": "test"}
        text += "[[decided]]\n" + "\n".join(f"{name} = {json.dumps(word)}" for name, word in words.items()) + "\n\n"
    return text


def book(*decided: str, overlay: str = "") -> RuleBook:
    """The Board's rules with settings decided, and more of a registry's own file."""
    text = overlay + decisions(*decided)
    return read_book(board_files(), RuleFile(name="registry.toml", text=text)) if text else board_rules()


def granting(gate: str, *, division: str, when: str) -> str:
    """A registry's own gate in the place of the Board's, which grants an override."""
    return f"""
[[gate]]
id = "{gate}"
when = {{ division = ["{division}"], {when} }}
channels = ["encrypted-email", "secure-upload"]
reason = "plan.confidential"
source = {{ en = "Memo", fr = "Note" }}
explanation = {{ en = "Sensitive.", fr = "Délicat." }}
[gate.override]
source = {{ en = "Registry directive 7", fr = "Directive 7 du greffe" }}
explanation = {{ en = "With the written consent of the party.", fr = "Avec le consentement écrit de la partie." }}
"""


def board_files() -> list[RuleFile]:
    """The Board's rule files as they come."""
    return [RuleFile(name=name, text=rule_text(name)) for name in FILES]


def planned(
    of: DecisionPackage,
    *entries: Recipient,
    channels: Collection[str] = EMAIL,
    rules: RuleBook | None = None,
    sizes: dict[str, DocumentSize] | None = None,
    max_bytes: int = 10_000_000,
    key_fault: Reason | None = None,
    served_before: Sequence[ServedBefore] = (),
    today: dt.date = TODAY,
    suspended: Collection[str] = (),
    sealing: Collection[str] = (),
) -> dict[str, PlannedDelivery]:
    """The plans by participant."""
    found = directory(*entries)
    case = CaseFacts(
        package=of,
        book=rules or board_rules(),
        today=today,
        organizations=found.organizations(of),
        served_before=served_before,
    )
    limits = {one: WayLimits(max_bytes=max_bytes, growth=2.6, seals=one in sealing) for one in channels}
    means = Means(channels=limits, key_fault=lambda _: key_fault, suspended=frozenset(suspended), sizes=sizes or {})
    return {one.participant.id: one for one in plan(case, found, means)}
