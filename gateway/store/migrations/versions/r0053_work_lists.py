"""Deliveries that call a person though they left us, by due date.

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"

_CALLING = (
    "carrier.refused",
    "mail.held",
    "mail.not-closed",
    "mail.not-signed",
    "mail.print-doubted",
    "mail.unsigned",
    "receipt.overdue",
    "receipt.taken-back",
)


def upgrade() -> None:
    """Makes the index."""
    words = ", ".join(repr(one) for one in _CALLING)
    op.create_index(
        "ix_deliveries_calling",
        "deliveries",
        ["due"],
        sqlite_where=sa.text(f"(reason IN ({words})) IS 1"),
        postgresql_where=sa.text(f"(reason IN ({words})) IS TRUE"),
    )
