"""Delegates as rows."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.delegates import Delegate


class DelegateStore(Protocol):
    """Delegates as rows."""

    def add(self, delegate: Delegate) -> None:
        """Writes whom somebody named."""
        ...

    def find(self, name: str, *, lock: bool = False) -> Delegate | None:
        """The delegate, ended or not. `lock`: until the transaction ends nobody else writes it."""
        ...

    def of_account(self, account: str) -> Sequence[Delegate]:
        """Those of the account that stand, the oldest first."""
        ...

    def named(self, account: str) -> int:
        """How many the account ever named."""
        ...

    def standing(self) -> Sequence[Delegate]:
        """Those that stand, of all accounts, the oldest first."""
        ...

    def save(self, delegate: Delegate) -> None:
        """Writes when it ended."""
        ...
