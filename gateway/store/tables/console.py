"""The tables of what signs staff in to the console."""

import sqlalchemy as sa

from gateway.domain.accounts import AccountRole
from gateway.domain.events import EventName
from gateway.domain.officers_word import SignInMeans
from gateway.store.columns import Term, TextSet, UtcTime
from gateway.store.shapes import metadata, number, ordinal, sealed_bytes, text

console_credentials = sa.Table(
    "console_credentials",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    text("password_hash"),
    sealed_bytes("secret"),
    number("last_step"),
    sa.Column("set_at", UtcTime, nullable=False),
    number("failures"),
    sa.Column("locked_until", UtcTime),
)

console_links = sa.Table(
    "console_links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    text("account"),
    text("made_by"),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Index(None, "account"),
)

console_sessions = sa.Table(
    "console_sessions",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    text("account"),
    sa.Column("begun_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Column("means", Term(SignInMeans), nullable=False),
    sa.Column("roles", TextSet(AccountRole)),
    sa.Index(None, "account"),
)

console_passkeys = sa.Table(
    "console_passkeys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text("account"),
    text("name"),
    sealed_bytes("public_key"),
    number("sign_count"),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Column("removed_at", UtcTime),
    sa.Index(None, "account"),
)

console_identities = sa.Table(
    "console_identities",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    text("identity"),
    sa.Column("linked_at", UtcTime, nullable=False),
    sa.Index(None, "identity", unique=True),
)

console_news = sa.Table(
    "console_news",
    metadata,
    ordinal(),
    text("account"),
    sa.Column("name", Term(EventName), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("read_at", UtcTime),
    sa.Index(None, "account"),
)

sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("digested_at", UtcTime, nullable=False),
    sa.Index(None, "digested_at"),
)
