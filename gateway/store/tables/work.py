"""The tables of the work: dispatches, deliveries, what came back, and what the Registry set up.

A table's columns bear the names of the fields they keep; what a table adds is explained where it is.

`ordinal` grows with each row and gives the order of writing. States and words are text. What is sealed is bytes.
Everything here is portable: SQLite and PostgreSQL share one set of migrations.
"""

import sqlalchemy as sa

from gateway.domain.breaker import BreakerState
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage, RecipientKind, Role
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling
from gateway.ports.registry import Scope
from gateway.store.columns import BytesTuple, DueDate, Facts, Term, TextSet, TextTuple, UtcTime
from gateway.store.conditions import by_somebody, calling, claimable, in_flight, unread, unsettled, waiting
from gateway.store.shapes import metadata
from gateway.store.shapes import number as _number
from gateway.store.shapes import ordinal as _ordinal
from gateway.store.shapes import sealed_bytes as _bytes
from gateway.store.shapes import text as _text

NULLS_FIRST = {"next_action_at": "int8_ops NULLS FIRST"}
"""What waits for nothing comes first: SQLite's indexes have it so, PostgreSQL's must be told."""

dispatches = sa.Table(
    "dispatches",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    sa.Column("package_id", sa.Uuid, nullable=False, unique=True),
    _text("digest"),
    _number("size"),
    _text("object_name"),
    sa.Column("division", Term(Division), nullable=False),
    _text("office"),
    sa.Column("files", TextTuple, nullable=False),
    _text("signer"),
    sa.Column("accepted_at", UtcTime, nullable=False),
    _text("submitted_by"),
    _text("data_key"),
    sa.Column("step", Term(Step), nullable=False),
    sa.Column("due", DueDate, nullable=False),
    _number("attempts"),
    _number("fence"),
    sa.Column("next_action_at", UtcTime),
    sa.Column("lease_until", UtcTime),
    # Among what is due the same day: the round in which this submitter's packages and the others' take turns.
    sa.Column("turn", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index(None, "digest"),
    # The claim walks it in order and stops at its limit.
    sa.Index("ix_dispatches_claim", "step", "due", "turn", "next_action_at", "lease_until", postgresql_ops=NULLS_FIRST),
)
sa.Index(
    "ix_dispatches_turn",
    dispatches.c.submitted_by,
    dispatches.c.turn,
    sqlite_where=waiting(dispatches.c.step),
    postgresql_where=waiting(dispatches.c.step),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    sa.Column("dispatch", sa.Text, sa.ForeignKey("dispatches.id"), nullable=False),
    _text("participant"),
    sa.Column("roles", TextTuple(Role), nullable=False),
    _text("recipient", nullable=True),
    sa.Column("language", Term(PreferredLanguage), nullable=False),
    sa.Column("state", Term(DeliveryState), nullable=False),
    sa.Column("reason", Term(Reason)),
    sa.Column("plan", TextTuple, nullable=False),
    _number("position"),
    _text("server", nullable=True),
    # The ones in use, by plan and position, so that rows can be found and passed over by them.
    _text("channel", nullable=True),
    _text("destination", nullable=True),
    _number("attempts"),
    _number("fence"),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Column("due", DueDate, nullable=False),
    sa.Column("next_action_at", UtcTime),
    sa.Column("lease_until", UtcTime),
    # What is in flight has an end: without one, nobody would ever look at it again.
    sa.CheckConstraint("state <> 'sending' OR lease_until IS NOT NULL", name="lease"),
    sa.Index(None, "dispatch"),
    # The work list, whole and by state or channel.
    sa.Index(None, "due"),
    sa.Index(None, "state", "due"),
    sa.Index(None, "channel", "due"),
)

# Only what can still be claimed, or is in flight, stands in these: they stay small among millions of ended ones.
sa.Index(
    "ix_deliveries_claim",
    deliveries.c.destination,
    deliveries.c.due,
    deliveries.c.next_action_at,
    # So that a row is passed over, and its channel's pause asked, without its being read.
    deliveries.c.state,
    deliveries.c.channel,
    postgresql_ops=NULLS_FIRST,
    sqlite_where=claimable(deliveries.c.state),
    postgresql_where=claimable(deliveries.c.state),
)
sa.Index(
    "ix_deliveries_lease",
    deliveries.c.lease_until,
    sqlite_where=in_flight(deliveries.c.state),
    postgresql_where=in_flight(deliveries.c.state),
)

sa.Index(
    "ix_deliveries_in_flight",
    deliveries.c.destination,
    sqlite_where=in_flight(deliveries.c.state),
    postgresql_where=in_flight(deliveries.c.state),
)

sa.Index(
    "ix_deliveries_unsettled",
    deliveries.c.next_action_at,
    postgresql_ops=NULLS_FIRST,
    sqlite_where=unsettled(deliveries.c.state, deliveries.c.settled),
    postgresql_where=unsettled(deliveries.c.state, deliveries.c.settled),
)

sa.Index(
    "ix_deliveries_calling",
    deliveries.c.due,
    sqlite_where=calling(deliveries.c.reason),
    postgresql_where=calling(deliveries.c.reason),
)

destinations = sa.Table(
    "destinations",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("digested_at", UtcTime),
    sa.Column("state", Term(BreakerState), nullable=False),
    _number("failures"),
    _number("openings"),
    sa.Column("since", UtcTime),
    sa.Column("until", UtcTime),
    _text("probe", nullable=True),
)

attempts = sa.Table(
    "attempts",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
    _number("number"),
    _text("channel"),
    _number("fence"),
    _text("reference"),
    _text("token"),  # the part of the reference that comes back, so that it finds its delivery
    sa.Column("claimed_at", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("finished_at", UtcTime),
    sa.Column("result", Term(ResultName)),
    sa.Column("reason", Term(Reason)),
    _bytes("words", nullable=True),
    _text("sent_digest", nullable=True),
    _text("sent_object", nullable=True),
    sa.Index(None, "delivery"),
    sa.Index(None, "token"),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
    sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", Term(DocumentKind)),
    _text("name"),
    _text("media_type"),
    _text("digest"),
    _number("size"),
    _number("pages", nullable=True),
    _text("object_name"),
    sa.Column("language", Term(PreferredLanguage)),
)

receipts = sa.Table(
    "receipts",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
    _text("attempt", nullable=True),
    sa.Column("event", Term(ReceiptEvent), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    _text("source"),
    _text("evidence"),
    _text("external_id"),
    _text("object_name", nullable=True),
    sa.Column("taken_back_at", UtcTime),
    sa.UniqueConstraint("delivery", "source", "external_id"),
)


incoming = sa.Table(
    "incoming",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    _text("source"),
    _text("digest"),
    _number("size"),
    sa.Column("received_at", UtcTime, nullable=False),
    _text("object_name"),
    sa.Column("handling", Term(Handling), nullable=False),
    sa.Column("finding", Term(Finding)),
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id")),
    _number("tries"),
    sa.Column("next_action_at", UtcTime),
    sa.Column("attempt", sa.Text),
    sa.Column("matched_by", sa.Text),
    sa.Column("closed_at", UtcTime),
    sa.UniqueConstraint("source", "digest"),
    sa.Index(None, "handling"),
    sa.Index(None, "delivery"),
)
sa.Index(
    "ix_incoming_due",
    incoming.c.next_action_at,
    sqlite_where=unread(incoming.c.handling),
    postgresql_where=unread(incoming.c.handling),
)


def unplaced(leaf: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether an event has no place under a checkpoint yet; said as its partial index says it."""
    return leaf.is_(None)


events = sa.Table(
    "events",
    metadata,
    _ordinal(),
    sa.Column("name", Term(EventName), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    _text("actor"),
    # No foreign keys: an event outlives what it tells of.
    _text("dispatch", nullable=True),
    _text("delivery", nullable=True),
    _text("attempt", nullable=True),
    sa.Column("facts", Facts, nullable=False),
    _bytes("reason", nullable=True),
    _text("chain"),
    _number("sequence"),  # 1, 2, … within the chain
    _bytes("link"),
    _number("leaf", nullable=True),  # 0, 1, … in the tree under the checkpoints
    sa.UniqueConstraint("chain", "sequence"),
    sa.UniqueConstraint("leaf"),
    sa.Index(None, "dispatch"),
    sqlite_autoincrement=True,  # an ordinal is never given twice
)
for _name, _by, _where in (
    ("ix_events_unplaced", (events.c.ordinal,), unplaced(events.c.leaf)),
    ("ix_events_actor", (events.c.actor, events.c.ordinal), by_somebody(events.c.actor)),
    ("ix_events_besides", (events.c.name, events.c.ordinal), events.c.dispatch.is_(None)),
):
    sa.Index(_name, *_by, sqlite_where=_where, postgresql_where=_where)


def _recipient_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("kind", Term(RecipientKind), nullable=False),
        sa.Column("divisions", TextSet(Division), nullable=False),
        sa.Column("offices", TextSet, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]


recipients = sa.Table(
    "recipients", metadata, sa.Column("id", sa.Text, primary_key=True), *_recipient_columns(), sa.Index(None, "kind")
)

recipient_history = sa.Table(
    "recipient_history", metadata, _ordinal(), _text("id"), *_recipient_columns(), sa.Index(None, "id")
)

anchors = sa.Table(
    "anchors",
    metadata,
    _ordinal(),
    _text("fingerprint"),
    _text("signer"),  # empty: every signer under the anchor; NULLs would not count as equal
    _bytes("certificate"),
    sa.Column("divisions", TextSet(Division), nullable=False),
    sa.Column("intermediates", BytesTuple, nullable=False),
    sa.Column("crls", BytesTuple, nullable=False),
    sa.Column("trusted_at", UtcTime, nullable=False),
    _text("trusted_by"),
    sa.UniqueConstraint("fingerprint", "signer"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    _text("name"),
    _text("secret_digest", unique=True),
    sa.Column("scopes", TextSet(Scope), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    _text("created_by"),
    sa.Column("revoked_at", UtcTime),
)

data_keys = sa.Table(
    "data_keys", metadata, sa.Column("id", sa.Text, primary_key=True), _bytes("wrapped"), sa.Index(None, "wrapped")
)

channel_pauses = sa.Table(
    "channel_pauses",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    _text("reason"),
)

closures = sa.Table(
    "closures",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    _text("office", nullable=True),  # NULL: every office
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("entered_at", UtcTime, nullable=False),
    _text("entered_by"),
    _bytes("reason"),
    sa.Column("withdrawn_at", UtcTime),
    _text("withdrawn_by", nullable=True),
)

carrier_suspensions = sa.Table(
    "carrier_suspensions",
    metadata,
    _ordinal(),
    _text("id", unique=True),
    _text("channel"),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("entered_at", UtcTime, nullable=False),
    _text("entered_by"),
    _bytes("reason"),
    sa.Column("restored_at", UtcTime),
    _text("restored_by", nullable=True),
    _bytes("restored_reason", nullable=True),
)

due_dates = sa.Table(
    "due_dates",
    metadata,
    sa.Column("dispatch", sa.Text, sa.ForeignKey("dispatches.id"), primary_key=True),
    _text("office"),
    _text("rule"),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("due", sa.Date, nullable=False),
    sa.Column("warn_on", sa.Date),
    sa.Index(None, "due"),  # a closure looks for the counts that span its day
)
