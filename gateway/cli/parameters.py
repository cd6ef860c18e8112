"""A command's parameters as a person reads and types them. The parser's types are private to it, hence `Any`."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from gateway.cli.texts import said, told


def name_of(parameter: Any) -> str:
    """An option as it is typed, `--state`; an argument by its name, `FILE`."""
    if parameter.param_type_name == "option":
        return str(parameter.opts[-1])
    return str(parameter.name).upper()


def choices(parameter: Any) -> list[str]:
    """The values of a closed list, as they are typed; empty when any value may stand."""
    found = parameter.type_descriptor.choices or ()
    return [str(one.value) if isinstance(one, Enum) else str(one) for one in found]


def heading(parameter: Any) -> str:
    """What stands at the left of a help page: `-o, --output PATH`."""
    if parameter.param_type_name == "argument":
        return name_of(parameter) + ("" if parameter.nargs == 1 else "…")
    return ", ".join(parameter.opts) + ("" if parameter.is_flag else f" {_kind(parameter)}")


def explanation(parameter: Any) -> str:
    """What stands at the right: the help text, with the values that are possible."""
    text = said("option.help") if parameter.name == "help" else str(parameter.help)
    remarks = "; ".join(_remarks(parameter))
    return f"{text}  [{remarks}]" if remarks else text


def _kind(parameter: Any) -> str:
    described = parameter.type_descriptor
    if described.is_choice:
        return told("page.choice")
    if described.is_path or "Path" in str(described.annotation):
        return told("page.path")
    return told("page.number") if described.annotation in {int, float} else told("page.text")


def _remarks(parameter: Any) -> Iterator[str]:
    if possible := choices(parameter):
        yield told("page.possible", values=", ".join(possible))
    if parameter.max is not None:
        yield told("page.range", least=parameter.min or 0, most=parameter.max)
    if parameter.show_default and parameter.default not in {None, False}:
        yield told("page.default", value=str(parameter.default))
    if parameter.required:
        yield told("page.required")
