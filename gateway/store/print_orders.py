"""What a print and mail vendor makes as rows. See `gateway.ports.printing.PrintOrders` for the contract."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from gateway.domain.print_order import TO_PUT, PrintOrder, PrintState
from gateway.ports.work import LeaseLost
from gateway.store.columns import UtcTime
from gateway.store.locking import locked, locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables.manifest import manifests
from gateway.store.tables.printing import print_orders

_ORDERS = sa.select(*columns_of(print_orders, PrintOrder))
_UNANSWERED = _ORDERS.where(print_orders.c.state == PrintState.PUT).order_by(print_orders.c.manifest)
_GET = _ORDERS.where(print_orders.c.manifest == sa.bindparam("b_manifest"))
_GET_LOCKED = locked(_GET)
_FIRST = (
    _ORDERS.where(
        print_orders.c.state.in_(sorted(TO_PUT)), print_orders.c.next_at <= sa.bindparam("b_now", type_=UtcTime)
    )
    .order_by(print_orders.c.next_at, print_orders.c.manifest)
    .limit(1)
)
_UNFINISHED = (
    sa.select(print_orders.c.manifest)
    .join(manifests, manifests.c.number == print_orders.c.manifest)
    .where(print_orders.c.state != PrintState.ANSWERED, manifests.c.closed_at < sa.bindparam("b_before", type_=UtcTime))
    .order_by(manifests.c.ordinal)
)
_DUE = locked_or_passed_over(_FIRST)
_HOLD = (
    sa.update(print_orders)
    .where(print_orders.c.manifest == sa.bindparam("b_manifest"))
    .values(next_at=sa.bindparam("b_until", type_=UtcTime), fence=print_orders.c.fence + 1)
)
_CHANGING = tuple(one.name for one in print_orders.c if one.name not in {"manifest", "fence"})
_SAVE = (
    sa.update(print_orders)
    .where(print_orders.c.manifest == sa.bindparam("b_manifest"), print_orders.c.fence == sa.bindparam("b_fence"))
    .values({one: sa.bindparam(one) for one in _CHANGING})
)


class SqlPrintOrders:
    """`PrintOrders` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open(self, order: PrintOrder) -> None:
        """A new one."""
        self._connection.execute(sa.insert(print_orders), vars(order))

    def any_due(self, *, now: dt.datetime) -> bool:
        """Whether one is to be put and due."""
        return self._connection.execute(_FIRST, {"b_now": now}).one_or_none() is not None

    def claim(self, *, now: dt.datetime, lease: dt.timedelta) -> PrintOrder | None:
        """One that is to be put and due."""
        row = self._connection.execute(_DUE, {"b_now": now}).one_or_none()
        if row is None:
            return None
        self._connection.execute(_HOLD, {"b_manifest": row.manifest, "b_until": now + lease})
        return replace(PrintOrder(**row._mapping), next_at=now + lease, fence=row.fence + 1)

    def unanswered(self) -> Sequence[PrintOrder]:
        """Those that the vendor has and has not accounted for."""
        return [PrintOrder(**row._mapping) for row in self._connection.execute(_UNANSWERED)]

    def unfinished(self, *, closed_before: dt.datetime) -> Sequence[str]:
        """The manifests that are not done with, the oldest first."""
        return self._connection.scalars(_UNFINISHED, {"b_before": closed_before}).all()

    def get(self, manifest: str, *, lock: bool = False) -> PrintOrder | None:
        """That of the manifest."""
        row = self._connection.execute(_GET_LOCKED if lock else _GET, {"b_manifest": manifest}).one_or_none()
        return None if row is None else PrintOrder(**row._mapping)

    def save(self, order: PrintOrder) -> None:
        """Writes it over. Raises LeaseLost when somebody else has it."""
        values = {name: getattr(order, name) for name in _CHANGING}
        whose = {"b_manifest": order.manifest, "b_fence": order.fence}
        if self._connection.execute(_SAVE, whose | values).rowcount == 0:
            raise LeaseLost
