"""The routing rules from their files, with a registry's own file laid over them; a fault is told by file and line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from gateway.application.rules import read_rules, rule_text
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.domain.rules.book import RuleBook, RuleSet
from gateway.domain.rules.faults import FaultKind, first_fault

FILES = ("recipients.toml", "channels.toml", "enclosures.toml", "risks.toml")
"""The Board's rules, in `gateway/rules`."""

_CODES: Mapping[FaultKind, Code] = {
    FaultKind.UNKNOWN_NAME: Code.RULE_UNKNOWN_NAME,
    FaultKind.DUPLICATE: Code.RULE_DUPLICATE,
    FaultKind.NEVER_HOLDS: Code.RULE_NEVER_HOLDS,
    FaultKind.CONFLICT: Code.RULE_CONFLICT,
    FaultKind.NO_DEFAULT: Code.RULE_NO_DEFAULT,
}
_HEADER = re.compile(r"\s*\[\[\s*([a-z_]+)\s*\]\]")
_PLACE = re.compile(r"\$\.([a-z_]+)\[(\d+)\](?:\.([A-Za-z_]+))?(?:\[\d+\])?(?:\.([A-Za-z_]+))?")


@dataclass(frozen=True, kw_only=True)
class RuleFile:
    """A rule file by its name, for whoever must mend it."""

    name: str
    text: str


@cache
def board_rules() -> RuleBook:
    """The Board's rules as they come with the gateway."""
    return read_book([RuleFile(name=name, text=rule_text(name)) for name in FILES])


def registry_rules(home: Path, overlay: str) -> RuleBook:
    """The Board's rules with the registry's own file over them: a path relative to the home, or empty for none.

    Raises SetupWrong: file.unreadable, rule.*.
    """
    if not overlay:
        return board_rules()
    path = home / overlay
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(path)) from None
    own = [RuleFile(name=name, text=rule_text(name)) for name in FILES]
    return read_book(own, RuleFile(name=path.name, text=text))


def read_book(files: Sequence[RuleFile], overlay: RuleFile | None = None) -> RuleBook:
    """The book of several files. Raises SetupWrong (rule.*) with `file:line` as `where`.

    overlay: a rule of it takes the place of the one with the same id; everything else is added.
    """
    rules = RuleSet()
    for file in files:
        rules = _added(rules, _read(file))
    if overlay is not None:
        over = _read(overlay)
        rules = _added(_without(rules, over), over)
    _check(rules, [*files, *([overlay] if overlay else [])])
    return RuleBook(rules)


def _read(file: RuleFile) -> RuleSet:
    try:
        return read_rules(file.name, file.text, RuleSet)
    except SetupWrong as wrong:
        if "$" in (wrong.where or ""):
            wrong.where = f"{file.name}:{_line_of_place(file.text, wrong.where or '')}"
        raise


def _added(one: RuleSet, other: RuleSet) -> RuleSet:
    return RuleSet(**{table.name: getattr(one, table.name) + getattr(other, table.name) for table in fields(RuleSet)})


def _without(rules: RuleSet, over: RuleSet) -> RuleSet:
    """The rules that the overlay does not replace."""
    names = {table.name for table in fields(RuleSet)} - {"decided"}
    kept = {name: _not_named(getattr(rules, name), {one.id for one in getattr(over, name)}) for name in names}
    return replace(rules, **kept)


def _not_named(rules: tuple, replaced: set[str]) -> tuple:  # type: ignore[type-arg]
    return tuple(rule for rule in rules if rule.id not in replaced)


def _check(rules: RuleSet, files: Sequence[RuleFile]) -> None:
    fault = first_fault(rules)
    if fault is None:
        return
    where = next((place for file in reversed(files) for place in _places_of(file, fault.rule)), files[-1].name)
    raise SetupWrong(_CODES[fault.kind], where=where, rule=fault.rule, other=fault.other)


def _places_of(file: RuleFile, rule: str) -> list[str]:
    """Where the file defines or decides a rule of that id, the last first."""
    wanted = re.compile(rf'\s*(id|setting)\s*=\s*"{re.escape(rule)}"')
    lines = [number for number, line in enumerate(file.text.splitlines(), 1) if wanted.match(line)]
    return [f"{file.name}:{number}" for number in reversed(lines)]


def _line_of_place(text: str, where: str) -> int:
    """The line of `file:$.table[3].key`; 1 where the place says nothing."""
    found = _PLACE.search(where)
    lines = text.splitlines()
    if found is None:
        return next((number for number, line in enumerate(lines, 1) if _names(line, where)), 1)
    table, index = found[1], int(found[2])
    heads = [number for number, line in enumerate(lines) if (head := _HEADER.match(line)) and head[1] == table]
    start = heads[index]
    end = next((number for number in range(start + 1, len(lines)) if _HEADER.match(lines[number])), len(lines))
    for key in (found[4], found[3]):
        for number in range(start, end):
            if key and re.search(rf"(^|[\s{{,\[.]){key}\s*[=\]]", lines[number]):
                return number + 1
    return start + 1


def _names(line: str, where: str) -> bool:
    """Whether a table header is what `file:$.key` names."""
    head = re.match(r"\s*\[+\s*([A-Za-z_]+)", line)
    return head is not None and where.endswith(f"$.{head[1]}")
