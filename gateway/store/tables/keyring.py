"""The tables of people and of what they trust: accounts, proposals, pins, anchors for recipients, revocation."""

import sqlalchemy as sa

from gateway.domain.accounts import AccountRole
from gateway.domain.key_findings import KeyFault, KeyOwner
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.proposals import Caution, ChangeKind, ProposalState
from gateway.domain.trust import StatusKind
from gateway.store.columns import BytesTuple, Term, TextSet, TextTuple, UtcTime
from gateway.store.shapes import metadata, ordinal, sealed_bytes, text

accounts = sa.Table(
    "accounts",
    metadata,
    ordinal(),
    text("name", unique=True),
    sa.Column("roles", TextSet(AccountRole), nullable=False),
    text("secret_digest"),
    sa.Column("created_at", UtcTime, nullable=False),
    text("created_by"),
    sa.Column("disabled_at", UtcTime),
    sa.Column("offices", TextSet, nullable=False, server_default="[]"),
)

account_uses = sa.Table(
    "account_uses",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("used_at", UtcTime, nullable=False),
)

proposals = sa.Table(
    "proposals",
    metadata,
    ordinal(),
    text("id", unique=True),
    sa.Column("kind", Term(ChangeKind), nullable=False),
    text("subject"),
    text("before"),
    sealed_bytes("content"),
    sa.Column("cautions", TextTuple(Caution), nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    text("proposed_by"),
    sealed_bytes("reason"),
    sa.Column("state", Term(ProposalState), nullable=False),
    text("seconded_by", nullable=True),
    sa.Column("decided_at", UtcTime),
    text("decided_by", nullable=True),
    sealed_bytes("decision", nullable=True),
    sa.Index(None, "state"),
)

pins = sa.Table(
    "pins",
    metadata,
    ordinal(),
    text("recipient"),
    text("channel"),
    text("key"),
    text("fingerprint"),
    sa.Column("pinned_at", UtcTime, nullable=False),
    text("pinned_by"),
    text("approved_by", nullable=True),
    sealed_bytes("reason", nullable=True),
    sa.Column("ended_at", UtcTime),
    text("ended_by", nullable=True),
    text("replaced_by", nullable=True),
    sa.Index(None, "recipient"),
)

recipient_anchors = sa.Table(
    "recipient_anchors",
    metadata,
    ordinal(),
    text("fingerprint", unique=True),
    sealed_bytes("certificate"),
    sa.Column("intermediates", BytesTuple, nullable=False),
    sa.Column("crls", BytesTuple, nullable=False),
    sa.Column("trusted_at", UtcTime, nullable=False),
    text("trusted_by"),
)

status_responses = sa.Table(
    "status_responses",
    metadata,
    ordinal(),
    text("source"),
    sa.Column("kind", Term(StatusKind), nullable=False),
    text("url"),
    sealed_bytes("request"),
    text("subject"),
    text("digest"),
    sa.Column("fetched_at", UtcTime, nullable=False),
    sa.Column("fresh_until", UtcTime, nullable=False),
    sealed_bytes("sealed"),
    sa.UniqueConstraint("source", "digest"),
    sa.Index(None, "digest"),
)

issuers = sa.Table(
    "issuers", metadata, sa.Column("fingerprint", sa.Text, primary_key=True), sealed_bytes("certificate")
)

own_keys = sa.Table(
    "own_keys",
    metadata,
    sa.Column("name", Term(OwnKeyName), primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),
)

watches = sa.Table(
    "watches",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("begun_at", UtcTime, nullable=False),
)

key_findings = sa.Table(
    "key_findings",
    metadata,
    ordinal(),
    sa.Column("owner", Term(KeyOwner), nullable=False),
    text("whose"),
    text("fingerprint"),
    sa.Column("fault", Term(KeyFault), nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("deliveries", TextTuple, nullable=False),
)

# A key is one recipient's: the database holds to it too, however many write at once.
sa.Index(
    "uq_pins_key",
    pins.c.key,
    pins.c.channel,
    unique=True,
    sqlite_where=pins.c.ended_at.is_(None),
    postgresql_where=pins.c.ended_at.is_(None),
)
