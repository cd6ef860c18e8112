"""Every statement of the Board's memo about time, division by division, and how the gateway holds to it.

The memo is the Board's note «Échange d'information et interfaces système» of November 2020.
"""

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.application.dates.office_dates import deadline
from gateway.application.rules import service_standards
from gateway.domain.outcomes import Division
from gateway.domain.service_standard import Circumstances, Form, Mode
from tests.e2e import forked

SIGNED = dt.datetime.fromisoformat("2026-11-20T15:04:00-05:00")
"""A Friday; no holiday follows within two weeks."""


@dataclass(frozen=True)
class Statement:
    """One sentence of the memo, a decision it speaks of, and the day it is sent by when effective on SIGNED."""

    division: Division
    words: str
    due: str
    warn: str | None = None
    form: Form = "written"
    mode: Mode | None = None


FOUR_TO_FIVE = "dans un délai de quatre à cinq jours ouvrables (après la signature de la décision par le commissaire)"
FIVE = "dans les cinq jours ouvrables (après la signature de la décision par le commissaire)"
TWO = "dans un délai de deux jours ouvrables (après la signature de la décision par le commissaire)"
BY_HAND = "remises en mains propres par le commissaire dans le cas des audiences en personne"
SAME_DAY = "envoyées le jour même par le Greffe"

MEMO = [
    Statement(Division.RPD, FOUR_TO_FIVE, due="2026-11-27", warn="2026-11-26"),
    Statement(Division.RPD, FOUR_TO_FIVE, due="2026-11-27", warn="2026-11-26", form="oral", mode="videoconference"),
    Statement(Division.RAD, FOUR_TO_FIVE, due="2026-11-27", warn="2026-11-26"),
    Statement(Division.IAD, FIVE, due="2026-11-27"),
    Statement(Division.IAD, FIVE, due="2026-11-27", form="oral", mode="in-person"),
    Statement(Division.ID, TWO, due="2026-11-24"),
    Statement(Division.ID, BY_HAND, due="2026-11-20", form="oral", mode="in-person"),
    Statement(Division.ID, SAME_DAY, due="2026-11-20", form="oral", mode="videoconference"),
    Statement(Division.ID, SAME_DAY, due="2026-11-20", form="oral", mode="telephone"),
]


@pytest.mark.parametrize("said", MEMO)
def test_each_statement_of_the_memo_is_a_standard_that_cites_it(said: Statement) -> None:
    case = Circumstances(division=said.division, form=said.form, mode=said.mode)
    due = deadline(case, SIGNED, "toronto")
    assert due.date == dt.date.fromisoformat(said.due)
    assert due.warn_on == (said.warn and dt.date.fromisoformat(said.warn))
    for source in (due.standard.source, due.standard.source_fr):
        assert said.words in source


def test_each_statement_has_a_standard_and_each_standard_its_statement_or_is_a_setting() -> None:
    cited = {one.words for one in MEMO}
    for standard in service_standards():
        assert any(words in standard.source for words in cited) is not standard.source.startswith("Setting")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["Due: Friday, November 27, 2026", "Urgent from: Thursday, November 26, 2026", "Rule rpd: The memo, RPD"],
        ),
        (
            "fr",
            [
                "À transmettre au plus tard le vendredi 27 novembre 2026",
                "Urgent à partir du jeudi 26 novembre 2026",
                "Règle rpd\u00a0: Note de la CISR, SPR",
            ],
        ),
    ],
)
def test_the_command_says_it_in_both_languages(language: str, said: list[str], tmp_path: Path) -> None:
    line = ["deadline", "--division", "RPD", "--signed-at", SIGNED.isoformat(), "--form", "written"]
    line += ["--mode", "in-writing", "--office", "toronto"]
    shown = gateway(tmp_path, *line, "--lang", language)
    assert [one for one in said if one not in shown] == []
    assert json.loads(gateway(tmp_path, *line, "--json"))["date"] == "2026-11-27"


def gateway(home: Path, *arguments: str) -> str:
    done = forked.gateway(["--home", str(home), *arguments], os.environ, timeout=60)
    assert done.returncode == 0
    return done.stdout
