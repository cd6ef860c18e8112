"""Delegates: people of a firm who collect what was left for its counsel, under a name and a code of their own."""

import datetime as dt
from dataclasses import dataclass, field

MOST_DELEGATES = 20
"""Of one account at a time."""


@dataclass(frozen=True, kw_only=True)
class Delegate:
    """Whom the holder of an account named. Nobody signs in by that alone: the Registry checks who they are, as of
    everybody. `name`: of the account they will have; `person`: their own name and address, sealed."""

    name: str
    account: str
    person: bytes = field(repr=False)
    named_at: dt.datetime
    ended_at: dt.datetime | None = None
