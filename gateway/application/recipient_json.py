"""A directory entry as bytes: the form that is sealed and kept in the database, and nothing outside it."""

import base64
import json
from dataclasses import asdict
from functools import cache

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gateway.domain.codes import Code
from gateway.domain.parties import Recipient
from gateway.domain.problem import SetupWrong


@cache
def _adapter() -> TypeAdapter[tuple[Recipient]]:
    return TypeAdapter(
        tuple[Recipient],
        config=ConfigDict(extra="forbid", strict=True, val_json_bytes="base64", hide_input_in_errors=True),
    )


def recipient_to_json(recipient: Recipient) -> bytes:
    """The entry as JSON, the same bytes for the same entry; keys and certificates in base64url."""
    return json.dumps(asdict(recipient), default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def recipient_from_json(raw: bytes) -> Recipient:
    """The entry again. Raises SetupWrong (seal.broken) when this was never written by `recipient_to_json`."""
    try:
        (recipient,) = _adapter().validate_json(b"[" + raw + b"]")
    except ValidationError:
        raise SetupWrong(Code.SEAL_BROKEN, where="recipient") from None
    return recipient


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).decode()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
