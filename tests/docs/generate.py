"""`make docs`: the pages of `docs` that are tables of what the code and its catalogues hold."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from channels.registry import ChannelRegistry
from gateway.application.rule_files import board_rules
from gateway.domain.codes import Code
from gateway.domain.delivery import NEEDING_PERSON, TRANSITIONS
from gateway.domain.parties import Language
from gateway.domain.rules.rule import AnyRule, OrderRule, RiskSetting
from gateway.settings import PREFIX, Settings, shown
from templates.catalogue import message_of, text
from tests.docs.statuses import ROOT, classes

Lines = Iterator[str]


def errors(language: Language) -> Lines:
    """Every problem code with its texts and statuses."""
    frame = _frame(language)["errors"]
    yield f"## {frame['statuses']}\n"
    yield from _table(frame["status_columns"], [(number, meaning) for number, meaning in frame["status"].items()])
    for area, codes in groupby(Code, key=lambda code: code.split(".", maxsplit=1)[0]):
        yield f"\n## {area}\n"
        yield from _table(frame["columns"], [_error(code, language) for code in codes])


def _error(code: Code, language: Language) -> tuple[str, ...]:
    title, detail = (str(message_of("problems", f"{code}.{part}", language)) for part in ("title", "detail"))
    raised = sorted(classes()[code], key=lambda one: one.exit_status)
    exits, http = ([str(number) for number in numbers] for numbers in zip(*map(_statuses, raised), strict=True))
    return f"`{code}`", title, detail, ", ".join(dict.fromkeys(exits)), ", ".join(dict.fromkeys(http))


def _statuses(kind: Any) -> tuple[int, int]:
    return kind.exit_status, kind.http_status


def settings(language: Language) -> Lines:
    """Every setting with its default and its comment."""
    frame = _frame(language)["settings"]
    for name, table in Settings():
        if isinstance(table, BaseModel):
            yield f"\n## [{name}]\n"
            yield from _table(frame["columns"], [_setting(name, one, value, language) for one, value in table])
    registry = ChannelRegistry()
    for name in registry.names:
        yield f"\n## [channels.{name}]\n"
        rows = [
            (f"`{one.name}`", f"`{one.default}`", one.comments[language]) for one in registry.plugin(name).settings()
        ]
        yield from _table(frame["channel_columns"], rows)


def _setting(table: str, name: str, value: object, language: Language) -> tuple[str, ...]:
    scope = "" if table == "gateway" else f"{table.upper()}__"
    meaning = text("settings", f"{table}.{name}", language)
    return f"`{name}`", f"`{PREFIX}{scope}{name.upper()}`", f"`{shown(value)}`", meaning


def states(language: Language) -> Lines:
    """The state machine of a delivery."""
    frame = _frame(language)["states"]
    rows = []
    for state, ways in TRANSITIONS.items():
        stands = (f"`{state}`", text("words", f"delivery-state.{state}", language))
        waits = frame["person"] if state in NEEDING_PERSON else ""
        moves = [(f"`{event}`", f"`{after}`") for event, after in ways.items()] or [("", "")]
        rows += [(*stands, waits, *move) for move in moves]
    yield from _table(frame["columns"], rows)


def readers(language: Language) -> Lines:
    """What the recipients' programs open, as the tests find it."""
    frame = _frame(language)["readers"]
    table = tomllib.loads((ROOT / "tests/keys/readers.toml").read_text(encoding="utf-8"))
    for protection, (form, names) in _READERS.items():
        yield f"\n## {frame[protection]}\n"
        columns = [*(frame["columns"][one] for one in form), *(table["reader"][one] for one in names)]
        rows = [
            [*(f"`{row[one]}`" for one in form), *(_outcome(row[one], frame["opens"]) for one in names)]
            for row in table[protection]
        ]
        yield from _table(columns, rows)


_READERS = {
    "smime": (("key", "key_transport", "content_encryption"), ("openssl", "gpgsm", "nss")),
    "openpgp": (("key",), ("gnupg", "sequoia", "openpgpjs")),
}


def _outcome(found: str, opens: str) -> str:
    return opens if found == "opens" else f"`{found}`"


def commands(language: Language) -> Lines:
    """Every help page."""
    environment = os.environ | {"GATEWAY_LANGUAGE": language.value, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    call = [sys.executable, "-m", "tests.docs.commands"]
    done = subprocess.run(call, env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    yield done.stdout.strip("\n")


def rules(language: Language) -> Lines:
    """Every routing rule of the Board: what it says, the source it rests on, and its name."""
    frame, book = _frame(language)["rules"], board_rules().rules
    groups: Mapping[str, Sequence[AnyRule | RiskSetting]] = {
        "required": book.required,
        "recipient": book.recipient,
        "record": book.record,
        "ask": book.ask,
        "enclosure": book.enclosure,
        "order": book.order,
        "gate": book.gate,
        "obstacle": book.obstacle,
        "setting": book.setting,
    }
    for name, group in groups.items():
        yield f"\n## {frame['group'][name]}\n"
        yield from _table(frame["columns"], [_rule(one, language) for one in group])


def _rule(rule: AnyRule | RiskSetting, language: Language) -> tuple[str, str, str]:
    said = getattr(rule.explanation, language.value)
    if isinstance(rule, OrderRule):
        ways = ", ".join(text("words", f"channel.{name}", language) for name in rule.channels)
        said = f"{said} *{ways}*"
    if isinstance(rule, RiskSetting):
        said = f"{said} `{' | '.join(rule.values)}`, `{rule.default}`"
    return f"`{rule.id}`", said, getattr(rule.source, language.value)


PAGES: Mapping[str, tuple[str, Callable[[Language], Lines], Language]] = {
    "docs/errors.md": ("errors", errors, Language.EN),
    "docs/fr/erreurs.md": ("errors", errors, Language.FR),
    "docs/rules.md": ("rules", rules, Language.EN),
    "docs/fr/regles.md": ("rules", rules, Language.FR),
    "docs/settings.md": ("settings", settings, Language.EN),
    "docs/fr/reglages.md": ("settings", settings, Language.FR),
    "docs/states.md": ("states", states, Language.EN),
    "docs/fr/etats.md": ("states", states, Language.FR),
    "docs/readers.md": ("readers", readers, Language.EN),
    "docs/fr/lecteurs.md": ("readers", readers, Language.FR),
    "docs/command-line.md": ("commands", commands, Language.EN),
    "docs/fr/ligne-de-commande.md": ("commands", commands, Language.FR),
}
"""Where each page stands: its frame in `pages.toml`, what fills it, and its language."""


def page(place: str) -> str:
    """The page as it ought to stand."""
    name, fill, language = PAGES[place]
    frame = _frame(language)
    head = [f"# {frame[name]['title']}\n", f"*{frame['generated']}*\n", f"{frame[name]['intro'].strip()}\n"]
    return re.sub("\n{3,}", "\n\n", "\n".join([*head, *fill(language)])) + "\n"


@cache
def _frame(language: Language) -> dict[str, Any]:
    texts: dict[str, Any] = tomllib.loads((Path(__file__).parent / "pages.toml").read_text(encoding="utf-8"))
    return dict(texts[language.value])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Lines:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def main() -> None:
    """Writes every page."""
    for place in PAGES:
        path = ROOT / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(place), encoding="utf-8")


if __name__ == "__main__":
    main()
