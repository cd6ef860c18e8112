"""What is kept of people and of what they decide: accounts, proposals, and the keys pinned on their word."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.domain.accounts import Account
from gateway.domain.pins import Pin
from gateway.domain.proposals import Proposal


class Accounts(Protocol):
    """Accounts by name."""

    def put(self, account: Account) -> None:
        """Writes the account; who made it first, and when, stays."""
        ...

    def get(self, name: str, *, lock: bool = False) -> Account | None:
        """The account, disabled or not. `lock`: until the transaction ends nobody else writes it."""
        ...

    def all(self) -> Sequence[Account]:
        """Every account, in the order they were made."""
        ...

    def used(self, name: str, at: dt.datetime) -> None:
        """The account was used then: its person signed in, or acted by their token."""
        ...

    def last_uses(self) -> Mapping[str, dt.datetime]:
        """When each was used last; who never was is left out."""
        ...


class Proposals(Protocol):
    """Proposals, never removed."""

    def add(self, proposal: Proposal) -> None:
        """A new proposal."""
        ...

    def get(self, proposal_id: str) -> Proposal:
        """Raises NoSuchThing (approval.unknown)."""
        ...

    def second(self, proposal_id: str, by: str) -> None:
        """Writes who approved it first. Raises Conflict (approval.decided) when somebody did or decided it already."""
        ...

    def save(self, proposal: Proposal) -> None:
        """Writes how it was decided. Raises Conflict (approval.decided) when that was done already."""
        ...

    def count_open(self, *, offices: frozenset[str] | None = None) -> int:
        """How many wait for somebody to decide; without those about deliveries of other offices than those, if any are
        given."""
        ...

    def all(self, *, open_only: bool) -> Sequence[Proposal]:
        """Oldest first."""
        ...


class Pins(Protocol):
    """Keys pinned to recipients, past ones included."""

    def add(self, pin: Pin) -> None:
        """Pins. Raises Conflict (key.pinned-elsewhere) when the key is pinned to another recipient now."""
        ...

    def end(self, recipient: str, channel: str, *, at: dt.datetime, by: str, replaced_by: str | None) -> None:
        """The recipient's key for that way is pinned no longer; none is no error."""
        ...

    def holder(self, key: str) -> str | None:
        """The recipient the key is pinned to now."""
        ...

    def of(self, recipient: str) -> Sequence[Pin]:
        """Oldest first."""
        ...
