"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NULLS_FIRST = {"next_action_at": "int8_ops NULLS FIRST"}


def upgrade() -> None:
    """Makes every table and index."""
    _dispatches()
    _deliveries()
    _attempts()
    _documents_and_receipts()
    _events()
    _recipients_and_recipient_history()
    _anchors_and_tokens()
    _data_keys_and_channel_pauses()


def _ordinal() -> sa.Column[int]:
    return sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _dispatches() -> None:
    op.create_table(
        "dispatches",
        _ordinal(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("data_key", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_dispatches_id"),
        sa.UniqueConstraint("package_id", name="uq_dispatches_package_id"),
    )
    op.create_index(
        "ix_dispatches_claim",
        "dispatches",
        ["step", "due", "next_action_at", "lease_until"],
        postgresql_ops=_NULLS_FIRST,
    )
    op.create_index("ix_dispatches_digest", "dispatches", ["digest"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        _ordinal(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dispatch", sa.Text(), nullable=False),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state <> 'sending' OR lease_until IS NOT NULL", name=op.f("ck_deliveries_lease")),
        sa.ForeignKeyConstraint(["dispatch"], ["dispatches.id"], name="fk_deliveries_dispatch"),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
    )
    op.create_index("ix_deliveries_channel_due", "deliveries", ["channel", "due"])
    op.create_index(
        "ix_deliveries_claim",
        "deliveries",
        ["due", "next_action_at", "channel", "state"],
        postgresql_ops=_NULLS_FIRST,
        sqlite_where=sa.text("(state IN ('ready', 'deferred')) IS 1"),
        postgresql_where=sa.text("(state IN ('ready', 'deferred')) IS TRUE"),
    )
    op.create_index("ix_deliveries_dispatch", "deliveries", ["dispatch"])
    op.create_index("ix_deliveries_due", "deliveries", ["due"])
    op.create_index(
        "ix_deliveries_lease",
        "deliveries",
        ["lease_until"],
        sqlite_where=sa.text("(state IN ('sending')) IS 1"),
        postgresql_where=sa.text("(state IN ('sending')) IS TRUE"),
    )
    op.create_index("ix_deliveries_state_due", "deliveries", ["state", "due"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        _ordinal(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("sent_digest", sa.Text(), nullable=True),
        sa.Column("sent_object", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_attempts_delivery"),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_attempts_id"),
    )
    op.create_index("ix_attempts_delivery", "attempts", ["delivery"])


def _documents_and_receipts() -> None:
    op.create_table(
        "documents",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_documents_delivery"),
        sa.PrimaryKeyConstraint("delivery", "ordinal"),
    )
    op.create_table(
        "receipts",
        _ordinal(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_receipts_delivery"),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("delivery", "source", "external_id", name="uq_receipts_delivery_source_external_id"),
        sa.UniqueConstraint("id", name="uq_receipts_id"),
    )


def _events() -> None:
    op.create_table(
        "events",
        _ordinal(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("dispatch", sa.Text(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("delivery", "sequence", name="uq_events_delivery_sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_dispatch", "events", ["dispatch"])


def _recipients_and_recipient_history() -> None:
    op.create_table(
        "recipients",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("divisions", sa.Text(), nullable=False),
        sa.Column("offices", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recipients_kind", "recipients", ["kind"])
    op.create_table(
        "recipient_history",
        _ordinal(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("divisions", sa.Text(), nullable=False),
        sa.Column("offices", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
    )
    op.create_index("ix_recipient_history_id", "recipient_history", ["id"])


def _anchors_and_tokens() -> None:
    op.create_table(
        "anchors",
        _ordinal(),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("divisions", sa.Text(), nullable=False),
        sa.Column("intermediates", sa.Text(), nullable=False),
        sa.Column("crls", sa.Text(), nullable=False),
        sa.Column("trusted_at", sa.BigInteger(), nullable=False),
        sa.Column("trusted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("fingerprint", "signer", name="uq_anchors_fingerprint_signer"),
    )
    op.create_table(
        "tokens",
        _ordinal(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_tokens_id"),
        sa.UniqueConstraint("secret_digest", name="uq_tokens_secret_digest"),
    )


def _data_keys_and_channel_pauses() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "channel_pauses",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
