"""Reasons written in Markdown, read as CommonMark with tables and footnotes.

Nothing that stands in the source is left out, and nothing is fetched: raw HTML is text; the address of a link or
picture is printed after its words; link definitions are not taken out of the text (`[1]: Toronto` stays a line).
`[passage]{lang=fr}` names the language of a passage, which readers for the blind then speak in it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.pdf.text import LINE_BREAK, Run

DEEPEST_NESTING = 100
"""markdown-it drops what is nested deeper: such a document is refused."""

NoteNumbers = dict[str, str]
"""The printed number of each footnote label."""

PLAIN = Run("")


@dataclass(frozen=True, kw_only=True)
class Notes:
    """The notes of one document: their numbers, what a reference is called, and the start of their names."""

    numbers: NoteNumbers
    words: Callable[[str], str]
    prefix: str

    def name(self, label: str) -> str:
        """The name of a note, unlike any other in the paper."""
        return f"{self.prefix}note-{self.numbers[label]}"

    def reference(self, label: str) -> Run:
        """The number in the text, which leads to the note."""
        number = self.numbers[label]
        return Run(f"\u00a0{number}", superscript=True, note=self.name(label), note_words=self.words(number))


def parse(source: bytes, where: str) -> tuple[SyntaxTreeNode, NoteNumbers]:
    """The document as a tree, and the numbers of its footnotes.

    Raises InputRefused (document.unreadable) when it is no UTF-8 or nested too deep.
    """
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused(Code.DOCUMENT_UNREADABLE, where=where) from error
    tokens = _parser().parse(text)
    deepest = max((one.level for token in tokens for one in (token, *(token.children or ()))), default=0)
    if deepest >= DEEPEST_NESTING - 1:
        raise InputRefused(Code.DOCUMENT_UNREADABLE, where=where)
    return SyntaxTreeNode(tokens), _note_numbers(tokens)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST_NESTING}).enable("table")
    footnote_plugin(parser, inline=False, move_to_end=False)
    parser.inline.ruler.before("link", "language", _language_rule)
    return parser.disable(["reference", "html_block", "html_inline"])


_LANGUAGE = re.compile(r"\]\{lang=([a-z]{2,3}(?:-[A-Z]{2})?)\}")


def _language_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    """`[passage]{lang=fr}`; anything else in brackets is left to the other rules."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    match = _LANGUAGE.match(state.src, end) if end >= 0 else None
    if match is None:
        return False
    if not silent:
        start, last = state.pos + 1, state.posMax
        state.push("language_open", "span", 1).meta = {"language": match[1]}
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.push("language_close", "span", -1)
        state.posMax = last
    state.pos = match.end()
    return True


def _note_numbers(tokens: Sequence[Token]) -> NoteNumbers:
    """Labels that are figures keep them, if all are; else notes are numbered as they are first met."""
    labels: dict[str, None] = {}
    for token in tokens:
        for one in token.children or ():
            if one.type == "footnote_ref":
                labels.setdefault(one.meta["label"])
    for token in tokens:
        if token.type == "footnote_reference_open":
            labels.setdefault(token.meta["label"])
    if all(label.isdecimal() for label in labels):
        return {label: label for label in labels}
    return {label: str(number) for number, label in enumerate(labels, start=1)}


def inline_runs(node: SyntaxTreeNode, notes: "Notes", run: Run = PLAIN) -> list[Run]:
    """The runs of an inline node and what is in it, in the look of `run`."""
    runs: list[Run] = []
    for child in node.children:
        match child.type:
            case "text" | "code_inline":
                runs.append(run.saying(child.content))
            case "softbreak":
                runs.append(run.saying(" "))
            case "hardbreak":
                runs.append(LINE_BREAK)
            case "strong":
                runs += inline_runs(child, notes, replace(run, bold=True))
            case "em":
                runs += inline_runs(child, notes, replace(run, italic=True))
            case "language":
                runs += inline_runs(child, notes, replace(run, language=child.meta["language"]))
            case "footnote_ref":
                runs.append(notes.reference(child.meta["label"]))
            case "link" | "image":
                runs += _with_address(child, notes, run)
            case _:
                runs.append(run.saying(child.content))
    return runs


def _with_address(node: SyntaxTreeNode, notes: "Notes", run: Run) -> list[Run]:
    """The words of a link or picture and its address in parentheses; the address alone when it is the words."""
    runs = inline_runs(node, notes, run)
    address = str(node.attrs.get("href") or node.attrs.get("src") or "")
    title = str(node.attrs.get("title") or "")
    words = "".join(one.text for one in runs)
    beside = [part for part in (title, address) if part and part != words and not part.startswith("#")]
    if beside:
        runs.append(run.saying(f" ({', '.join(beside)})"))
    return runs


_NUMBERED = re.compile(r"(\[[0-9]{1,4}\])[ \u00a0]")


def paragraph_number(runs: Sequence[Run]) -> tuple[str | None, list[Run]]:
    """The number a paragraph of reasons begins with, `[12]`, and the runs without it."""
    first = runs[0] if runs else Run("")
    match = _NUMBERED.match(first.text)
    if match is None:
        return None, list(runs)
    return match[1], [first.saying(first.text[match.end() :]), *runs[1:]]


def item_numbers(node: SyntaxTreeNode) -> list[str]:
    """The numbers of an ordered list: as written when each is higher than the one before, else counted from the first.

    CommonMark looks at the first alone; a decision's paragraph 7 after paragraph 5 must stay 7.
    """
    written = [int(child.info) for child in node.children]
    if all(later > earlier for earlier, later in pairwise(written)):
        return [str(number) for number in written]
    return [str(written[0] + offset) for offset in range(len(written))]
