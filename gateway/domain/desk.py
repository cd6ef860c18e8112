"""How a person of staff has set up the console for themselves: the views they saved, and whether single keys act."""

import datetime as dt
from dataclasses import dataclass

from gateway.domain.outcomes import Division
from gateway.domain.work_list import WorkList

LONGEST_NAME = 40
"""Signs of the name that a person gives a view of theirs."""
MOST_VIEWS = 12
"""Of one person: each is counted whenever they look at them."""


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A list with what narrows it. name: as its person calls it, sealed: it may say whose cases they are."""

    id: str
    account: str
    name: bytes
    which: WorkList
    division: Division | None
    channel: str | None
    made_at: dt.datetime
