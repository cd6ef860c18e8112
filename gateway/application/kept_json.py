"""Values of the domain as bytes: the form that is sealed and kept in the database, and nothing outside it."""

import base64
import datetime as dt
import json
from collections.abc import Hashable
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    config = ConfigDict(extra="forbid", strict=True, val_json_bytes="base64", hide_input_in_errors=True)
    return TypeAdapter(tuple[kind], config=config)  # type: ignore[valid-type]


def to_kept(value: "DataclassInstance") -> bytes:
    """The value as JSON, the same bytes for the same value; byte strings in base64url."""
    return json.dumps(asdict(value), default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def from_kept(kind: type[T], raw: bytes, *, where: str) -> T:
    """The value again. Raises SetupWrong (seal.broken) when this was never written by `to_kept`."""
    try:
        kept: tuple[T] = _adapter(cast("Hashable", kind)).validate_json(b"[" + raw + b"]")
    except ValidationError:
        raise SetupWrong(Code.SEAL_BROKEN, where=where) from None
    return kept[0]


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).decode()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
