"""Every statement of the Board's memo on channels, held by the rules: a row a statement, in its own words.

The memo is the note «Échange d'information et interfaces système» of November 2020. Each row names a case in which the
statement speaks, the ways that it names, in the order it ranks them where it does, and the rule that answers; the rule
tells its source in both languages and cites the statement. The statements on time limits are tested with the standards.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.application.rule_files import board_rules
from gateway.domain.outcomes import Division
from gateway.domain.rules.book import RuleBook
from gateway.domain.rules.rule import AnyRule
from tests.application.packages import minimal
from tests.unit.routed import EVERY, EVERYBODY, book, package, planned

MAIL = ["courier", "priority-post", "registered-mail", "regular-mail"]
"""«Courrier» where the memo leaves fax and mail alone: courier counts as mail."""
HEARD = {"date": "2026-11-19", "place": "Toronto"}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `cited`: the words that the rule's source quotes, where it quotes them."""

    words: str
    division: Division
    to: str
    ways: list[str]
    rule: str
    cited: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    rules: RuleBook | None = None


def oral(mode: str) -> dict[str, Any]:
    """An oral decision after a sitting held so."""
    decision = minimal("ID")["decision"] | {"form": "oral", "heard": [HEARD | {"mode": mode}]}
    return {"decision": decision | {"rendered_at": "2026-11-20T15:04:00-05:00"}}


NOT_PARTY = {
    "minister": {"party": False},
    "participants": [one for one in minimal("RPD")["participants"] if one["id"] != "m1"],
}
ELSEWHERE = {"electronic": {"accepts": False}}
REFUSES = {"participants": [one | ELSEWHERE for one in minimal("IAD")["participants"]]}
TRANSCRIPT = {"relation": {"kind": "transcript", "of": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22"}}

STATEMENTS = [
    *(
        Statement(
            words="La décision complète est également communiquée électroniquement par postel, par courriel crypté "
            "ou par service postal ou de messagerie.",
            division=division,
            to="m1",
            ways=["encrypted-email", "secure-upload", "courier", "registered-mail", "regular-mail"],
            rule=f"{division.value.lower()}-ways-minister-counsel",
            cited="par postel, par courriel crypté ou par service postal ou de messagerie",
        )
        for division in (Division.RPD, Division.RAD)
    ),
    *(
        Statement(
            words="Si le ministre intervient, les motifs sont envoyés directement au conseil du ministre par service "
            "postal ou de messagerie, ou par courriel chiffré.",
            division=division,
            to="m1",
            ways=["encrypted-email", "courier", "registered-mail", "regular-mail"],
            rule=f"{division.value.lower()}-ways-minister-counsel",
            cited="par service postal ou de messagerie, ou par courriel chiffré",
            rules=book("minister.secure_upload=closed"),
        )
        for division in (Division.RPD, Division.RAD)
    ),
    *(
        Statement(
            words="Si le ministre n’intervient pas, les motifs sont envoyés au centre de tri d’IRCC/de l’ASFC par "
            "service de messagerie, par postel ou par courriel chiffré.",
            division=division,
            to="sorting-centre",
            ways=["encrypted-email", "secure-upload", "courier"],
            rule=f"{division.value.lower()}-ways-sorting-centre",
            cited="par service de messagerie, par postel ou par courriel chiffré",
            changes=NOT_PARTY,
        )
        for division in (Division.RPD, Division.RAD)
    ),
    Statement(
        words="SI : maintenant, les décisions sont toutes communiquées par courriel, par télécopieur ou (parfois) par "
        "courrier.",
        division=Division.ID,
        to="m1",
        ways=["encrypted-email", "fax", *MAIL],
        rule="id-ways",
        cited="par courriel, par télécopieur et (parfois) par courrier",
    ),
    Statement(
        words="SI, décisions/motifs écrits : le Greffe envoie la mesure et la décision par courriel, par télécopieur "
        "et (parfois) par courrier à toutes les parties.",
        division=Division.ID,
        to="c1",
        ways=["encrypted-email", "fax", *MAIL],
        rule="id-ways",
        cited="par courriel, par télécopieur et (parfois) par courrier",
    ),
    *(
        Statement(
            words="SI : on continue d’utiliser la télécopie et le courrier lorsque l’audience se déroule à huis clos.",
            division=Division.ID,
            to=to,
            ways=["fax", *MAIL],
            rule="id-ways",
            changes={"private_proceeding": True, "private_basis": "166(b)"},
        )
        for to in ("m1", "c1")
    ),
    Statement(
        words="SI, rendue à l’audience : les mesures sont remises en mains propres par le commissaire dans le cas des "
        "audiences en personne.",
        division=Division.ID,
        to="a1",
        ways=["hand-delivery", "fax", *MAIL],
        rule="id-ways-in-person",
        cited="remises en mains propres par le commissaire dans le cas des audiences en personne",
        changes=oral("in-person")
        | {
            "participants": [one for one in minimal("ID")["participants"] if one["id"] != "c1"],
        },
    ),
    *(
        Statement(
            words="SI, rendue à l’audience : envoyées le jour même par le Greffe par courriel, par télécopieur et "
            "(parfois) par courrier lorsque l’audience est tenue à distance.",
            division=Division.ID,
            to="m1",
            ways=["encrypted-email", "fax", *MAIL],
            rule="id-ways-remote",
            cited="envoyées le jour même par le Greffe par courriel, par télécopieur et (parfois) par courrier",
            changes=oral(mode),
        )
        for mode in ("videoconference", "telephone")
    ),
    Statement(
        words="SI : le Greffe envoie les transcriptions (motifs) par courriel, par télécopieur et (parfois) par "
        "courrier.",
        division=Division.ID,
        to="m1",
        ways=["encrypted-email", "fax", *MAIL],
        rule="id-ways",
        cited="par courriel, par télécopieur et (parfois) par courrier",
        changes=oral("videoconference") | TRANSCRIPT,
    ),
    Statement(
        words="SAI : les décisions écrites sont envoyées par courriel (principal moyen de communication), par "
        "télécopieur ou (parfois) par courrier.",
        division=Division.IAD,
        to="m1",
        ways=["encrypted-email", "fax", *MAIL],
        rule="iad-ways",
        cited="par courriel (principal moyen de communication), par télécopieur ou (parfois) par courrier",
    ),
    *(
        Statement(
            words="SAI : la télécopie et le courrier continuent d’être utilisés lorsque les documents d’appel "
            "contiennent des renseignements confidentiels ou de nature délicate …",
            division=Division.IAD,
            to=to,
            ways=["fax", *MAIL],
            rule="iad-ways",
            changes=changes,
        )
        for to in ("m1", "c1")
        for changes in ({"sensitive": True}, {"restrictions": [{"kind": "confidentiality-order"}]})
    ),
    Statement(
        words="SAI : … ou lorsqu’une partie ne peut recevoir de renseignements électroniques.",
        division=Division.IAD,
        to="c1",
        ways=["fax", *MAIL],
        rule="iad-ways",
        changes=REFUSES,
    ),
]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda one: f"{one.division.value} {one.to} {one.words[:60]}")
def test_the_rules_hold_the_statement(statement: Statement) -> None:
    of = package(statement.division, **statement.changes)
    one = planned(of, *EVERYBODY, channels=EVERY, rules=statement.rules)[statement.to]
    offered = {verdict.channel: verdict.rule for verdict in one.verdicts if verdict.taken}
    ways = list(one.channels)
    if one.participant.contact is not None:
        ways = [name for name in ways if name != "fax"]
        assert ways == [name for name in statement.ways if name != "fax"]
    else:
        assert ways == statement.ways
    assert {rule.id for rule in offered.values()} == {statement.rule}
    check_cited(offered[ways[0]], statement)


def check_cited(rule: AnyRule, statement: Statement) -> None:
    """The rule tells its source and reason in both languages, and quotes the memo in its own."""
    assert all((rule.source.en, rule.source.fr, rule.explanation.en, rule.explanation.fr))
    assert rule.explanation.en != rule.explanation.fr
    for source in (rule.source.en, rule.source.fr):
        assert statement.cited in source


@pytest.mark.parametrize(
    ("division", "changes", "rule", "cited"),
    [
        (Division.ID, {"private_proceeding": True, "private_basis": "166(b)"}, "id-private-email", "à huis clos"),
        (Division.IAD, {"sensitive": True}, "iad-sensitive", "confidentiels ou de nature délicate"),
        (Division.IAD, REFUSES, "electronic-refused", "ne peut recevoir de renseignements électroniques"),
    ],
)
def test_what_closes_e_mail_cites_the_memo_in_both_languages(
    division: Division, changes: dict[str, Any], rule: str, cited: str
) -> None:
    one = planned(package(division, **changes), *EVERYBODY, channels=EVERY)["c1"]
    closed = next(verdict for verdict in one.verdicts if verdict.channel == "encrypted-email")
    assert closed.rule.id == rule
    assert cited in closed.rule.source.en
    assert cited in closed.rule.source.fr


def test_every_rule_speaks_both_languages() -> None:
    rules = board_rules().rules
    groups = (rules.recipient, rules.required, rules.record, rules.order, rules.gate, rules.ask, rules.enclosure)
    said = [one for group in (*groups, rules.obstacle) for one in group]
    assert len(said) > 100
    for one in said:
        assert one.explanation.en.endswith(".")
        assert one.explanation.fr.endswith(".")
        assert one.explanation.en != one.explanation.fr
