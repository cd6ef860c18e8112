"""Passkeys of staff, who they are at the provider, by what each session was begun, and tries for each address.

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Makes the tables and adds the columns: until now everybody signed in by password and code."""
    op.create_table(
        "console_passkeys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_console_passkeys_account", "console_passkeys", ["account"])
    op.create_table(
        "console_identities",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_index("ix_console_identities_identity", "console_identities", ["identity"], unique=True)
    op.create_table(
        "sign_in_tries",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("digested_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_index("ix_sign_in_tries_digested_at", "sign_in_tries", ["digested_at"])
    means = sa.Column("means", sa.Text(), nullable=False, server_default="password-and-code")
    op.add_column("console_sessions", means)
    op.add_column("console_sessions", sa.Column("roles", sa.Text(), nullable=True))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("console_sessions", recreate="always" if on_sqlite else "never") as sessions:
        sessions.alter_column("means", server_default=None)
