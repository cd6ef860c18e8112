"""Column types: how values of the domain stand in rows, alike on SQLite and PostgreSQL.

A moment is kept as whole microseconds since 1970-01-01T00:00Z. Text or a native timestamp would serve too, but an
integer is the one form that both databases store exactly, compare and index alike, and never move between zones.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Date, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

ValueT = TypeVar("ValueT")


class Kept(TypeDecorator[ValueT]):
    """A value that is kept in another form: `written` into a row and `read` from it. None stays NULL."""

    impl: type[TypeEngine[Any]] = Text
    cache_ok = True

    def written(self, value: ValueT) -> Any:
        """The value as it stands in the row."""
        raise NotImplementedError

    def read(self, kept: Any) -> ValueT:
        """The value again."""
        raise NotImplementedError

    def process_bind_param(self, value: ValueT | None, _dialect: Dialect) -> Any:
        """SQLAlchemy's hook for `written`."""
        return None if value is None else self.written(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> ValueT | None:
        """SQLAlchemy's hook for `read`."""
        return None if value is None else self.read(value)


class UtcTime(Kept[dt.datetime]):
    """An aware datetime, given back in UTC. A naive one is refused: nobody could say which moment it is."""

    impl = BigInteger
    cache_ok = True

    def written(self, value: dt.datetime) -> int:
        """Whole microseconds since the epoch. Raises ValueError when `value` is naive."""
        if value.tzinfo is None:
            raise ValueError("a time without its offset")
        since = value - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

    def read(self, kept: int) -> dt.datetime:
        """The moment, in UTC."""
        return EPOCH + dt.timedelta(microseconds=kept)


class DueDate(TypeDecorator[dt.date]):
    """A due date. None stands as the last date there is, so that every index and order has it last."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: dt.date | None, _dialect: Dialect) -> dt.date:
        """The date, or the last one."""
        return dt.date.max if value is None else value

    def process_result_value(self, value: dt.date | None, _dialect: Dialect) -> dt.date | None:
        """The date, or None."""
        return None if value == dt.date.max else value


class Term(Kept[StrEnum]):
    """A word of a closed list, kept as its value."""

    cache_ok = True

    def __init__(self, terms: type[StrEnum]) -> None:
        super().__init__()
        self.terms = terms

    def written(self, value: StrEnum) -> str:
        """The word's text. Raises ValueError when it is not in the list."""
        return self.terms(value).value

    def read(self, kept: str) -> StrEnum:
        """The word."""
        return self.terms(kept)


class TextTuple(Kept[tuple[str, ...]]):
    """Texts in order, as a JSON array; with `terms`, words of that list."""

    cache_ok = True

    def __init__(self, terms: type[str] = str) -> None:
        super().__init__()
        self.terms = terms

    def written(self, value: tuple[str, ...]) -> str:
        """The JSON array."""
        return json.dumps(value, ensure_ascii=False)

    def read(self, kept: str) -> tuple[str, ...]:
        """The texts."""
        return tuple(self.terms(one) for one in json.loads(kept))


class TextSet(Kept[frozenset[str]]):
    """Texts without order, as a sorted JSON array; with `terms`, words of that list."""

    cache_ok = True

    def __init__(self, terms: type[str] = str) -> None:
        super().__init__()
        self.terms = terms

    def written(self, value: frozenset[str]) -> str:
        """The JSON array."""
        return json.dumps(sorted(value), ensure_ascii=False)

    def read(self, kept: str) -> frozenset[str]:
        """The texts."""
        return frozenset(self.terms(one) for one in json.loads(kept))


class BytesTuple(Kept[tuple[bytes, ...]]):
    """Byte strings in order, as a JSON array of base64."""

    cache_ok = True

    def written(self, value: tuple[bytes, ...]) -> str:
        """The JSON array."""
        return json.dumps([base64.b64encode(one).decode() for one in value])

    def read(self, kept: str) -> tuple[bytes, ...]:
        """The byte strings."""
        return tuple(base64.b64decode(one) for one in json.loads(kept))


class Facts(Kept[Mapping[str, str | int | bool]]):
    """An event's facts as a JSON object with sorted names: the same facts are the same text, so they can be hashed."""

    cache_ok = True

    def written(self, value: Mapping[str, str | int | bool]) -> str:
        """The JSON object."""
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def read(self, kept: str) -> Mapping[str, str | int | bool]:
        """The facts."""
        facts: Mapping[str, str | int | bool] = json.loads(kept)
        return facts
