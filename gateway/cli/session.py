"""What every command shares: the home, who acts, the language, and how answers are printed."""

import json
import os
import pwd
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import Problem, SetupWrong

if TYPE_CHECKING:
    from gateway.bootstrap import Gateway
    from gateway.domain.accounts import Permission


LANGUAGE = "GATEWAY_LANGUAGE"
"""The variable that names the language of texts."""


def chosen_language(environment: Mapping[str, str]) -> Language:
    """`GATEWAY_LANGUAGE`, else the locale's; English when neither says."""
    for variable in (LANGUAGE, "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable, "")
        if value:
            return Language.FR if value.lower().startswith("fr") else Language.EN
    return Language.EN


def account() -> str:
    """The account of this machine that runs the command: who acts, unless it is said."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def access_token() -> str | None:
    """The person's token: `GATEWAY_TOKEN`, or the file that `GATEWAY_TOKEN_FILE` names.

    Never an option: what stands on a command line is seen by everybody on the machine. Raises SetupWrong.
    """
    path = os.environ.get("GATEWAY_TOKEN_FILE")
    if not path:
        return os.environ.get("GATEWAY_TOKEN") or None
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where="GATEWAY_TOKEN_FILE") from None


@dataclass
class Session:
    """One call of the command line."""

    home: Path = field(default_factory=lambda: Path(os.environ.get("GATEWAY_HOME") or "var"))
    user: str = field(default_factory=lambda: os.environ.get("GATEWAY_USER") or account())
    language: Language = field(default_factory=lambda: chosen_language(os.environ))

    @cached_property
    def gateway(self) -> "Gateway":
        """The parts of this home, joined at first use."""
        from gateway.bootstrap import open_gateway

        return open_gateway(self.home)

    def actor(self, permission: "Permission | None") -> str:
        """The name under which an act is recorded. Raises NotAuthenticated, NotAllowed (account.*)."""
        return self.gateway.staff.acting(self.user, access_token(), permission)

    def text(self, key: str, **facts: str | int) -> str:
        """A text of the command line in the person's language."""
        from templates.catalogue import text

        return text("cli", key, self.language, **facts)

    def word(self, kind: str, code: str) -> str:
        """The word for a code in the person's language; a third party's channel goes by its own name."""
        from templates.catalogue import has, text

        key = f"{kind}.{code}"
        return text("words", key, self.language) if has("words", key, self.language) else code

    def divisions(self, divisions: Iterable[str]) -> str:
        """Divisions by the codes they have in the person's language."""
        return ", ".join(self.word("division.code", one) for one in sorted(divisions))

    def number(self, number: int) -> str:
        """A number as the person's language writes it."""
        from templates.formats import format_number

        return format_number(number, self.language)

    def print_json(self, data: object) -> None:
        """One JSON document on standard output."""
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")

    def print_line(self, line: str) -> None:
        """One line for a person on standard output."""
        sys.stdout.write(line + "\n")

    def note(self, line: str) -> None:
        """A remark on standard error."""
        sys.stderr.write(line + "\n")

    def note_problem(self, problem: Problem, file: str | None = None) -> None:
        """A problem, for a person, on standard error."""
        from templates.problem_document import problem_document

        document = problem_document(problem, self.language)
        place = " ".join(f"({part})" for part in (file, problem.where) if part)
        self.note(f"{document['title']} [{problem.code}] {place}".rstrip())
        self.note(str(document["detail"]))
        expected = problem.facts.get("expected")
        if expected is not None and str(expected) not in str(document["detail"]):
            self.note(self.text("problem.expected", expected=expected))

    def close(self) -> None:
        """Lets go of what was opened."""
        if "gateway" in self.__dict__:
            self.gateway.close()
