"""The ledger: every event in a hash chain, and checkpoints over all.

Revision ID: 0011
Revises: 0010
"""

import datetime as dt
import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_BATCH = 5_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_events = sa.table(
    "events",
    *(
        sa.column(name)
        for name in (
            *("ordinal", "name", "at", "actor", "dispatch", "delivery", "attempt", "facts", "reason"),
            *("chain", "sequence", "link"),
        )
    ),
)


def upgrade() -> None:
    """Makes the columns and the table, and links what was recorded so far in the order of its writing."""
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        events.drop_constraint("uq_events_delivery_sequence", type_="unique")
        events.add_column(sa.Column("chain", sa.Text(), nullable=True))
        events.add_column(sa.Column("link", sa.LargeBinary(), nullable=True))
        events.add_column(sa.Column("leaf", sa.BigInteger(), nullable=True))
    _link_all()
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        events.alter_column("chain", existing_type=sa.Text(), nullable=False)
        events.alter_column("sequence", existing_type=sa.BigInteger(), nullable=False)
        events.alter_column("link", existing_type=sa.LargeBinary(), nullable=False)
        events.create_unique_constraint("uq_events_chain_sequence", ["chain", "sequence"])
        events.create_unique_constraint("uq_events_leaf", ["leaf"])
    op.create_index(
        "ix_events_unplaced",
        "events",
        ["ordinal"],
        sqlite_where=sa.text("leaf IS NULL"),
        postgresql_where=sa.text("leaf IS NULL"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )


def _link_all() -> None:
    connection = op.get_bind()
    heads: dict[str, tuple[int, bytes]] = {}
    update = (
        sa.update(_events)
        .where(_events.c.ordinal == sa.bindparam("b_ordinal"))
        .values({name: sa.bindparam(f"b_{name}") for name in ("chain", "sequence", "link")})
    )
    after = 0
    while True:
        rows = connection.execute(
            sa.select(_events).where(_events.c.ordinal > after).order_by(_events.c.ordinal).limit(_BATCH)
        ).all()
        if not rows:
            return
        connection.execute(update, [_linked(row, heads) for row in rows])
        after = rows[-1].ordinal


def _linked(row: sa.Row[tuple[object, ...]], heads: dict[str, tuple[int, bytes]]) -> dict[str, object]:
    """As `gateway.domain.ledger` makes a link today. What had neither delivery nor dispatch has a chain of its own."""
    event = row._mapping
    chain = str(event["delivery"] or event["dispatch"] or f"house/{event['ordinal']}")
    sequence, previous = heads.get(chain, (0, bytes(32)))
    reason = event["reason"]
    written = {
        **{name: event[name] for name in ("actor", "attempt", "delivery", "dispatch", "name")},
        "at": (_EPOCH + dt.timedelta(microseconds=event["at"])).isoformat(),
        "chain": chain,
        "facts": json.loads(event["facts"]),
        "reason": None if reason is None else "sha256:" + hashlib.sha256(reason).hexdigest(),
        "sequence": sequence + 1,
    }
    content = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    made = hashlib.sha256(b"decision-gateway/event/1\n" + previous + content).digest()
    heads[chain] = sequence + 1, made
    return {"b_ordinal": event["ordinal"], "b_chain": chain, "b_sequence": sequence + 1, "b_link": made}
