"""A line that cannot be understood, told in the person's language: exit status 2."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from gateway.cli.parameters import choices, name_of
from gateway.cli.texts import told
from gateway.domain.codes import Code
from gateway.domain.problem import Problem


class WrongUsage(Problem):
    """The line is not one that `gateway` takes. `sentence` says what is wrong with it, `see` where to read on."""

    exit_status = 2
    http_status = 400

    def __init__(self, where: str, sentence: str, command: str) -> None:
        super().__init__(Code.REQUEST_INVALID, where=where)
        self.sentence = sentence
        self.see = told("usage.see", command=command)


def unknown_command(name: str, known: Sequence[str], group: str) -> WrongUsage:
    """There is no such command; perhaps another was meant."""
    return WrongUsage(name, _perhaps("no-command", get_close_matches(name, known), command=name), group)


def check_texts(context: Any) -> None:
    """Every text given is UTF-8; names of files, which are no texts, may be anything. Raises WrongUsage."""
    for parameter in context.command.params:
        value = context.params.get(parameter.name)
        try:
            (value if isinstance(value, str) else "").encode()
        except UnicodeEncodeError:
            name = name_of(parameter)
            raise WrongUsage(name, told("usage.value", parameter=name), context.command_path) from None


def wrong_usage(error: Any) -> WrongUsage:
    """What the parser found, in our words. Its exceptions are private to it and known by their names."""
    command = error.ctx.command_path if error.ctx else "gateway"
    match type(error).__name__:
        case "NoSuchOption":
            name = str(error.option_name)
            sentence = _perhaps("no-option", error.possibilities or (), option=name)
        case "MissingParameter":
            name = name_of(error.param)
            sentence = told("usage.missing", parameter=name)
        case "BadParameter":
            name = name_of(error.param)
            sentence = _value(name, choices(error.param))
        case "BadOptionUsage":
            name = str(error.option_name)
            sentence = told("usage.option-value", option=name)
        case _:
            name = command
            sentence = told("usage.other")
    return WrongUsage(name, sentence, command)


def _value(name: str, possible: Sequence[str]) -> str:
    if possible:
        return told("usage.value-of", parameter=name, possible=", ".join(possible))
    return told("usage.value", parameter=name)


def _perhaps(key: str, possible: Sequence[str], **facts: str) -> str:
    if possible:
        return told(f"usage.{key}-perhaps", possible=", ".join(possible), **facts)
    return told(f"usage.{key}", **facts)
