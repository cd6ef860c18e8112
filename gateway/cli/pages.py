"""Commands with their help pages in the person's language: the parser's own frame is English only.

Its types for contexts and formatters are private to it, hence `Any`.
"""

import re
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from gateway.cli.parameters import explanation, heading
from gateway.cli.texts import said, told
from gateway.cli.usage import check_texts, unknown_command


class Command(TyperCommand):
    """A command with our help page."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the page."""
        _write(self, ctx, formatter, [])

    def invoke(self, ctx: Any) -> Any:
        """Runs the command. Raises WrongUsage for a text that is not UTF-8."""
        check_texts(ctx)
        return super().invoke(ctx)


class Group(TyperGroup):
    """Several commands under one name, with our help page."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the page, one sentence for each command."""
        commands = [(name, _first_sentence(command.help or "")) for name, command in self.commands.items()]
        _write(self, ctx, formatter, commands)

    def invoke(self, ctx: Any) -> Any:
        """Runs what the line names. Raises WrongUsage for a text that is not UTF-8."""
        check_texts(ctx)
        return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the line names. Raises WrongUsage."""
        if args[0] not in self.commands:
            raise unknown_command(args[0], list(self.commands), ctx.command_path)
        return super().resolve_command(ctx, args)


def group(key: str) -> typer.Typer:
    """An empty group with its help text."""
    return typer.Typer(help=said(key), cls=Group, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def add(app: typer.Typer, name: str, command: Callable[..., None], key: str = "") -> None:
    """Adds a command with its help text: that of its name, unless another key is given."""
    app.command(name, help=said(key or name), cls=Command)(command)


def _write(command: TyperCommand | TyperGroup, ctx: Any, formatter: Any, commands: list[tuple[str, str]]) -> None:
    parameters = command.get_params(ctx)
    arguments = [(heading(one), explanation(one)) for one in parameters if one.param_type_name == "argument"]
    options = [(heading(one), explanation(one)) for one in parameters if one.param_type_name == "option"]
    pieces = [
        told("page.options-placeholder"),
        *(_placed(one) for one in parameters if one.param_type_name == "argument"),
    ]
    if commands:
        pieces.append(told("page.command-placeholder"))
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=told("page.usage") + " ")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(command.help or "")
    _section(formatter, told("page.arguments"), arguments)
    _section(formatter, told("page.options"), options)
    _section(formatter, told("page.commands"), commands)


def _placed(argument: Any) -> str:
    return heading(argument) if argument.required else f"[{heading(argument)}]"


def _section(formatter: Any, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        formatter.write(f"\n{title}\n")
        with formatter.indentation():
            formatter.write_dl(rows)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]
