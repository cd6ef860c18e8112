"""Every help page of the command line, in the language of the environment: help texts are read when it is built."""

from collections.abc import Iterator
from typing import Any

import typer

from gateway.cli.main import build


def pages() -> Iterator[tuple[str, str]]:
    """The line that calls each command, and its help page."""
    command = typer.main.get_command(build())
    yield from _pages(command, typer.Context(command, info_name="gateway"))


def _pages(command: Any, context: typer.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    for name, below in getattr(command, "commands", {}).items():
        yield from _pages(below, typer.Context(below, info_name=name, parent=context))


if __name__ == "__main__":
    for path, page in pages():
        print(f"\n## `{path}`\n\n```\n{page}\n```")
