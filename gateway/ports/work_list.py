"""The lists of what waits for a person, as rows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.domain.delivery import DeliveryState
from gateway.domain.work_list import WorkAsked, WorkList, WorkRow


class WorkLists(Protocol):
    """The lists of what waits for a person."""

    def rows(self, asked: WorkAsked, limit: int) -> Sequence[WorkRow]:
        """The next deliveries of a list: by due date, then by age."""
        ...

    def counts(self, today: dt.date, *, offices: frozenset[str] | None = None) -> Mapping[WorkList, int]:
        """How many stand in each, of those offices; None: of every one."""
        ...

    def count(self, asked: WorkAsked) -> int:
        """How many stand in a narrowed list, no further than `MOST_COUNTED`."""
        ...

    def owed_to(self, recipient: str, limit: int, *, offices: frozenset[str] | None) -> Sequence[WorkRow]:
        """What is still to be sent to that entry of the directory, of those offices (None: of all), by due date."""
        ...

    def of_channel(self, channel: str) -> Mapping[DeliveryState, int]:
        """How many that are not settled stand at that channel in their plans, by state; states with none are left
        out."""
        ...
