"""What staff are told by mail, as it is owed and kept: counts, codes and ids alone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.domain.key_findings import KeyFinding
from gateway.ports.calls import Untold


@dataclass(frozen=True, kw_only=True)
class StaffMail:
    """One mail to one address. `to`: the digest of the address, which the settings alone name.

    next_at: when it is to be sent; None once it was, or is owed no more.
    """

    id: str
    to: str
    subject: str
    text: str = field(repr=False)
    made_at: dt.datetime
    next_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class StaffStanding:
    """What stands for staff at a moment, by their clock. late, at_risk: dispatches with deliveries that are not sent,
    the earliest due first. people: dispatches of what waits for a person. overdue: what has left and calls a person all
    the same. receipts: what came back and waits for a person. stuck: dispatches whose planning or rendering is.
    approvals: what waits for a second person. feed_work: outcomes that the receiver rejected or that name no UCI.
    feed_unanswered: batches that it was asked after in vain. mails_untold: mails of the
    exchange that do not leave."""

    at: dt.datetime
    late: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    waiting: int = 0
    """Deliveries that wait for a person, all of them counted."""
    overdue: int = 0
    receipts: int = 0
    stuck: int = 0
    approvals: int = 0
    keys: tuple[KeyFinding, ...] = ()
    feed_work: int = 0
    feed_unanswered: int = 0
    mails_untold: int = 0


class StaffMails(Protocol):
    """Mails to staff, and what they were told of."""

    def news(self, matters: Sequence[str], at: dt.datetime) -> Sequence[str]:
        """Those of the matters of which nobody was told yet. They count as told from now on: of several that ask at
        once, one gets each."""
        ...

    def begun(self, kind: str, standing: Sequence[str], at: dt.datetime) -> Sequence[str]:
        """Those of what stands of a kind that did not when this was last asked. What stands no more is forgotten, so
        that it is told again once it comes back."""
        ...

    def owe(self, mails: Sequence[StaffMail]) -> None:
        """More to send."""
        ...

    def due(self, now: dt.datetime) -> bool:
        """Whether anything is due."""
        ...

    def take(self, *, now: dt.datetime, until: dt.datetime, limit: int) -> Sequence[StaffMail]:
        """What is due, the oldest first; nobody else takes it before `until`."""
        ...

    def settle(self, mail_id: str) -> None:
        """It is owed no more."""
        ...

    def untold(self) -> Untold | None:
        """How much is owed, and since when; None when nothing is."""
        ...

    def forget(self, *, before: dt.datetime) -> None:
        """Removes mails and matters of before then."""
        ...
