"""The tables of the exchange."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from gateway.domain.exchange import ExchangeMailKind, LeftDocument
from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from gateway.store.columns import Kept, Term, TextSet, TextTuple, UtcTime
from gateway.store.shapes import metadata, number, ordinal, sealed_bytes, text


class LeftDocuments(Kept[tuple[LeftDocument, ...]]):
    """Documents in order, as a JSON array."""

    cache_ok = True

    def written(self, value: tuple[LeftDocument, ...]) -> str:
        """The JSON array."""
        return json.dumps([asdict(one) for one in value], ensure_ascii=False)

    def read(self, kept: str) -> tuple[LeftDocument, ...]:
        """The documents."""
        return tuple(LeftDocument(**(one | {"parts": tuple(one["parts"])})) for one in json.loads(kept))


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime, nullable=nullable)


def _of(*names: str) -> Sequence[sa.Column[str]]:
    return [text(name) for name in names]


exchange_accounts = sa.Table(
    "exchange_accounts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    text("address_digest", unique=True),
    sealed_bytes("address"),
    sa.Column("language", Term(Language), nullable=False),
    *_of("code_hash", "verified_by"),
    _moment("verified_at"),
    text("method"),
    text("acts_for", nullable=True),
    text("identity", nullable=True),
    number("failures"),
    _moment("locked_until", nullable=True),
    _moment("closed_at", nullable=True),
    sa.Index(None, "acts_for"),
    sa.Index(None, "identity", unique=True),
)

exchange_conversations = sa.Table(
    "exchange_conversations",
    metadata,
    ordinal(),
    text("id", unique=True),
    text("account"),
    sa.Column("division", Term(Division), nullable=False),
    sa.Column("files", TextTuple, nullable=False),
    text("data_key"),
    _moment("opened_at"),
    sa.UniqueConstraint("account", "division", "files"),
)

exchange_entries = sa.Table(
    "exchange_entries",
    metadata,
    ordinal(),
    text("id", unique=True),
    *_of("conversation", "account", "dispatch", "delivery", "attempt"),
    _moment("left_at"),
    sa.Column("documents", LeftDocuments, nullable=False),
    sealed_bytes("note", nullable=True),
    sa.Column("taken", TextSet, nullable=False),
    _moment("acknowledged_at", nullable=True),
    _moment("collect_by", nullable=True),
    _moment("retracted_at", nullable=True),
    sa.Column("listed", TextSet, nullable=False),
    sa.Index(None, "account", "ordinal"),
    sa.Index(None, "collect_by"),
)

exchange_links = sa.Table(
    "exchange_links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    text("account"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
)

exchange_sessions = sa.Table(
    "exchange_sessions",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    text("account"),
    _moment("begun_at"),
    _moment("seen_at"),
    _moment("ended_at", nullable=True),
    sa.Index(None, "account"),
)

exchange_mails = sa.Table(
    "exchange_mails",
    metadata,
    ordinal(),
    text("id", unique=True),
    text("account"),
    sa.Column("kind", Term(ExchangeMailKind), nullable=False),
    _moment("asked_at"),
    text("entry", nullable=True),
    number("sent"),
    _moment("next_at", nullable=True),
    sa.Index(None, "next_at"),
    sa.Index(None, "account", "asked_at"),
    sa.Index(None, "entry"),
)

exchange_passkeys = sa.Table(
    "exchange_passkeys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text("account"),
    sealed_bytes("public_key"),
    number("sign_count"),
    _moment("added_at"),
    _moment("used_at", nullable=True),
    _moment("removed_at", nullable=True),
    sa.Index(None, "account"),
)

exchange_spent_challenges = sa.Table(
    "exchange_spent_challenges",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    _moment("until"),
    sa.Index(None, "until"),
)

exchange_delegates = sa.Table(
    "exchange_delegates",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    text("account"),
    sealed_bytes("person"),
    _moment("named_at"),
    _moment("ended_at", nullable=True),
    sa.Index(None, "account"),
)

exchange_consents = sa.Table(
    "exchange_consents",
    metadata,
    ordinal(),
    text("account"),
    sa.Column("accepts", sa.Boolean, nullable=False),
    _moment("at"),
    sa.Index(None, "account"),
)

exchange_tokens = sa.Table(
    "exchange_tokens",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text("account"),
    text("digest", unique=True),
    _moment("made_at"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
    _moment("revoked_at", nullable=True),
    sa.Index(None, "account"),
)
