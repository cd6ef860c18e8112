"""JSON from outside, read without surprises: bounded, UTF-8, every key once, no hidden character in a text.

Python's own parser lets a repeated key pass and takes any nesting its stack holds, so what it gives is walked
once and rebuilt here. What the values mean is the business of `gateway.application.strict_format`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

Json = dict[str, "Json"] | list["Json"] | str | float | bool | None
JsonPath = tuple[str | int, ...]
"""Keys and indices from the root to a value."""


class Fault(StrEnum):
    """What can be wrong with a JSON input; each format has a code for each."""

    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    TOO_DEEP = "too-deep"
    DUPLICATE_KEY = "duplicate-key"
    UNKNOWN_FIELD = "unknown-field"
    FIELD_MISSING = "field-missing"
    VALUE_INVALID = "value-invalid"
    UNKNOWN_CODE = "unknown-code"


@dataclass(frozen=True, kw_only=True)
class JsonRules:
    """How one format is read: the code of each fault, limits, and where a text may have several lines.

    max_bytes: of the whole input. max_depth: arrays and objects inside one another, the root included.
    max_text: code points in one string.
    """

    codes: Mapping[Fault, Code]
    max_bytes: int = 1_000_000
    max_depth: int = 32
    max_text: int = 2000
    multiline: frozenset[JsonPath] = field(default_factory=frozenset)

    def refused(self, fault: Fault, path: JsonPath, **facts: str | int) -> InputRefused:
        """The refusal to raise. Facts are figures, JSON Schema keywords and closed lists, never what the input says."""
        return InputRefused(self.codes[fault], where=json_path(path), fault=fault.value, **facts)


_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u2028\u2029"  # line and paragraph separators
    "\u202a-\u202e\u2066-\u2069"  # bidirectional controls: a text that reads other than it stands (UTR 36)
    "\ud800-\udfff"  # half a surrogate pair
    "\ufdd0-\ufdef\ufffe\uffff]"  # noncharacters
)
_BOM = b"\xef\xbb\xbf"


def json_path(path: JsonPath) -> str:
    """The place of a value, as `$.persons[0].outcome.code`.

    A key that is no plain identifier is written `?`: it is the sender's free text and may name somebody.
    """
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step if _PLAIN_KEY.fullmatch(step) else '?'}" for step in path
    )


def parse(raw: bytes, rules: JsonRules) -> Json:
    """The value that `raw` holds. Raises InputRefused with the rules' code for the fault.

    Numbers come as floats: no format of ours has numbers, and a float of any length costs nothing to read.
    """
    if len(raw) > rules.max_bytes:
        raise rules.refused(Fault.TOO_LARGE, (), limit=rules.max_bytes, size=len(raw))
    if raw.startswith(_BOM):
        raise rules.refused(Fault.NOT_JSON, (), line=1, column=1)
    try:
        node = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=tuple,
            parse_int=float,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise rules.refused(Fault.NOT_JSON, (), line=error.lineno, column=error.colno) from None
    except ValueError:
        raise rules.refused(Fault.NOT_JSON, ()) from None
    except RecursionError:
        raise rules.refused(Fault.TOO_DEEP, (), limit=rules.max_depth) from None
    return _rebuilt(node, (), rules)


def _refuse_constant(name: str) -> None:
    """NaN, Infinity and -Infinity are no JSON (RFC 8259 §6)."""
    raise ValueError(name)


def _rebuilt(node: object, path: JsonPath, rules: JsonRules) -> Json:
    """The parsed value with its objects as dictionaries; `node` has them as tuples of pairs, so that each key shows."""
    if isinstance(node, str):
        return _checked_text(node, path, rules)
    if isinstance(node, (tuple, list)) and len(path) >= rules.max_depth:
        raise rules.refused(Fault.TOO_DEEP, (), limit=rules.max_depth)
    if isinstance(node, tuple):
        return _rebuilt_object(node, path, rules)
    if isinstance(node, list):
        return [_rebuilt(item, (*path, index), rules) for index, item in enumerate(node)]
    assert node is None or isinstance(node, (bool, float))  # noqa: S101  (all that the parser gives besides)
    return node


def _rebuilt_object(pairs: tuple[tuple[str, object], ...], path: JsonPath, rules: JsonRules) -> Json:
    rebuilt: dict[str, Json] = {}
    for key, item in pairs:
        if key in rebuilt:
            raise rules.refused(Fault.DUPLICATE_KEY, (*path, key))
        rebuilt[key] = _rebuilt(item, (*path, key), rules)
    return rebuilt


def _checked_text(text: str, path: JsonPath, rules: JsonRules) -> str:
    if len(text) > rules.max_text:
        raise rules.refused(Fault.VALUE_INVALID, path, expected=f"maxLength {rules.max_text}")
    if not text or text.isspace():
        # What is not known is left out; a blank name or address line would only look as if it were there.
        raise rules.refused(Fault.VALUE_INVALID, path, expected=r"pattern \S")
    shown = text.replace("\n", "") if path in rules.multiline else text
    if _HIDDEN.search(shown):
        raise rules.refused(Fault.VALUE_INVALID, path, expected="no-control-characters")
    return text
