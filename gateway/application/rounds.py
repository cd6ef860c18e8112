"""What is done every so often by whichever process comes first."""

import datetime as dt

from gateway.ports.database import Database


class Round:
    """One such thing. It is asked each second by every process, and nothing is written until it is time.

    When a round began, the database is not asked again before the next may begin: one that began elsewhere meanwhile
    began later.
    """

    def __init__(self, database: Database, name: str, *, every: dt.timedelta) -> None:
        self._database = database
        self._name = name
        self._every = every
        self._not_before: dt.datetime | None = None

    def may_begin(self, now: dt.datetime) -> bool:
        """Whether the one before began long enough ago. Whoever begins one asks `Watch.begin` if it is first."""
        if self._not_before is not None and now < self._not_before:
            return False
        with self._database.look_up() as tx:
            begun = tx.watch.begun_at(self._name)
        self._not_before = None if begun is None else begun + self._every
        return self._not_before is None or now >= self._not_before

    def begins(self, now: dt.datetime) -> bool:
        """Whether a round begins here and now: it is time, and nobody else was quicker."""
        if not self.may_begin(now):
            return False
        with self._database.write() as tx:
            return tx.watch.begin(self._name, now=now, every=self._every)
