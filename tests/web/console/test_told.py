"""What staff read in the console tells what to press there: it names no command, and nothing that no page has."""

import re

import pytest
import typer

from gateway.cli.main import build
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason
from gateway.web.console.words import Words
from templates.catalogue import messages

COMMANDS = "|".join(sorted(getattr(typer.main.get_command(build()), "commands")))  # noqa: B009  (click's group)
COMMAND = re.compile(rf"\bgateway (?:{COMMANDS})\b")
ELSEWHERE = {
    Code.KEY_NOT_TESTED: "samples are sent on the machine",
    Code.KEY_NOT_IN_DIRECTORY: "directories of certificates are asked on the machine",
    Code.DISPATCH_NOT_STUCK: "a dispatch is tried again on the machine",
    Code.EVIDENCE_UNREADABLE: "evidence is exported and verified on the machine",
    Code.PAPER_CHANGED: "papers of proof are signed on the machine",
    Code.FEED_ACKNOWLEDGEMENT_INVALID: "acknowledgements come by the folder of the feed",
    Code.HOME_MISSING: "without a home there is no console",
    Code.BACKUP_UNREADABLE: "what is restored is restored on the machine",
}
"""Problems that no page of the console meets, and why."""


@pytest.mark.parametrize("language", Language)
def test_no_text_of_the_console_names_a_command(language: Language) -> None:
    words = Words(language, "toronto")
    said = {f"console {key}": str(text) for key, text in messages("console", language).items()}
    said |= {f"words {key}": str(text) for key, text in messages("words", language).items()}
    said |= {f"{one.value} {part}": words.reason(one.value, part) for one in Reason for part in ("meaning", "action")}
    said |= {one.value: " ".join(words.told(Conflict(one))) for one in Code if one not in ELSEWHERE}
    assert {place: text for place, text in said.items() if COMMAND.search(text)} == {}


@pytest.mark.parametrize("language", Language)
def test_what_is_to_be_pressed_or_opened_is_called_so_on_a_page(language: Language) -> None:
    pressed = {str(one) for one in messages("console", language).values()}
    quoted = {
        name.strip()
        for text in messages("told", language).values()
        for name in re.findall(r"“([^”]+)”|«([^»]+)»", str(text))
        for name in name
        if name
    }
    assert len(quoted) > 10
    assert quoted - pressed - {"{action}"} == set()
