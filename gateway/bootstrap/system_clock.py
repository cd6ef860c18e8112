"""Time as this machine tells it."""

import datetime as dt


class SystemClock:
    """The machine's time."""

    def now(self) -> dt.datetime:
        """See `Clock`."""
        return dt.datetime.now(dt.UTC)
