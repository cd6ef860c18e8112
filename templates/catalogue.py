"""The message catalogues: every sentence a person reads, in English and in French.

`catalogues/<language>/<area>.toml` holds nested tables of messages; a message is reached by its dotted path. A message
is a whole sentence or title with named placeholders (`{file}`), or a pair of plural forms (`one`, `other`) chosen by
the fact `count`: French counts nought and one as singular, English one alone. What is missing is an error, never a
text in the other language: a reader must not guess.

Imports nothing but the standard library, and reads one small file at a time: the command line uses it for `--help`.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from gateway.domain.parties import Language
from gateway.domain.problem import Problem

PLURAL_FORMS = frozenset({"one", "other"})
UNKNOWN_FACT = "—"
"""Stands in a problem's text for a fact that whoever raised it did not give."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Message = str | Mapping[str, str]


class CatalogueError(LookupError):
    """A catalogue lacks a message, or a caller a fact: a defect of ours."""


_NONE: Mapping[str, str] = MappingProxyType({})


def text(area: str, key: str, language: Language, **facts: str | int) -> str:
    """The message `key` of `area`, its placeholders filled; `count` chooses between plural forms.

    Raises CatalogueError when the message or a fact it names is missing.
    """
    message = _form(message_of(area, key, language), facts, language)
    return _PLACEHOLDER.sub(lambda match: _fact(facts, match[1], key), message)


def has(area: str, key: str, language: Language) -> bool:
    """Whether the catalogue holds that message: for open vocabularies only, such as a registry's own offices."""
    return key in messages(area, language)


def problem_text(
    problem: Problem, language: Language, *, instead: str = "", facts: Mapping[str, str] = _NONE
) -> tuple[str, str]:
    """Title and detail of a problem. Never fails for a fact that is missing: a report must come out whole.

    instead: an area whose text `problem.<code>`, if it has one, is the detail. facts: words in place of codes.
    """
    known: dict[str, object] = {"where": problem.where or UNKNOWN_FACT, **problem.facts, **facts}
    title, detail = (message_of("problems", f"{problem.code.value}.{part}", language) for part in ("title", "detail"))
    if instead and has(instead, f"problem.{problem.code.value}", language):
        detail = message_of(instead, f"problem.{problem.code.value}", language)
    return str(title), _PLACEHOLDER.sub(lambda match: str(known.get(match[1], UNKNOWN_FACT)), str(detail))


def message_of(area: str, key: str, language: Language) -> Message:
    """The message as the catalogue holds it. Raises CatalogueError when it is missing."""
    try:
        return messages(area, language)[key]
    except KeyError:
        raise CatalogueError(f"{language.value}/{area}.toml has no message {key}") from None


@lru_cache(maxsize=64)
def messages(area: str, language: Language) -> Mapping[str, Message]:
    """All messages of an area by dotted path, read once. Raises CatalogueError for a file or value of another shape."""
    source = files("templates") / "catalogues" / language.value / f"{area}.toml"
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"there is no {language.value}/{area}.toml") from None
    return dict(_flat(tables, ""))


def placeholders(message: Message) -> frozenset[str]:
    """The facts a message names; plural forms may name fewer than the whole (`one` need not say the number)."""
    forms = [message] if isinstance(message, str) else list(message.values())
    return frozenset(name for form in forms for name in _PLACEHOLDER.findall(form))


def _flat(table: Mapping[str, object], prefix: str) -> list[tuple[str, Message]]:
    found: list[tuple[str, Message]] = []
    for name, value in table.items():
        if isinstance(value, str):
            found.append((prefix + name, value))
        elif not isinstance(value, dict):
            raise CatalogueError(f"{prefix}{name} is no text")
        elif set(value) == PLURAL_FORMS:
            found.append((prefix + name, value))
        else:
            found.extend(_flat(value, f"{prefix}{name}."))
    return found


def _form(message: Message, facts: Mapping[str, str | int], language: Language) -> str:
    if isinstance(message, str):
        return message
    count = facts.get("count")
    if not isinstance(count, int):
        raise CatalogueError("a message with plural forms needs the fact count")
    singular = count in (0, 1) if language is Language.FR else count == 1
    return message["one" if singular else "other"]


def _fact(facts: Mapping[str, str | int], name: str, key: str) -> str:
    try:
        return str(facts[name])
    except KeyError:
        raise CatalogueError(f"message {key} needs the fact {name}") from None
