"""The table of the papers of proof."""

import sqlalchemy as sa

from gateway.domain.parties import Language
from gateway.domain.proof import ProofKind
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, ordinal, sealed_bytes, text

proof_papers = sa.Table(
    "proof_papers",
    metadata,
    ordinal(),
    text("id", unique=True),
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
    text("attempt"),
    sa.Column("kind", Term(ProofKind), nullable=False),
    sa.Column("language", Term(Language), nullable=False),
    text("officer", nullable=True),
    sa.Column("made_at", UtcTime, nullable=False),
    text("made_by"),
    sealed_bytes("given"),
    text("digest"),
    text("object_name"),
    sa.Column("signed_at", UtcTime),
    text("signed_by", nullable=True),
    text("data_key", nullable=True),
    sa.UniqueConstraint("delivery", "attempt", "kind"),
)
