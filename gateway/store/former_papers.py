"""Former papers as rows. See `gateway.ports.former_papers.FormerPapersStore` for the contract."""

from collections import defaultdict
from collections.abc import Sequence, Set

import sqlalchemy as sa

from gateway.ports.former_papers import FormerPapers
from gateway.ports.records import RenderedRecord
from gateway.store.rows import columns_of
from gateway.store.tables.former import former_documents, former_papers
from gateway.store.tables.party import planned_for
from gateway.store.tables.work import documents

_DELIVERY = sa.bindparam("b_delivery", type_=sa.Text)
_TURN = sa.bindparam("b_turn", type_=sa.BigInteger)
_STAND = sa.select(sa.exists().where(documents.c.delivery == _DELIVERY))
_HAVE = (
    sa.select(documents.c.delivery).where(documents.c.delivery.in_(sa.bindparam("b_ids", expanding=True))).distinct()
)
_LAST = sa.select(sa.func.coalesce(sa.func.max(former_papers.c.turn), 0)).where(former_papers.c.delivery == _DELIVERY)
_WHOM = sa.select(planned_for.c.sealed).where(planned_for.c.delivery == _DELIVERY)
_ADD = sa.insert(former_papers)
_COPIED = [one.name for one in columns_of(documents, RenderedRecord) if one.name != "delivery"]
_COPY = sa.insert(former_documents).from_select(
    ["delivery", "turn", *_COPIED],
    sa.select(documents.c.delivery, _TURN, *(documents.c[name] for name in _COPIED)).where(
        documents.c.delivery == _DELIVERY
    ),
)
_PAPERS = sa.select(former_papers).where(former_papers.c.delivery == _DELIVERY).order_by(former_papers.c.turn)
_DOCUMENTS = (
    sa.select(former_documents.c.turn, *columns_of(former_documents, RenderedRecord))
    .where(former_documents.c.delivery == _DELIVERY)
    .order_by(former_documents.c.turn, former_documents.c.ordinal)
)


class SqlFormerPapers:
    """`FormerPapersStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def stand(self, delivery_ids: Sequence[str]) -> Set[str]:
        """Those of the deliveries that have papers."""
        return set(self._connection.scalars(_HAVE, {"b_ids": list(delivery_ids)})) if delivery_ids else set()

    def set_aside(self, delivery_id: str, *, fence: int) -> int:
        """Keeps what stands before other papers take its place: its turn; 0 where no papers stand."""
        which = {"b_delivery": delivery_id}
        if not self._connection.scalar(_STAND, which):
            return 0
        turn = int(self._connection.scalar(_LAST, which) or 0) + 1
        whom = self._connection.scalar(_WHOM, which)
        self._connection.execute(_ADD, {"delivery": delivery_id, "turn": turn, "fence": fence, "planned_for": whom})
        self._connection.execute(_COPY, which | {"b_turn": turn})
        return turn

    def of_delivery(self, delivery_id: str) -> Sequence[FormerPapers]:
        """The earliest first."""
        which = {"b_delivery": delivery_id}
        papers = self._connection.execute(_PAPERS, which).all()
        if not papers:
            return []
        sets: defaultdict[int, list[RenderedRecord]] = defaultdict(list)
        for row in self._connection.execute(_DOCUMENTS, which):
            fields = dict(row._mapping)
            sets[fields.pop("turn")].append(RenderedRecord(**fields))
        return [FormerPapers(**row._mapping, documents=sets[row.turn]) for row in papers]
