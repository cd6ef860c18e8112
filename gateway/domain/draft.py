"""A package that an officer prepares in the console, until they sign it or let it go."""

import datetime as dt
from dataclasses import dataclass, field

KEPT = dt.timedelta(days=30)
"""A draft that nobody touched for so long is removed with all that it holds."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The id is the package's, when it is signed. Only who began it sees it. `objects`: where its PDFs are kept."""

    id: str
    account: str
    version: int
    begun_at: dt.datetime
    changed_at: dt.datetime
    objects: tuple[str, ...]
    content: bytes = field(repr=False)
