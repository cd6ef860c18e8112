"""Calls as rows. See `gateway.ports.calls.Calls` for the contract."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.calls import Call, Endpoint, Subject, call_id, told_of_delivery
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.events import Event
from gateway.domain.problem import NoSuchThing
from gateway.ports.calls import Untold
from gateway.store.columns import UtcTime
from gateway.store.locking import locked, locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables.call import calls, endpoints, untold
from gateway.store.tables.work import deliveries, dispatches
from gateway.store.upsert import Insert, insert_into

_NOW = sa.bindparam("b_now", type_=UtcTime)
_UNTIL = sa.bindparam("b_until", type_=UtcTime)
_ENDPOINTS = (
    sa.select(*columns_of(endpoints, Endpoint)).where(endpoints.c.removed_at.is_(None)).order_by(endpoints.c.ordinal)
)
_ENDPOINT = _ENDPOINTS.where(endpoints.c.id == sa.bindparam("b_id"))
_ENDPOINT_LOCKED = locked(_ENDPOINT)
_ADD_ENDPOINT = sa.insert(endpoints).inline()
_CHANGING = ("removed_at", "failures", "failing_since", "next_call_at", "suspended_at", "fault")
_SAVE_ENDPOINT = (
    sa.update(endpoints)
    .where(endpoints.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)
_MOVING = ("tries", "next_action_at", "lease_until", "told_at")
_SAVE = (
    sa.update(calls)
    .where(
        calls.c.id == sa.bindparam("b_id"),
        calls.c.endpoint == sa.bindparam("b_endpoint"),
        calls.c.fence == sa.bindparam("b_fence"),
    )
    .values({name: sa.bindparam(name) for name in _MOVING})
)
_UNTOLD = (
    sa.select(calls.c.endpoint, sa.func.count().label("count"), sa.func.min(calls.c.made_at, type_=UtcTime))
    .where(untold(calls.c.told_at))
    .group_by(calls.c.endpoint)
)
_AGAIN = (
    sa.update(calls)
    .where(calls.c.endpoint == sa.bindparam("b_endpoint"), calls.c.made_at >= sa.bindparam("b_since", type_=UtcTime))
    .values(told_at=None, next_action_at=None, lease_until=None, tries=0, fence=calls.c.fence + 1)
)
_HURRY = (
    sa.update(calls)
    .where(calls.c.endpoint == sa.bindparam("b_endpoint"), untold(calls.c.told_at))
    .values(next_action_at=None)
)
_MADE_AT = sa.select(calls.c.made_at).where(
    calls.c.endpoint == sa.bindparam("b_endpoint"), calls.c.id == sa.bindparam("b_id")
)
_FORGET = sa.delete(calls).where(calls.c.told_at < sa.bindparam("b_before", type_=UtcTime))
_DROP = sa.delete(calls).where(calls.c.endpoint == sa.bindparam("b_endpoint"))
_CHANGED = (
    sa.select(*columns_of(deliveries, Delivery), dispatches.c.package_id, dispatches.c.submitted_by)
    .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
    .where(deliveries.c.id.in_(sa.bindparam("b_ids", expanding=True)))
)


def _due(table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    free = (sa.or_(table.c[name].is_(None), table.c[name] <= _NOW) for name in ("next_action_at", "lease_until"))
    return (untold(table.c.told_at), *free)


_READY = _ENDPOINTS.where(
    endpoints.c.suspended_at.is_(None),
    sa.or_(endpoints.c.next_call_at.is_(None), endpoints.c.next_call_at <= _NOW),
    sa.select(calls.c.ordinal)
    .where(calls.c.endpoint == endpoints.c.id, *_due(calls))
    .limit(1)
    .scalar_subquery()
    .is_not(None),
)


def _claim() -> sa.Executable:
    due = calls.alias("due_now")
    chosen = (
        sa.select(due.c.ordinal)
        .where(due.c.endpoint == sa.bindparam("b_endpoint"), *_due(due))
        .order_by(due.c.tries, due.c.ordinal)
        .limit(sa.bindparam("b_limit", type_=sa.Integer))
    )
    taken = locked_or_passed_over(chosen).cte("chosen")
    return (
        sa.update(calls)
        .where(calls.c.ordinal.in_(sa.select(taken.c.ordinal)))
        .values(tries=calls.c.tries + 1, fence=calls.c.fence + 1, lease_until=_UNTIL)
        .returning(*columns_of(calls, Call))
    )


_CLAIM = _claim()


@cache
def _add(dialect: str) -> Insert:
    return insert_into(calls, dialect).on_conflict_do_nothing(index_elements=["endpoint", "id"])


class SqlCalls:
    """`Calls` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def owe(self, happened: Sequence[tuple[Event, int]]) -> None:
        """What was recorded of deliveries, each with its place in its chain, is owed to whoever wants to be told.

        Called once, when all else of the transaction is written: a body says where the delivery stands after it.
        """
        wanting = [one for one in self.endpoints() if one.subject is Subject.DELIVERIES]
        if not wanting:
            return
        rows = self._connection.execute(_CHANGED, {"b_ids": list({event.delivery for event, _ in happened})}).all()
        stands = {row.id: row._mapping for row in rows}
        self.add([call for event, place in happened for call in _calls(event, place, stands, wanting)])

    def add_endpoint(self, endpoint: Endpoint) -> None:
        """A new endpoint."""
        self._connection.execute(_ADD_ENDPOINT, vars(endpoint))

    def endpoint(self, endpoint_id: str, *, lock: bool = False) -> Endpoint:
        """Raises NoSuchThing (endpoint.unknown). `lock`: until the transaction ends nobody else writes it."""
        row = self._connection.execute(_ENDPOINT_LOCKED if lock else _ENDPOINT, {"b_id": endpoint_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.ENDPOINT_UNKNOWN, where=endpoint_id)
        return Endpoint(**row._mapping)

    def endpoints(self) -> Sequence[Endpoint]:
        """Those that were not removed, oldest first."""
        return [Endpoint(**row._mapping) for row in self._connection.execute(_ENDPOINTS)]

    def save_endpoint(self, endpoint: Endpoint) -> None:
        """Writes all that can change."""
        values = {name: getattr(endpoint, name) for name in _CHANGING}
        self._connection.execute(_SAVE_ENDPOINT, {"b_id": endpoint.id, **values})

    def add(self, new: Sequence[Call]) -> None:
        """More to tell. What has the id of a call of that endpoint is that call, and changes nothing."""
        if new:
            self._connection.execute(_add(self._connection.dialect.name), [vars(one) for one in new])

    def ready(self, *, now: dt.datetime) -> Sequence[Endpoint]:
        """Endpoints that may be called now and have something due."""
        return [Endpoint(**row._mapping) for row in self._connection.execute(_READY, {"b_now": now})]

    def claim(self, endpoint_id: str, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Call]:
        """Takes what is due of an endpoint: what was tried least comes first, then the oldest."""
        values = {"b_endpoint": endpoint_id, "b_now": now, "b_until": now + lease, "b_limit": limit}
        return [Call(**row._mapping) for row in self._connection.execute(_CLAIM, values)]

    def save(self, call: Call) -> None:
        """How a claimed call stands. One that was claimed again meanwhile stays as it is."""
        which = {"b_id": call.id, "b_endpoint": call.endpoint, "b_fence": call.fence}
        self._connection.execute(_SAVE, {**which, **{name: getattr(call, name) for name in _MOVING}})

    def untold(self) -> Mapping[str, Untold]:
        """By endpoint; one that was told everything is not in it."""
        return {name: Untold(count=count, since=since) for name, count, since in self._connection.execute(_UNTOLD)}

    def tell_again(self, endpoint_id: str, *, since: dt.datetime) -> int:
        """Everything made since then is due once more, under the same ids; how much that is."""
        return self._connection.execute(_AGAIN, {"b_endpoint": endpoint_id, "b_since": since}).rowcount

    def hurry(self, endpoint_id: str) -> None:
        """What waits for its time is due now."""
        self._connection.execute(_HURRY, {"b_endpoint": endpoint_id})

    def made_at(self, endpoint_id: str, call_id: str) -> dt.datetime:
        """When a call was made. Raises NoSuchThing (endpoint.call-unknown)."""
        made: dt.datetime | None = self._connection.scalar(_MADE_AT, {"b_endpoint": endpoint_id, "b_id": call_id})
        if made is None:
            raise NoSuchThing(Code.ENDPOINT_CALL_UNKNOWN, where=call_id)
        return made

    def drop(self, endpoint_id: str) -> None:
        """Removes what an endpoint was told and is to be told."""
        self._connection.execute(_DROP, {"b_endpoint": endpoint_id})

    def forget(self, *, before: dt.datetime) -> int:
        """Removes what was told before then."""
        return self._connection.execute(_FORGET, {"b_before": before}).rowcount


def _calls(
    event: Event, place: int, stands: Mapping[str, sa.RowMapping], wanting: Sequence[Endpoint]
) -> Sequence[Call]:
    row = stands.get(event.delivery or "")
    if row is None or event.delivery is None:
        return ()
    known = {name: value for name, value in row.items() if name not in {"package_id", "submitted_by"}}
    body = told_of_delivery(event, Delivery(**known), row["package_id"])
    return [
        Call(id=call_id(event.delivery, place), endpoint=one.id, body=body, made_at=event.at)
        for one in wanting
        if one.submitter in {"", row["submitted_by"]}
    ]
