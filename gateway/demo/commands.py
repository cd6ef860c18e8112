"""Commands that a person can copy and that work as they stand."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.parties import Language


@dataclass(frozen=True, kw_only=True)
class Command:
    """Lines for a shell, and the catalogue's key of what they do."""

    key: str
    lines: Sequence[str]


def program(*, anywhere: bool = False) -> str:
    """How this very program is called from the folder one stands in, or from anywhere."""
    if Path(sys.argv[0]).name != "gateway":
        return f"{shlex.quote(sys.executable)} -m gateway.cli.main"
    if shutil.which("gateway") == shutil.which(sys.argv[0]):
        return "gateway"
    return shlex.quote(str(Path(sys.argv[0]).resolve()) if anywhere else os.path.relpath(sys.argv[0]))


def next_steps(language: Language) -> Sequence[Command]:
    """What to try after `--once`."""
    other = Language.EN if language is Language.FR else Language.FR
    return [
        Command(key="next.again", lines=[f"{program()} demo"]),
        Command(key="next.other-language", lines=[f"{program()} --lang {other.value} demo --once"]),
        Command(key="next.init", lines=[f"{program()} --home ./registry init --key-dir ./registry-keys"]),
        Command(key="next.help", lines=[f"{program()} --help"]),
    ]
