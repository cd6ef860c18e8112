"""Attempts as rows: claimed, started just before the network is touched, ended."""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.delivery import Attempt, DeliveryState
from gateway.domain.reference import token_of
from gateway.ports.work import LeaseLost
from gateway.store.columns import UtcTime
from gateway.store.held import HeldRows
from gateway.store.rows import columns_of
from gateway.store.tables.work import attempts, deliveries

_ADD = sa.insert(attempts).inline()
_RENEW = (
    sa.update(deliveries)
    .where(
        deliveries.c.id == sa.bindparam("b_delivery"),
        deliveries.c.fence == sa.bindparam("b_fence"),
        # Said so that no index is asked for it: PostgreSQL, whose statistics know of nothing in flight, would walk
        # through one that has an entry for each renewal since the last vacuum, and not go by the id.
        sa.func.coalesce(deliveries.c.state, "") == DeliveryState.SENDING.value,
        deliveries.c.lease_until > sa.bindparam("b_now", type_=UtcTime),
    )
    .values(lease_until=sa.bindparam("b_until", type_=UtcTime))
)
_START = (
    sa.update(attempts)
    # An attempt starts once: a second start would be a second sending under one record.
    .where(attempts.c.id == sa.bindparam("b_id"), attempts.c.started_at.is_(None), attempts.c.finished_at.is_(None))
    .values({name: sa.bindparam(name) for name in ("started_at", "sent_digest", "sent_object")})
)
_ENDING = ("finished_at", "result", "reason", "words")
_END = (
    sa.update(attempts)
    .where(attempts.c.id == sa.bindparam("b_id"), attempts.c.delivery == sa.bindparam("b_delivery"))
    .values({name: sa.bindparam(name) for name in _ENDING})
)
_BY_TOKEN = (
    sa.select(*columns_of(attempts, Attempt))
    .where(attempts.c.token.in_(sa.bindparam("b_tokens", expanding=True)))
    .order_by(attempts.c.ordinal)
)
_OF = (
    sa.select(*columns_of(attempts, Attempt))
    .where(attempts.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))
    .order_by(attempts.c.ordinal)
)


class SqlAttempts:
    """The attempts' part of `gateway.ports.work.Deliveries`."""

    def __init__(self, connection: sa.Connection, held: HeldRows) -> None:
        self._connection = connection
        self._held = held

    def add_attempt(self, attempt: Attempt) -> None:
        """A new attempt, written in the transaction of its claim."""
        self._connection.execute(_ADD, {**vars(attempt), "token": token_of(attempt.reference)})

    def start_attempt(
        self, attempt: Attempt, *, now: dt.datetime, lease: dt.timedelta, sent_digest: str, sent_object: str
    ) -> None:
        """Raises LeaseLost when the delivery is no longer this attempt's, or the attempt has started or ended."""
        held = {"b_delivery": attempt.delivery, "b_fence": attempt.fence, "b_now": now, "b_until": now + lease}
        if self._connection.execute(_RENEW, held).rowcount == 0:
            raise LeaseLost
        self._held.add(attempt.delivery)
        started = {"b_id": attempt.id, "started_at": now, "sent_digest": sent_digest, "sent_object": sent_object}
        if self._connection.execute(_START, started).rowcount == 0:
            raise LeaseLost

    def end_attempt(self, attempt: Attempt) -> None:
        """Writes finished_at, result, reason and words. Raises LookupError when the attempt was never added."""
        values = {name: getattr(attempt, name) for name in _ENDING}
        which = {"b_id": attempt.id, "b_delivery": attempt.delivery}
        if self._connection.execute(_END, {**which, **values}).rowcount == 0:
            raise LookupError("an attempt that was never added")

    def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """All attempts of the delivery, oldest first."""
        return self.attempts_of([delivery_id])[delivery_id]

    def attempts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
        """The same for several deliveries with one query; each id asked for is in the answer."""
        found: dict[str, list[Attempt]] = {one: [] for one in delivery_ids}
        if found:
            for row in self._connection.execute(_OF, {"b_ids": list(found)}):
                found[row.delivery].append(Attempt(**row._mapping))
        return found

    def by_tokens(self, tokens: Sequence[str]) -> Sequence[Attempt]:
        """The attempts whose reference bears one of the tokens, oldest first."""
        rows = self._connection.execute(_BY_TOKEN, {"b_tokens": list(tokens)}) if tokens else ()
        return [Attempt(**row._mapping) for row in rows]
