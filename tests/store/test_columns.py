"""How values stand in rows: exact, sortable, and never guessed at."""

import datetime as dt
from dataclasses import fields
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.types import TypeDecorator

from gateway.domain.delivery import Attempt, Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event
from gateway.domain.receipt import Receipt
from gateway.domain.trust import TrustedAnchor
from gateway.ports.incoming import Incoming
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.ports.registry import ChannelPause, SealedRecipient, StoredAnchor, Token
from gateway.store.columns import BytesTuple, DueDate, Facts, Term, TextSet, TextTuple, UtcTime
from gateway.store.tables import work as tables
from gateway.store.tables.every import metadata

DIALECTS = [sa.make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql")]
MOMENTS = st.datetimes(timezones=st.timezones() | st.just(dt.UTC), allow_imaginary=False)


def there(column: TypeDecorator[Any], value: Any) -> Any:
    """The value as it stands in a row."""
    return column.process_bind_param(value, DIALECTS[0])


def back(column: TypeDecorator[Any], kept: Any) -> Any:
    """The value again."""
    return column.process_result_value(kept, DIALECTS[0])


@given(MOMENTS)
def test_a_moment_comes_back_exact_and_in_utc(moment: dt.datetime) -> None:
    """To the microsecond, whatever its zone."""
    again = back(UtcTime(), there(UtcTime(), moment))
    assert again == moment.astimezone(dt.UTC)
    assert again.tzinfo is dt.UTC


@given(MOMENTS, MOMENTS)
def test_moments_sort_in_rows_as_they_do_in_time(one: dt.datetime, other: dt.datetime) -> None:
    """Also before 1970, and across zones."""
    assert (there(UtcTime(), one) < there(UtcTime(), other)) == (one.astimezone(dt.UTC) < other.astimezone(dt.UTC))


def test_a_naive_moment_is_refused() -> None:
    """Nobody could say which moment it is."""
    with pytest.raises(ValueError, match="offset"):
        there(UtcTime(), dt.datetime(2026, 11, 20, 15, 4))  # noqa: DTZ001


def test_a_missing_due_date_sorts_after_every_date() -> None:
    """So that what has no deadline never goes before what has."""
    assert there(DueDate(), None) > dt.date(9999, 12, 30)
    assert back(DueDate(), there(DueDate(), None)) is None
    assert back(DueDate(), there(DueDate(), dt.date(2026, 11, 27))) == dt.date(2026, 11, 27)


def test_a_word_outside_its_list_is_neither_written_nor_read() -> None:
    """A row never holds a state that the domain does not know."""
    column = Term(DeliveryState)
    assert there(column, DeliveryState.READY) == "ready"
    assert type(back(column, "ready")) is DeliveryState
    with pytest.raises(ValueError, match="gone"):
        there(column, "gone")
    with pytest.raises(ValueError, match="gone"):
        back(column, "gone")


class Word(StrEnum):
    """A closed list."""

    ONE = "one"
    TWO = "two"


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        (TextTuple(), ("é", "a", "a"), '["é", "a", "a"]'),
        (TextTuple(Word), (Word.TWO, Word.ONE), '["two", "one"]'),
        (TextSet(Word), frozenset({Word.TWO, Word.ONE}), '["one", "two"]'),
        (BytesTuple(), (b"", b"\x00\xff"), '["", "AP8="]'),
        (Facts(), {"b": 1, "a": True, "é": "x"}, '{"a":true,"b":1,"é":"x"}'),
    ],
)
def test_collections_stand_as_json(column: TypeDecorator[Any], value: Any, kept: str) -> None:
    """Sets and facts in one order only, so that the same is the same text."""
    assert there(column, value) == kept
    again = back(column, kept)
    assert again == value
    assert [type(one) for one in again] == [type(one) for one in value]


@pytest.mark.parametrize(
    ("table", "value_types", "added"),
    [
        (tables.dispatches, [Dispatch], {"ordinal", "turn"}),
        (tables.deliveries, [Delivery], {"ordinal", "channel", "destination"}),
        (tables.attempts, [Attempt], {"ordinal", "token"}),
        (tables.incoming, [Incoming], {"ordinal"}),
        (tables.documents, [RenderedRecord], set()),
        (tables.receipts, [ReceiptRecord, Receipt], {"ordinal", "taken_back_at"}),
        (tables.events, [Event], {"ordinal", "chain", "sequence", "link", "leaf"}),
        (tables.recipients, [SealedRecipient], set()),
        (tables.recipient_history, [SealedRecipient], {"ordinal"}),
        (tables.anchors, [StoredAnchor, TrustedAnchor], {"ordinal"}),
        (tables.tokens, [Token], {"ordinal"}),
        (tables.channel_pauses, [ChannelPause], set()),
    ],
)
def test_a_table_keeps_every_field_of_its_value(table: sa.Table, value_types: list[Any], added: set[str]) -> None:
    """A field that is added to a value and not to its table is found here, not in a lost delivery."""
    kept = {field.name for value_type in value_types for field in fields(value_type)} - {"receipt", "anchor"}
    assert {column.name for column in table.c} == kept | added


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_table_and_statement_can_be_written_for_both_databases(dialect: sa.Dialect) -> None:
    """PostgreSQL joins without another set of tables; its claims pass over locked rows."""
    from sqlalchemy.schema import CreateIndex, CreateTable

    from gateway.store.claims import AT_ONCE, REACHED

    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            made = "CREATE UNIQUE INDEX" if index.unique else "CREATE INDEX"
            assert made in str(CreateIndex(index).compile(dialect=dialect))
    for slice_ in (AT_ONCE, REACHED):
        claim = str(slice_.claim.compile(dialect=dialect))
        assert ("FOR NO KEY UPDATE SKIP LOCKED" in claim) == (dialect.name == "postgresql")
