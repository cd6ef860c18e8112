"""A plan told as a registrar would: who receives and why, what, by which way, and why by no other."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.text import Text

from gateway.cli.no_break import held, let_go
from gateway.cli.session import Session
from gateway.domain.rules.rule import Obstacle, Standing

Row = Mapping[str, object]

_WIDEST = 110
_INDENT, _DEEPER = 2, 5
_PROVISION = re.compile(r"\b(art|par|al|r)\. (?=\d)")
_GOOD, _CLOSED, _ASKS = "green", "dim", "yellow"


def show_reasoning(session: Session, view: Row) -> None:
    """Prints the whole reasoning, no wider than what reads well."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, _WIDEST) if console.is_terminal else _WIDEST
    teller = _Teller(session)
    with console.capture() as told:
        console.print(teller.case(view))
        for one in cast("Sequence[Row]", view["participants"]):
            console.print(teller.participant(one))
    for line in told.get().splitlines():
        session.print_line(let_go(line.rstrip()))


class _Teller:
    def __init__(self, session: Session) -> None:
        self._session = session

    def case(self, view: Row) -> RenderableType:
        """What everything below depends on."""
        from templates.formats import format_date
        from templates.words import office_name

        session = self._session
        title = Text.assemble(
            (session.word("division.name", str(view["division"])), "bold"),
            f"  {', '.join(cast('list[str]', view['files']))}  ",
            (office_name(str(view["office"]), session.language), "dim"),
        )
        privacy = "private" if view["private_proceeding"] else "public"
        minister = "party" if view["minister_party"] else "not-party"
        facts = [session.text(f"route.proceeding.{privacy}")]
        facts += [session.text(f"route.restriction.{one}") for one in cast("list[str]", view["restrictions"])]
        facts += [session.text("route.sensitive")] if view["sensitive"] else []
        facts.append(session.text(f"route.classification.{view['classification']}"))
        facts.append(session.text(f"route.minister.{minister}"))
        due = session.text("route.due", date=format_date(dt.date.fromisoformat(str(view["due"])), session.language))
        return Group(Line(title, align="left", style="dim"), _indented(Text(" ".join(facts))), _indented(Text(due)))

    def participant(self, one: Row) -> RenderableType:
        """One envelope."""
        parts: list[RenderableType] = ["", self._who(one)]
        parts += [_indented(self._because(rule)) for rule in cast("Sequence[Row]", one["rules"])]
        if one["standing"] == Standing.NOT_PROVIDED:
            return Group(*parts)
        if one["handed_over"]:
            return Group(*parts, _indented(Text(self._session.text("route.handed-over"), style=_GOOD)))
        parts += [*self._documents(one), *self._ways(one)]
        if one["reason"]:
            parts.append(self._person(one))
        return Group(*parts)

    def _who(self, one: Row) -> Text:
        session = self._session
        roles = ", ".join(session.word("role", role) for role in cast("list[str]", one["roles"]))
        text = Text(roles[:1].upper() + roles[1:], style="bold")
        if one["listed"]:
            text.append(f" ({one['participant']})", style="not bold")
        others = [name for name in cast("list[str]", one["members"]) if name != one["participant"]]
        if others:
            text.append(", " + session.text("route.same-envelope", others=", ".join(others)))
        if one["represents"]:
            text.append(", " + session.text("route.for", persons=", ".join(cast("list[str]", one["represents"]))))
        if one["recipient"]:
            text.append(f" → {one['recipient']}", style="dim")
        elif one["address_from"] == "package":
            text.append(" → " + session.text("route.package-address"), style="dim")
        if not one["listed"]:
            text.append("  " + session.text("route.not-listed"), style="dim")
        if one["standing"] == Standing.COURTESY:
            text.append("  " + session.text("route.courtesy"), style="dim")
        return text

    def _documents(self, one: Row) -> Iterator[RenderableType]:
        documents = cast("Sequence[Row]", one["documents"])
        if not documents:
            return
        titles = [self._document(document) for document in documents]
        yield _indented(Text(self._session.text("route.gets", documents=", ".join(titles))))
        rules = {str(cast("Row", document["rule"])["id"]): cast("Row", document["rule"]) for document in documents}
        for rule in rules.values():
            yield _indented(self._because(rule), _DEEPER)

    def _document(self, document: Row) -> str:
        session = self._session
        title = session.word("document", str(document["kind"])).lower()
        if document["version"] != "full":
            title = session.text(f"route.version.{document['version']}", document=title)
        if document["language"] is None:
            return title
        language = session.word("language", str(document["language"]))
        return session.text("route.in-language", document=title, written_in=language)

    def _ways(self, one: Row) -> Iterator[RenderableType]:
        all_ways = cast("Sequence[Row]", one["channels"])
        if not all_ways:
            return
        ways = [way for way in all_ways if not way["on_request"]]
        taken, closed = ([way for way in ways if way["offered"] and way["taken"] is stands] for stands in (True, False))
        for number, way in enumerate(taken, start=1):
            name = self._session.word("channel", str(way["channel"]))
            yield _indented(Text(f"{number}. {name}", style=_CLOSED if one["reason"] else _GOOD))
        order = taken[:1] or [way for way in ways if not way["offered"]][:1]
        yield from (_indented(self._because(cast("Row", way["rule"])), _DEEPER) for way in order)
        yield from (self._closed(same) for same in _by_rule(closed))
        asked = [self._session.word("channel", str(way["channel"])) for way in all_ways if way["on_request"]]
        if asked:
            yield _indented(Text(self._session.text("route.on-request", channels=", ".join(asked)), style=_CLOSED))
        aside = [self._session.word("channel", str(way["channel"])) for way in ways if not way["offered"]]
        if aside:
            yield _indented(Text(self._session.text("route.not-offered", channels=", ".join(aside)), style=_CLOSED))

    def _closed(self, ways: Sequence[Row]) -> RenderableType:
        session = self._session
        names = ", ".join(session.word("channel", str(way["channel"])) for way in ways)
        text = Text.assemble(
            session.text("route.closed", channels=names), " ", self._because(cast("Row", ways[0]["rule"]))
        )
        reason = str(ways[0]["reason"])
        if reason.startswith("key."):
            text.append(" " + self._meaning(reason))
        if ways[0]["size"] is not None:
            size, limit = (session.number(int(str(ways[0][name]))) for name in ("size", "limit"))
            text.append(" " + session.text("route.too-large", size=size, limit=limit))
        for granted in cast("Sequence[Row]", ways[0]["override"] or ()):
            text.append(" " + session.text("route.override") + " ")
            text.append(self._because(granted))
        return _indented(text)

    def _meaning(self, reason: str) -> str:
        from templates.catalogue import text

        return text("reasons", f"{reason}.meaning", self._session.language)

    def _person(self, one: Row) -> RenderableType:
        from templates.catalogue import text

        reason = str(one["reason"])
        action = text("reasons", f"{reason}.action", self._session.language)
        because = cast("Row", one["because"])
        line = Text.assemble("→ ", self._session.text("route.person"), " ", self._because(because), f" {action}")
        line.stylize(_ASKS)
        return _indented(line)

    def _because(self, rule: Row) -> Text:
        """The explanation, its source and the rule's id."""
        language = self._session.language.value
        source, explanation = (str(cast("Row", rule[part])[language]) for part in ("source", "explanation"))
        return Text.assemble(explanation, (f" [{source} · {rule['id']}]", "dim"))


def _by_rule(ways: Sequence[Row]) -> list[list[Row]]:
    """Ways that one rule closes for one reason stand together; those without an address last."""
    found: dict[tuple[bool, str, str], list[Row]] = {}
    for way in ways:
        rule = str(cast("Row", way["rule"])["id"])
        found.setdefault((rule == Obstacle.NO_ADDRESS, rule, str(way["reason"])), []).append(way)
    return [found[key] for key in sorted(found, key=lambda key: key[0])]


def _indented(one: RenderableType, by: int = _INDENT) -> RenderableType:
    return Padding(_whole(one) if isinstance(one, Text) else one, (0, 0, 0, by), expand=False)


def _whole(text: Text) -> Text:
    """The text, of which nothing is torn apart that belongs together: a guillemet and its word, `r.` and its number."""
    text.plain = held(_PROVISION.sub("\\1.\u00a0", text.plain))
    return text
