"""A JSON format whose single source is a frozen dataclass: what reads it and the schema that is published.

pydantic reads the standard dataclasses of the domain under one strict configuration. Where pydantic is more lenient
than the format (a date as seconds since 1970, a time without offset, `1` for `true`), what it read is held against
the text once more; the published schema carries the same patterns.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails, core_schema

from gateway.application.strict_json import Fault, Json, JsonPath, JsonRules, parse
from gateway.domain.problem import InputRefused

T = TypeVar("T")

_DAY = r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_DAY_TEXT = f"^{_DAY}$"
_TIME_TEXT = f"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\\.[0-9]{{1,9}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})$"
"""RFC 3339 with an offset, years 1900 to 2199: beyond them arithmetic with offsets may leave the calendar."""
_UUID_TEXT = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

_WRITTEN: Mapping[type, tuple[str, re.Pattern[str]]] = {
    dt.datetime: ("format date-time", re.compile(_TIME_TEXT)),
    dt.date: ("format date", re.compile(_DAY_TEXT)),
    UUID: ("format uuid", re.compile(_UUID_TEXT)),
}
"""How the text of such a value must stand."""

_FAULT_OF: Mapping[str, Fault] = {
    "missing": Fault.FIELD_MISSING,
    "unexpected_keyword_argument": Fault.UNKNOWN_FIELD,
    "enum": Fault.UNKNOWN_CODE,
    "literal_error": Fault.UNKNOWN_CODE,
    "json_invalid": Fault.NOT_JSON,
}

_EXPECTED: Mapping[str, str] = {
    "string_type": "type string",
    "bool_type": "type boolean",
    "int_type": "type integer",
    "greater_than_equal": "minimum {ge}",
    "less_than_equal": "maximum {le}",
    "tuple_type": "type array",
    "dataclass_type": "type object",
    "date_type": "format date",
    "date_parsing": "format date",
    "date_from_datetime_parsing": "format date",
    "date_from_datetime_inexact": "format date",
    "datetime_type": "format date-time",
    "datetime_parsing": "format date-time",
    "datetime_from_date_parsing": "format date-time",
    "uuid_type": "format uuid",
    "uuid_parsing": "format uuid",
    "string_too_short": "minLength {min_length}",
    "string_too_long": "maxLength {max_length}",
    "too_short": "minItems {min_length}",
    "too_long": "maxItems {max_length}",
    "string_pattern_mismatch": "pattern {pattern}",
}
"""What stood to be expected, in the words of JSON Schema, so that it needs no translation."""

_QUOTED = re.compile("'([^']*)'")
"""The codes in pydantic's list of them, which is an English sentence."""


class _PublishedSchema(GenerateJsonSchema):
    """JSON Schema 2020-12 with the patterns that the reader holds times to, and without titles made from names."""

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return super().datetime_schema(schema) | {"pattern": _TIME_TEXT}

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        return super().date_schema(schema) | {"pattern": _DAY_TEXT}

    def uuid_schema(self, schema: core_schema.UuidSchema) -> JsonSchemaValue:
        return super().uuid_schema(schema) | {"pattern": _UUID_TEXT}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  (the library's signature)
        return False


def _adapter_of(shape: type[T], *, described: bool) -> TypeAdapter[tuple[T]]:
    """pydantic takes a configuration for a foreign dataclass only from around it: a tuple of one is that around.

    described: with the docstrings of its fields, which are read out of the source. Only a schema wants them: parsing
    source in several threads at once, as work does, ends CPython 3.11 in a SystemError now and then.
    """
    config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=described, hide_input_in_errors=True)
    return TypeAdapter(tuple[shape], config=config)  # type: ignore[arg-type, valid-type]


class StrictFormat(Generic[T]):
    """A JSON format given by the dataclass `shape`. Building one takes some 50 ms; reading is quick: keep it."""

    def __init__(self, shape: type[T], rules: JsonRules) -> None:
        self._shape = shape
        self._rules = rules
        self._adapter = _adapter_of(shape, described=False)

    def read(self, raw: bytes) -> T:
        """What `raw` says. Raises InputRefused: the first fault, with its JSON path as `where`."""
        tree = parse(raw, self._rules)
        try:
            (value,) = self._adapter.validate_json(b"[" + raw + b"]")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise self._refusal(first) from None
        self._check_written(value, tree, ())
        return value

    def schema(self, *, identifier: str, title: str) -> dict[str, Any]:
        """The published JSON Schema (2020-12), generated from what reads."""
        around = _adapter_of(self._shape, described=True).json_schema(schema_generator=_PublishedSchema)
        definitions: dict[str, Any] = around["$defs"]
        root: dict[str, Any] = definitions.pop(self._shape.__name__)
        return (
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identifier}
            | root
            | {"title": title, "$defs": definitions}
        )

    def _refusal(self, error: ErrorDetails) -> InputRefused:
        kind, context = error["type"], error.get("ctx", {})
        fault = _FAULT_OF.get(kind, Fault.VALUE_INVALID)
        facts: dict[str, str | int] = {}
        if fault is Fault.UNKNOWN_CODE:
            facts["expected"] = ", ".join(_QUOTED.findall(context["expected"])) or "true"
        elif kind in _EXPECTED:
            facts["expected"] = _EXPECTED[kind].format_map(context)
        return self._rules.refused(fault, error["loc"][1:], **facts)

    def _check_written(self, value: object, written: Json, path: JsonPath) -> None:
        """Holds what was read against how it stood; both have the same shape by now."""
        if isinstance(written, dict):
            for key, item in written.items():
                self._check_written(getattr(value, key), item, (*path, key))
        elif isinstance(written, list) and isinstance(value, tuple):
            for index, item in enumerate(written):
                self._check_written(value[index], item, (*path, index))
        elif value is True and written is not True:
            raise self._rules.refused(Fault.VALUE_INVALID, path, expected="type boolean")
        elif type(value) in _WRITTEN:
            expected, pattern = _WRITTEN[type(value)]
            if not isinstance(written, str) or not pattern.fullmatch(written):
                raise self._rules.refused(Fault.VALUE_INVALID, path, expected=expected)
