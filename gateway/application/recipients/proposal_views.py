"""What a proposal would change, field by field, for the one who approves: keys by their fingerprints."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping

from gateway.application.views import View
from gateway.domain.problem import Problem

_HIDDEN = frozenset({"created_at", "created_by", "code_hash", "reason"})


def differences(standing: bytes | None, content: bytes, certificate: Callable[[bytes], View]) -> list[View]:
    """Each field that differs, with what stands (None: nothing) and what shall stand.

    certificate: what is shown of one; keys are binary and are shown by their fingerprint and last day.
    """
    before = dict(_flat("", json.loads(standing))) if standing is not None else {}
    after = dict(_flat("", json.loads(content)))
    names = [name for name in (*before, *(one for one in after if one not in before)) if name not in _HIDDEN]
    return [
        {
            "field": name,
            "before": _shown(name, before.get(name), certificate),
            "after": _shown(name, after.get(name), certificate),
        }
        for name in names
        if before.get(name) != after.get(name)
    ]


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Every leaf by its path; a recipient's ways by their type."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for index, inner in enumerate(value):
            yield from _flat(f"{path}.{inner.get('type', index)}", inner)
    elif value not in (None, [], ""):
        yield path, value


def _shown(name: str, value: object, certificate: Callable[[bytes], View]) -> object:
    last = name.rsplit(".", maxsplit=1)[-1]
    if isinstance(value, str) and last in {"certificate", "public_key"}:
        return _key(value, certificate)
    if isinstance(value, list) and last in {"crls", "intermediates"}:
        return [_digest(one) for one in value]
    return value


def _key(encoded: str, certificate: Callable[[bytes], View]) -> str:
    try:
        facts = certificate(base64.urlsafe_b64decode(encoded))
    except (Problem, binascii.Error):
        return _digest(encoded)
    return f"{facts['fingerprint']} ({facts['key']}, {str(facts['not_after'])[:10]})"


def _digest(encoded: str) -> str:
    return hashlib.sha256(base64.urlsafe_b64decode(encoded)).hexdigest()
