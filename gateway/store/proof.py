"""The papers of proof as rows. See `gateway.ports.proof.ProofPapers` for the contract."""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing
from gateway.domain.proof import ProofPaper
from gateway.store.locking import hold
from gateway.store.rows import columns_of
from gateway.store.tables.proof import proof_papers
from gateway.store.upsert import replace_in

_ALL = sa.select(*columns_of(proof_papers, ProofPaper)).order_by(proof_papers.c.ordinal)
_GET = _ALL.where(proof_papers.c.id == sa.bindparam("b_id"))
_OF = _ALL.where(proof_papers.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))
_DRAFTS = _ALL.where(proof_papers.c.signed_at.is_(None))
_DRAFTS_OF = _DRAFTS.where(proof_papers.c.officer == sa.bindparam("b_officer"))
_SIGN = (
    sa.update(proof_papers)
    .where(proof_papers.c.id == sa.bindparam("b_id"), proof_papers.c.signed_at.is_(None))
    .values({name: sa.bindparam(name) for name in ("digest", "object_name", "signed_at", "signed_by")})
)
_ERASE = (
    sa.update(proof_papers)
    .where(proof_papers.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))
    .values(given=sa.bindparam("b_nothing", b""))
)


class SqlProofPapers:
    """`ProofPapers` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, paper: ProofPaper) -> None:
        """A new paper, in place of the draft of the same kind for the same attempt if there is one."""
        dialect, key = self._connection.dialect.name, ("delivery", "attempt", "kind")
        self._connection.execute(replace_in(proof_papers, dialect, key=key, keep=("ordinal",)), vars(paper))

    def get(self, paper_id: str, *, lock: bool = False) -> ProofPaper:
        """Raises NoSuchThing (paper.unknown)."""
        if lock:
            hold(self._connection, proof_papers, paper_id)
        row = self._connection.execute(_GET, {"b_id": paper_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.PAPER_UNKNOWN, where=paper_id)
        return ProofPaper(**row._mapping)

    def save_signed(self, paper: ProofPaper) -> None:
        """Writes who signed it and when, and what it now is."""
        values = {name: getattr(paper, name) for name in ("digest", "object_name", "signed_at", "signed_by")}
        self._connection.execute(_SIGN, {"b_id": paper.id, **values})

    def erase(self, delivery_ids: Sequence[str]) -> None:
        """What officers said for the papers of these deliveries is overwritten; that there were papers stays."""
        self._connection.execute(_ERASE, {"b_ids": list(delivery_ids)})

    def of_deliveries(self, delivery_ids: Sequence[str]) -> Sequence[ProofPaper]:
        """Those of these deliveries, oldest first."""
        return [ProofPaper(**row._mapping) for row in self._connection.execute(_OF, {"b_ids": list(delivery_ids)})]

    def drafts(self, officer: str | None = None) -> Sequence[ProofPaper]:
        """What waits to be signed, by that officer or by anybody, oldest first."""
        rows = self._connection.execute(_DRAFTS if officer is None else _DRAFTS_OF, {"b_officer": officer})
        return [ProofPaper(**row._mapping) for row in rows]
