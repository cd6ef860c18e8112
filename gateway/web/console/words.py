"""Texts, moments and the words for codes, as the pages of the console show them."""

import datetime as dt

from gateway.application.dates.office_dates import zone_of
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import Problem
from templates.catalogue import has, problem_text, text
from templates.formats import format_date, format_number, format_time, format_zone

_GROUP = 4
_OF_FACTS = {"state": "delivery-state", "channel": "channel"}
"""Facts of problems that are codes, and the words they have."""


class Words:
    """In one language, on the clock of one office."""

    def __init__(self, language: Language, office: str) -> None:
        self.language = language
        self.zone = zone_of(office)
        """In which a moment is read and shown."""

    def text(self, key: str, **facts: str | int) -> str:
        """A text of the console."""
        return text("console", key, self.language, **facts)

    def word(self, kind: str, code: object) -> str:
        """The word for a code; a third party's channel goes by its own name."""
        key = f"{kind}.{code}"
        return text("words", key, self.language) if has("words", key, self.language) else str(code)

    def has(self, key: str) -> bool:
        """Whether the console has that text."""
        return has("console", key, self.language)

    def reason(self, code: object, part: str) -> str:
        """What a reason means (`meaning`), or what to do next (`action`): what to press in place of a command."""
        if part == "action" and has("told", f"reason.{code}", self.language):
            return text("told", f"reason.{code}", self.language)
        return text("reasons", f"{code}.{part}", self.language)

    def has_reason(self, code: object) -> bool:
        """Whether it is the code of a reason."""
        return has("reasons", f"{code}.meaning", self.language)

    def event(self, name: str) -> str:
        """What an event of a delivery's time line says."""
        return (
            self.text(f"event.{name}") if has("console", f"event.{name}", self.language) else self.text("event.other")
        )

    def act(self, action: object) -> str:
        """What a time line says of an act that was done."""
        done = f"act.{action}.happened"
        return self.text(done if self.has(done) else f"act.{action}.title")

    def wrong(self, problem: Problem, field: str, *, area: str = "act") -> str:
        """What is wrong, of a field that a form names so; its label stands in that area."""
        if problem.code is Code.REQUEST_INVALID:
            label = next((one for one in (f"{area}.{field}", f"act.{field}") if has("console", one, self.language)), "")
            if label:
                key = f"{area}.wrong-at" if field.rpartition("_")[2] == "at" else "act.wrong-field"
                return self.text(key, field=self.text(label))
        return self.told(problem)[1]

    def told(self, problem: Problem) -> tuple[str, str]:
        """Title and detail of a problem as staff read it: with what to press in place of a command, and words in place
        of codes."""
        facts = {
            name: self.word(kind, problem.facts[name]) for name, kind in _OF_FACTS.items() if name in problem.facts
        }
        act = f"act.{problem.facts.get('action')}.title"
        facts |= {"action": self.text(act)} if self.has(act) else {}
        return problem_text(problem, self.language, instead="told", facts=facts)

    def fingerprint(self, text: object) -> str:
        """Of a key, in groups that can be read aloud."""
        signs = str(text)
        return " ".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))

    def date(self, day: dt.date) -> str:
        """A day."""
        return format_date(day, self.language)

    def short_date(self, day: dt.date) -> str:
        """A day without its year, where there is little room."""
        return format_date(day, self.language).replace(f", {day.year}", "").replace(f" {day.year}", "")

    def moment(self, moment: dt.datetime) -> str:
        """A moment on the office's clock."""
        here = moment.astimezone(self.zone)
        return self.text(
            "page.moment",
            date=format_date(here.date(), self.language),
            time=format_time(here.time(), self.language),
            zone=format_zone(here, self.language),
        )

    def time(self, clock: dt.time) -> str:
        """A time of day."""
        return format_time(clock, self.language)

    def number(self, number: int) -> str:
        """A number."""
        return format_number(number, self.language)
