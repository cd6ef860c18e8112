"""The tables of papers that others took the place of."""

import sqlalchemy as sa

from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage
from gateway.store.columns import Term
from gateway.store.shapes import metadata, number, sealed_bytes, text

former_papers = sa.Table(
    "former_papers",
    metadata,
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
    sa.Column("turn", sa.BigInteger, primary_key=True, autoincrement=False),
    number("fence"),
    sealed_bytes("planned_for", nullable=True),
)

former_documents = sa.Table(
    "former_documents",
    metadata,
    sa.Column("delivery", sa.Text, primary_key=True),
    sa.Column("turn", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", Term(DocumentKind)),
    text("name"),
    text("media_type"),
    text("digest"),
    number("size"),
    number("pages", nullable=True),
    text("object_name"),
    sa.Column("language", Term(PreferredLanguage)),
    sa.ForeignKeyConstraint(
        ["delivery", "turn"], ["former_papers.delivery", "former_papers.turn"], name="fk_former_documents_papers"
    ),
)
