"""Help texts, read from the catalogue when the command line is built."""

import os
from functools import lru_cache
from typing import Annotated

import typer

from gateway.cli.session import chosen_language
from templates.catalogue import text


@lru_cache
def told(key: str, **facts: str | int) -> str:
    """A text of the command line in the language of this call."""
    return text("cli", key, chosen_language(os.environ), **facts)


def said(key: str) -> str:
    """The help text of a command or of one of its parameters."""
    return told(f"help.{key}")


Json = Annotated[bool, typer.Option("--json", help=said("option.json"))]
"""The option that every command which prints data has."""
