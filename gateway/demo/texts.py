"""The invented texts of the decisions: facts filled in, paragraphs numbered, the long one made long."""

import datetime as dt
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Language
from templates.formats import format_date
from templates.matter import full_name
from templates.words import office_name

LONG = "en/rad-appeal.md"
_ANNEX = "en/rad-documents.md"
_ANNEXED = 72
"""Documents that the annex of the long paper goes through: it then has some thirty pages."""

_NUMBER = re.compile(r"^\[#\]", re.MULTILINE)
_BETWEEN = "===\n"

_KINDS = (
    "a tide table",
    "a page of the cargo book",
    "a bill of lading",
    "a weighing slip",
    "a duty roster",
    "a pilot’s report",
    "a warehouse receipt",
)
_PLACES = ("the west quay", "the salt warehouse", "the pilot station", "the harbour office", "the dry dock")
_PAGES = ("two pages", "three pages", "four pages", "five pages", "six pages")
_FIRST_DAY = dt.date(2019, 3, 4)
_DAYS_BETWEEN = dt.timedelta(days=11)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a text says of its case."""

    decision: DecisionPackage
    heard_on: dt.date

    def words(self, language: Language) -> Mapping[str, str]:
        """The words for the gaps of a text."""
        decision = self.decision
        persons = {f"person{number}": full_name(one) for number, one in enumerate(decision.persons, start=1)}
        ucis = {f"uci{number}": one.uci or "" for number, one in enumerate(decision.persons, start=1)}
        return {
            **persons,
            **ucis,
            "files": ", ".join(one.number for one in decision.files),
            "member": decision.decision.members[0].name,
            "heard": format_date(self.heard_on, language),
            "signed": format_date(decision.decision.signed_at.date(), language),
            "office": office_name(decision.office, language),
            "count": str(_ANNEXED),
        }


def filled(name: str, facts: Facts, language: Language) -> bytes:
    """The text of that name about these facts, as Markdown."""
    text = Template(_read(name)).substitute(facts.words(language))
    if name == LONG:
        text += "\n" + "\n".join(_annex())
    numbers = itertools.count(1)
    return _NUMBER.sub(lambda _: f"[{next(numbers)}]", text).encode()


def _annex() -> list[str]:
    """The same few looks at a document, again and again with other particulars."""
    looks = [Template(one) for one in _read(_ANNEX).split(_BETWEEN)]
    return [looks[number % len(looks)].substitute(_particulars(number)) for number in range(_ANNEXED)]


def _particulars(number: int) -> Mapping[str, str]:
    kind = _KINDS[number % len(_KINDS)]
    return {
        "number": str(number + 1),
        "kind": kind,
        "title": kind.partition(" ")[2],
        "place": _PLACES[number % len(_PLACES)],
        "pages": _PAGES[number % len(_PAGES)],
        "date": format_date(_FIRST_DAY + number * _DAYS_BETWEEN, Language.EN),
        "paragraph": str(12 + 3 * number),
    }


def _read(name: str) -> str:
    return files("gateway.demo").joinpath(f"samples/texts/{name}").read_text("utf-8")
