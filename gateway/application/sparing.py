"""A look that walks through all that waits, made the less often the more that is."""

import datetime as dt

FEW = 500
"""Among so many a look costs next to nothing, and is made whenever it is asked for."""
EACH = dt.timedelta(milliseconds=1)
"""Until the next look, of each that waited: walking past one takes a database some three microseconds, so that looks
take less than a hundredth of its time however much waits. Ten thousand: ten seconds, within a backlog of minutes."""


class Sparing:
    """When to look again; of one process, and used by one thread at a time."""

    def __init__(self) -> None:
        self._looked: tuple[dt.datetime, dt.timedelta] | None = None

    def may_look(self, now: dt.datetime) -> bool:
        """Whether the last look is long enough ago. A clock that was put back holds nothing up."""
        if self._looked is None:
            return True
        at, spared = self._looked
        return not at <= now < at + spared

    def looked(self, now: dt.datetime, *, among: int) -> None:
        """A look was made among so many."""
        self._looked = (now, EACH * among if among > FEW else dt.timedelta(0))
