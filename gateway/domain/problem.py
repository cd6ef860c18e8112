"""What a caller is told when something cannot be done: a stable code, the exact place, and the facts.

A problem carries no sentence of its own: the texts stand in the message catalogues
(`templates/catalogues/*/problems.toml`), in English and French, under the code.
Facts never hold decision content or personal names: a fact that quotes input is an identifier,
a figure, a path inside the input or a value from a closed list.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from gateway.domain.codes import Code

type_prefix = "urn:decision-gateway:problem:"
"""RFC 9457 `type` of a problem is this prefix and its code."""


class Problem(Exception):  # noqa: N818  (RFC 9457 calls it a problem, and so do we)
    """The base of everything a caller is told.

    exit_status: of the command line (INTERFACE.md). http_status: of the API (RFC 9457).
    """

    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, code: Code, *, where: str | None = None, **facts: str | int) -> None:
        self.code = code
        self.where = where
        self.facts = facts
        super().__init__(code.value if where is None else f"{code.value} at {where}")


@contextmanager
def located(where: str) -> Iterator[None]:
    """Gives this place to a problem raised inside that names none: who reads a file knows nothing of its name."""
    try:
        yield
    except Problem as problem:
        problem.where = problem.where or where
        raise


class InputRefused(Problem):
    """The input breaks a rule of its format; nothing of it was kept."""

    exit_status = 3
    http_status = 422


class NoSuchThing(Problem):
    """What was named does not exist here."""

    exit_status = 4
    http_status = 404


class WrongMethod(Problem):
    """The address exists, but not for this HTTP method (RFC 9110 §15.5.6)."""

    exit_status = 2
    http_status = 405


class Conflict(Problem):
    """The request contradicts what stands."""

    exit_status = 5
    http_status = 409


class SetupWrong(Problem):
    """The gateway is misconfigured; an operator must act."""

    exit_status = 6
    http_status = 503


class ServiceDown(Problem):
    """A service that is needed does not answer, or a key of ours is not on this machine: later, or elsewhere, the same
    succeeds."""

    exit_status = 7
    http_status = 503


class Overloaded(Problem):
    """More is asked than can be done in time: the same again later. The fact `retry_after` says when, in seconds."""

    exit_status = 7
    http_status = 429


class NotAuthenticated(Problem):
    """Nobody known is asking."""

    exit_status = 2
    http_status = 401


class NotAllowed(Problem):
    """The one who asks is known and may not."""

    exit_status = 2
    http_status = 403
