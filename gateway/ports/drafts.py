"""Packages that officers prepare, as rows."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gateway.domain.draft import Draft


class Drafts(Protocol):
    """What is prepared and not signed."""

    def put(self, draft: Draft) -> None:
        """In place of what the draft was."""
        ...

    def get(self, draft_id: str, *, lock: bool = False) -> Draft | None:
        """The draft. `lock`: until the transaction ends nobody else writes it."""
        ...

    def of_account(self, account: str) -> Sequence[Draft]:
        """The last changed first."""
        ...

    def untouched(self, since: dt.datetime) -> Sequence[Draft]:
        """Those of everybody that were last changed before that moment."""
        ...

    def remove(self, draft_id: str) -> bool:
        """Whether it was there."""
        ...
