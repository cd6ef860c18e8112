"""Looking for who saw or did what."""

import datetime as dt
from dataclasses import dataclass

from gateway.domain.events import Event


@dataclass(frozen=True, kw_only=True)
class AuditAsked:
    """What is looked for; what is None is not asked. `dispatches`: of one of these; `actor`: by that account, or what
    else acts; `offices`: of dispatches of these; `before`: the place of the last one that was shown."""

    dispatches: tuple[str, ...] | None = None
    actor: str | None = None
    offices: frozenset[str] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An event and its place in the order of writing."""

    place: int
    event: Event
