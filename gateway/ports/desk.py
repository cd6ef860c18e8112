"""How each person of staff has set up the console for themselves, as rows."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.desk import SavedView


class Desks(Protocol):
    """By account."""

    def views(self, account: str, *, lock: bool = False) -> Sequence[SavedView]:
        """Theirs, in the order in which they were saved. `lock`: until the transaction ends nobody else adds one."""
        ...

    def add_view(self, view: SavedView) -> None:
        """One more."""
        ...

    def rename_view(self, account: str, view_id: str, name: bytes) -> bool:
        """Under another name; False where the account has none of that id."""
        ...

    def remove_view(self, account: str, view_id: str) -> bool:
        """It is gone; False where the account has none of that id."""
        ...

    def shortcuts(self, account: str) -> bool:
        """Whether single keys act for them: they do until they say otherwise."""
        ...

    def set_shortcuts(self, account: str, *, on: bool) -> None:
        """From now on they do, or do not."""
        ...
