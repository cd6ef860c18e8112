"""Keys that outlived the packages they were for: of what was said of files, and of conversations in the exchange.

A key is destroyed, and with it everybody loses what lies under it, once the last package it served has expired; what
was said of a file is kept for the floor after the last word besides. That it was there stays.
"""

import datetime as dt

from gateway.application.files.file_parties import file_key
from gateway.domain.events import Event, EventName
from gateway.domain.retention import FLOOR_YEARS
from gateway.ports.clock import Clock
from gateway.ports.database import Database

FLOOR = dt.timedelta(days=365 * FLOOR_YEARS)
"""How long after the last thing that happened nothing expires, whatever a schedule says."""


class OutlivedKeys:
    """Finds them and destroys them."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def destroy(self, *, actor: str) -> None:
        """Destroys those that nothing needs any more."""
        self._of_files(actor)
        self._of_conversations(actor)

    def _of_files(self, actor: str) -> None:
        now = self._clock.now()
        with self._database.read() as tx:
            if not tx.parties.silent_since(now - FLOOR):
                return
        with self._database.write() as tx:
            tx.parties.hold()
            needed = tx.dispatches.files_kept()
            for division, file in tx.parties.silent_since(now - FLOOR):
                if (division, file) not in needed:
                    tx.parties.forget(division, file)
                    tx.registry.destroy_data_key(file_key(division, file))
                    facts = {"division": division.value, "file": file}
                    tx.records.append(Event(name=EventName.PARTIES_EXPIRED, at=now, actor=actor, facts=facts))

    def _of_conversations(self, actor: str) -> None:
        with self._database.read() as tx:
            if not tx.exchange.conversations_over():
                return
        with self._database.write() as tx:
            for one in tx.exchange.conversations_over():
                tx.registry.destroy_data_key(one.data_key)
                facts = {"account": one.account, "conversation": one.id}
                name = EventName.EXCHANGE_CONVERSATION_EXPIRED
                tx.records.append(Event(name=name, at=self._clock.now(), actor=actor, facts=facts))
