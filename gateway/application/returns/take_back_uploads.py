"""Takes back what was uploaded to others' exchanges and shall not be there, and calls a person where that is not sure.

Rows say what is to be taken back, written in the transaction that made it so; this runs after it, over the network.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace

from gateway.application.acts.call_person import CallPerson, PersonCall
from gateway.application.sealed import Vault
from gateway.domain.delivery import Attempt, DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.unreached import LOOKED_AT_AGAIN, TakenBack, Unreached
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database

SOURCE = "gateway"
"""Whose word it is that a person is called for it."""
_HELD = dt.timedelta(minutes=5)
"""For how long a row is one process's: longer than any far end is waited for."""


class TakeBackUploads:
    """Safe to run anywhere, any number of times."""

    def __init__(self, *, database: Database, vault: Vault, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._database = database
        self._call_person = CallPerson(database=database, vault=vault, clock=clock)
        self._channels = channels
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many were seen to, at most `limit`."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            if not tx.unreached.some_due(now):
                return 0
        with self._database.write() as tx:
            due = tx.unreached.take(now=now, until=now + _HELD, limit=limit)
        for row in due:
            self._see_to(row)
        return len(due)

    def _see_to(self, row: Unreached) -> None:
        with self._database.read() as tx:
            delivery = tx.deliveries.get(row.delivery)
            attempt = next(one for one in tx.deliveries.attempts(row.delivery) if one.id == row.attempt)
        if delivery.state is DeliveryState.SENDING and attempt.result is None:
            self._later(row)
            return
        came_to, now = self._taken_back(row, attempt), self._clock.now()
        left_us = row.taken or attempt.may_have_left
        after = row.after(came_to, now, left_us=left_us)
        if row.calls(came_to, left_us=left_us):
            self._call(row, after, came_to)
            return
        with self._database.write() as tx:
            tx.unreached.save(after)
            if came_to is TakenBack.REMOVED:
                removed = Event(
                    name=EventName.UPLOAD_REMOVED,
                    at=now,
                    actor="gateway",
                    dispatch=row.dispatch,
                    delivery=row.delivery,
                    attempt=row.attempt,
                    facts={"channel": attempt.channel},
                )
                tx.records.append(removed)

    def _later(self, row: Unreached) -> None:
        """It is on its way: what becomes of it is waited for."""
        with self._database.write() as tx:
            tx.unreached.save(replace(row, next_at=self._clock.now() + LOOKED_AT_AGAIN))

    def _taken_back(self, row: Unreached, attempt: Attempt) -> TakenBack:
        channel = self._channels.get(attempt.channel)
        if row.taken or channel is None or not channel.capabilities.can_take_back:
            return TakenBack.BEYOND
        return channel.take_back(attempt.reference)

    def _call(self, row: Unreached, after: Unreached, came_to: TakenBack) -> None:
        """What waits for the person stands among what came back, once for each delivery and reason."""
        call = PersonCall(
            source=SOURCE,
            statement=_statement(row),
            finding=row.finding,
            dispatch=row.dispatch,
            delivery=row.delivery,
            attempt=row.attempt,
            facts={"taken_back": came_to.value},
        )
        self._call_person(call, besides=lambda tx: tx.unreached.save(after))


def _statement(row: Unreached) -> bytes:
    """Which delivery, and why a person is called: it names nobody."""
    told = {"schema": "person-called/1", "finding": row.finding.value, "dispatch": row.dispatch}
    return (json.dumps(told | {"delivery": row.delivery}, indent=1) + "\n").encode()
