"""The exchange: accounts, conversations, entries, sign-in, and the mails it owes.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ORDINAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    """Makes the tables."""
    _accounts()
    _papers()
    _signing_in()
    _mails()


def _accounts() -> None:
    op.create_table(
        "exchange_accounts",
        *_texts("name", "address_digest"),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        *_texts("language", "code_hash", "verified_by"),
        _moment("verified_at"),
        *_texts("method"),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        _moment("locked_until", nullable=True),
        _moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("address_digest", name="uq_exchange_accounts_address_digest"),
    )


def _papers() -> None:
    op.create_table(
        "exchange_conversations",
        sa.Column("ordinal", _ORDINAL, nullable=False),
        *_texts("id", "account", "division", "files", "data_key"),
        _moment("opened_at"),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_exchange_conversations_id"),
        sa.UniqueConstraint("account", "division", "files", name="uq_exchange_conversations_account_division_files"),
    )
    op.create_table(
        "exchange_entries",
        sa.Column("ordinal", _ORDINAL, nullable=False),
        *_texts("id", "conversation", "account", "dispatch", "delivery", "attempt"),
        _moment("left_at"),
        *_texts("documents", "taken"),
        _moment("acknowledged_at", nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_exchange_entries_id"),
    )
    op.create_index("ix_exchange_entries_account_ordinal", "exchange_entries", ["account", "ordinal"])


def _signing_in() -> None:
    op.create_table(
        "exchange_links",
        *_texts("digest", "account"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "exchange_sessions",
        *_texts("digest", "account"),
        _moment("begun_at"),
        _moment("seen_at"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_exchange_sessions_account", "exchange_sessions", ["account"])


def _mails() -> None:
    op.create_table(
        "exchange_mails",
        sa.Column("ordinal", _ORDINAL, nullable=False),
        *_texts("id", "account"),
        _moment("asked_at"),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        _moment("next_at", nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_exchange_mails_id"),
    )
    op.create_index("ix_exchange_mails_next_at", "exchange_mails", ["next_at"])
    op.create_index("ix_exchange_mails_account_asked_at", "exchange_mails", ["account", "asked_at"])
    op.create_index("ix_exchange_mails_entry", "exchange_mails", ["entry"])
