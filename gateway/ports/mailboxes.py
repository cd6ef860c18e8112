"""Where things come back to: mailboxes and folders, which are looked into; and how each of them stands."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.codes import Code


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One thing that lies there. `name` holds for this visit alone; `size` in bytes, as the place says it."""

    name: str
    size: int


class Visit(Protocol):
    """A place while it is looked into. Every method raises SetupWrong (mailbox.*) and ServiceDown."""

    def arrivals(self) -> Sequence[Arrival]:
        """What lies there, the oldest first."""
        ...

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """Its bytes, no more than one beyond `limit`; None when somebody else took it away meanwhile.

        Raises InputRefused (mailbox.message) when the place does not give out this one."""
        ...

    def let_go(self, arrival: Arrival) -> None:
        """It is kept durably: it need not be found here again. No harm where somebody else did so already."""
        ...

    def wait(self, limit: dt.timedelta, ending: Callable[[], bool]) -> None:
        """Until something comes, as far as the place can tell; at most for that long, and no longer than needed once
        `ending` says so."""
        ...


class Mailbox(Protocol):
    """A place where things come back to. What reads them is found by the source that it is joined with."""

    @property
    def name(self) -> str:
        """Stable, and free of addresses: for figures, logs and `doctor`."""
        ...

    def visit(self) -> AbstractContextManager[Visit]:
        """Looks in. Raises SetupWrong (mailbox.*, file.unreadable) when an operator must act, ServiceDown
        (mailbox.unavailable) when it may work later."""
        ...


@dataclass(frozen=True, kw_only=True)
class MailboxStanding:
    """How a mailbox stands, for all processes together.

    holder: who looks into it until `held_until`; empty: nobody, and nobody does before then.
    looked_at: when its last look ended. problem: what was wrong with that, since `since`.
    """

    name: str
    holder: str
    held_until: dt.datetime
    looked_at: dt.datetime | None = None
    problem: Code | None = None
    since: dt.datetime | None = None


class Mailboxes(Protocol):
    """How each mailbox stands, as rows."""

    def hold(self, name: str, *, holder: str, now: dt.datetime, until: dt.datetime) -> bool:
        """Whether it is `holder`'s until then: it was already, or nobody's any more."""
        ...

    def get(self, name: str) -> MailboxStanding | None:
        """None: nobody ever looked into it."""
        ...

    def save(self, standing: MailboxStanding) -> None:
        """Writes how one stands that was held before."""
        ...

    def all(self) -> Sequence[MailboxStanding]:
        """Those that somebody looked into, by name."""
        ...
