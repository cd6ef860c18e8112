"""The lines of the outcome feed as JSON, and acknowledgements read strictly."""

import datetime as dt
import json
from dataclasses import asdict
from functools import cache
from typing import Any
from uuid import UUID

from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.codes import Code
from gateway.domain.feed import Acknowledgement, ControlRecord, OutcomeLine

MOST_OCTETS = 20_000_000
"""The largest acknowledgement: 20,000 lines and much room."""

_RULES = JsonRules(codes=dict.fromkeys(Fault, Code.FEED_ACKNOWLEDGEMENT_INVALID), max_bytes=MOST_OCTETS)


@cache
def outcome_format() -> StrictFormat[OutcomeLine]:
    """Of a line."""
    return StrictFormat(OutcomeLine, _RULES)


@cache
def control_format() -> StrictFormat[ControlRecord]:
    """Of the first line of a batch."""
    return StrictFormat(ControlRecord, _RULES)


@cache
def acknowledgement_format() -> StrictFormat[Acknowledgement]:
    """Of an acknowledgement."""
    return StrictFormat(Acknowledgement, _RULES)


def line_of(record: OutcomeLine | ControlRecord) -> bytes:
    """One line with its end; what is not said is left out."""
    return json.dumps(_said(asdict(record)), default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items() if one is not None}
    return value


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
