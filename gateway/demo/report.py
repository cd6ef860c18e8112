"""What the demonstration shows a person: a page in the terminal, in their language."""

from collections.abc import Sequence
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.demo import words
from gateway.demo.case_system import FeedResult
from gateway.demo.commands import Command
from gateway.demo.forgeries import Forgery
from gateway.demo.play import Outcome
from gateway.demo.results import CAME, DeliveryResult, PackageResult
from gateway.demo.words import said
from gateway.domain.delivery import DeliveryState
from gateway.domain.parties import Language
from templates.problem_document import problem_document
from templates.words import word

_WIDEST = 124
_UNWATCHED = 110
"""Columns when the output goes to a file."""

_GOOD, _BAD, _NOTE = "green", "bold red", "yellow"
_MARGIN = 2

_HEADINGS = ("who", "how", "what", "opened", "state", "after")
_ROOMY = (30, 18, 23, 13, 22, 7)
_TIGHT = (25, 16, 20, 11, 13, 7)
"""Widths of the columns: the usual words stay on one line in the first, and nearly all in the second."""


def console() -> Console:
    """Standard output, no wider than what reads well."""
    found = Console(highlight=False)
    width = min(found.width, _WIDEST) if found.is_terminal else _UNWATCHED
    return Console(highlight=False, width=width)


def page(outcome: Outcome, language: Language, room: int) -> RenderableType:
    """Everything but what to try next, for a page of `room` columns."""
    parts: list[RenderableType] = [
        "",
        Text(said("title", language), style="bold"),
        Text(said("intro", language), style="dim"),
    ]
    for package in outcome.packages:
        parts += ["", _package(package, language, room)]
    parts += ["", _heading("refused.title", language), _refused(outcome.forgeries, language)]
    parts += ["", _heading("feed.title", language), _feed(outcome.feed, language)]
    parts += ["", _heading("at-rest.title", language), _at_rest(outcome, language)]
    return Group(*parts, "", *_summary(outcome, language))


def print_commands(to: Console, title: str, rows: Sequence[Command], language: Language) -> None:
    """A heading and commands to copy, each under a remark. Long ones are left to the terminal to wrap, so that they
    come out whole when they are copied."""
    to.print("", _heading(title, language))
    for row in rows:
        to.print(f"  # {said(row.key, language)}", style="dim", markup=False)
        for line in row.lines:
            to.print(f"  {line}", style="cyan", markup=False, soft_wrap=True)


def _heading(key: str, language: Language) -> RenderableType:
    return Rule(Text(said(key, language), style="bold"), align="left", style="dim")


def _indented(one: RenderableType, by: int = _MARGIN) -> RenderableType:
    return Padding(one, (0, 0, 0, by), expand=False)


def _package(package: PackageResult, language: Language, room: int) -> RenderableType:
    title = Text.assemble((words.title(package, language), "bold"), "  ", (words.place(package, language), "dim"))
    decided = Table.grid(padding=(0, 2))
    for numbers, sentence in words.outcomes(package, language):
        decided.add_row(Text(numbers, style="bold"), sentence)
    reasons = [_reason(one, language) for one in package.deliveries if one.delivery.reason or one.failed]
    return Group(
        Rule(title, align="left", style="dim"),
        _indented(decided),
        "",
        _indented(_deliveries(package, language, room)),
        *reasons,
    )


def _deliveries(package: PackageResult, language: Language, room: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    widths = _ROOMY if room >= sum(_ROOMY) + len(_ROOMY) + _MARGIN else _TIGHT
    for heading, width in zip(_HEADINGS, widths, strict=True):
        justify: Literal["left", "right"] = "right" if heading == "after" else "left"
        table.add_column(said(f"heading.{heading}", language), width=width, justify=justify)
    for result in package.deliveries:
        table.add_row(*_row(package, result, language))
    return table


def _row(package: PackageResult, result: DeliveryResult, language: Language) -> tuple[RenderableType, ...]:
    delivery = result.delivery
    mark = "" if result.good else "✗ "
    state = Text(mark + word("delivery-state", delivery.state.value, language), style=_style(result))
    who = Text.assemble(words.who(result, language), "\n", (words.whose(result), "dim"))
    who.rstrip()
    if delivery.state not in CAME or delivery.channel is None:
        nothing = said("row.nothing", language) if delivery.state is DeliveryState.NEEDS_PERSON else ""
        return (who, "–", Text(nothing, style="dim"), "", state, "")
    how = Text(word("channel", delivery.channel, language))
    what = Text.assemble(words.files(result, language), "\n", (words.languages(package, result, language), "dim"))
    opened = Text(f"✓ {words.opened_with(result, language)}" if result.documents else "✗", style=_style(result))
    after = result.handed_over_after
    span = words.decimal(after.total_seconds(), 2, language) if after else ""
    return (who, how, what, opened, state, Text(said("row.seconds", language, seconds=span), style="dim"))


def _style(result: DeliveryResult) -> str:
    if not result.good:
        return _BAD
    return _NOTE if result.delivery.state is DeliveryState.NEEDS_PERSON else _GOOD


def _reason(result: DeliveryResult, language: Language) -> RenderableType:
    """Why a person must act, or which check failed."""
    if result.failed is not None:
        return _indented(Text(f"✗ {said(f'check.{result.failed.value}', language)}", style=_BAD))
    assert result.delivery.reason is not None  # noqa: S101  (asked for by the caller)
    parts = words.reason(result.delivery.reason, language)
    line = said("reason.line", language, who=words.who(result, language), **parts)
    return _indented(Text(f"→ {line}", style=_NOTE))


def _refused(forgeries: Sequence[Forgery], language: Language) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for forgery in forgeries:
        name = said(f"refused.{forgery.name}", language)
        if forgery.refusal is None:
            table.add_row(Text("✗", style=_BAD), name, Text(said("refused.taken", language), style=_BAD))
            continue
        reason = str(problem_document(forgery.refusal, language)["title"])
        refused = Text.assemble(said("refused.refused", language, title=reason), (f"  {forgery.refusal.code}", "dim"))
        table.add_row(Text("✓", style=_GOOD), name, refused)
    return _indented(table)


def _feed(feed: FeedResult | None, language: Language) -> RenderableType:
    if feed is None or not feed.good:
        return _indented(Text(f"✗ {said('feed.failed', language)}", style=_BAD))
    size = words.decimal(feed.octets / 1_000, 1, language)
    told = said("feed.told", language, told=feed.told, size=size, accepted=feed.accepted)
    rejected = said("feed.rejected", language, code=feed.code)
    return _indented(Text.assemble(("✓ ", _GOOD), f"{told}\n", (f"→ {rejected}", _NOTE)))


def _at_rest(outcome: Outcome, language: Language) -> RenderableType:
    seen = outcome.at_rest
    if seen.found:
        return _indented(Text(f"✗ {said('at-rest.found', language, files=', '.join(seen.found))}", style=_BAD))
    size = said("at-rest.size", language, size=words.decimal(seen.size / 1_000_000, 1, language))
    line = said("at-rest.clean", language, files=seen.files, size=size, words=seen.words)
    return _indented(Text.assemble(("✓ ", _GOOD), line))


def _summary(outcome: Outcome, language: Language) -> Sequence[RenderableType]:
    spent = said("summary.time", language, seconds=words.decimal(outcome.seconds, 1, language))
    if not outcome.good:
        return [Text(said("summary.failed", language), style=_BAD), Text(spent, style="dim")]
    good = said("summary.good", language, opened=outcome.opened)
    waiting = said("summary.waiting", language, count=outcome.waiting)
    note = said("summary.handed-over", language)
    return [Text(f"{good} {waiting} {spent}", style="bold"), Text(note, style="dim")]
