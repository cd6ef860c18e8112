"""Papers that others took the place of.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "former_papers",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("planned_for", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("delivery", "turn"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_former_papers_delivery"),
    )
    op.create_table(
        "former_documents",
        sa.Column("delivery", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("turn", "ordinal")),
        sa.Column("kind", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "media_type", "digest")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("delivery", "turn", "ordinal"),
        sa.ForeignKeyConstraint(
            ["delivery", "turn"], ["former_papers.delivery", "former_papers.turn"], name="fk_former_documents_papers"
        ),
    )
