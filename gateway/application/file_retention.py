"""What the Registry said of a file is kept as long as a package of the file can be opened, and for the floor after the
last word. Then the file's key is destroyed, and with it everybody loses what was said; that it was said stays."""

import datetime as dt

from gateway.application.file_parties import file_key
from gateway.domain.events import Event, EventName
from gateway.domain.retention import FLOOR_YEARS
from gateway.ports.clock import Clock
from gateway.ports.database import Database

FLOOR = dt.timedelta(days=365 * FLOOR_YEARS)
"""How long after the last thing that happened nothing expires, whatever a schedule says."""


class FileRetention:
    """Lets what was said of files expire."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(self, *, actor: str) -> int:
        """Destroys the keys of files that nothing needs any more; how many."""
        now = self._clock.now()
        with self._database.read() as tx:
            if not tx.parties.silent_since(now - FLOOR):
                return 0
        with self._database.write() as tx:
            tx.parties.hold()
            needed = tx.dispatches.files_kept()
            over = [one for one in tx.parties.silent_since(now - FLOOR) if one not in needed]
            for division, file in over:
                tx.parties.forget(division, file)
                tx.registry.destroy_data_key(file_key(division, file))
                facts = {"division": division.value, "file": file}
                tx.records.append(Event(name=EventName.PARTIES_EXPIRED, at=now, actor=actor, facts=facts))
        return len(over)
