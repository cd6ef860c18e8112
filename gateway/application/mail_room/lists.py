"""The items of a manifest as the carrier's system takes them: CSV and JSON, a line an item."""

import csv
import io
import json
from collections.abc import Iterable

from gateway.application.spreadsheets import plain
from gateway.domain.envelope import Envelope, postal_code_of
from gateway.domain.manifest import BatchedItem, Manifest

_MOST_TO, _MOST_LINES = 3, 5
_TO = [f"to_{number}" for number in range(1, _MOST_TO + 1)]
_LINES = [f"line_{number}" for number in range(1, _MOST_LINES + 1)]
_REST = ("municipality", "province", "postal_code", "country", "pages", "sheets")

Listed = Iterable[tuple[BatchedItem, Envelope]]


def as_json(manifest: Manifest, listed: Listed) -> bytes:
    """An object with the manifest's own facts and its items."""
    told = {
        "schema": "manifest/1",
        "manifest": manifest.number,
        "carrier": manifest.carrier,
        "service": manifest.channel,
        "office": manifest.office,
        "closed_at": manifest.closed_at.isoformat(),
    }
    target = io.BytesIO()
    target.write(json.dumps(told, ensure_ascii=False)[:-1].encode() + b', "items": [')
    between = b"\n"
    for item, envelope in listed:
        target.write(between + json.dumps(_row(item, envelope), ensure_ascii=False).encode())
        between = b",\n"
    target.write(b"\n]}\n")
    return target.getvalue()


def as_csv(manifest: Manifest, listed: Listed) -> bytes:
    """UTF-8; to whom and the lines of an address in as many columns as there may be. No cell is a formula: parties give
    their names and addresses themselves."""
    target = io.BytesIO()
    with io.TextIOWrapper(target, encoding="utf-8", newline="") as text:
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(["manifest", "place", "piece", "service", *_TO, *_LINES, *_REST])
        for item, envelope in listed:
            row = _row(item, envelope)
            to, lines = _padded(envelope.to, _MOST_TO), _padded(envelope.address.lines, _MOST_LINES)
            own = [manifest.number, item.place, item.piece, manifest.channel]
            told = [*to, *lines, *(row[name] for name in _REST)]
            writer.writerow([*own, *(plain(one) if isinstance(one, str) else one for one in told)])
        text.flush()
        return target.getvalue()


def _row(item: BatchedItem, envelope: Envelope) -> dict[str, object]:
    address = envelope.address
    return {
        "place": item.place,
        "piece": item.piece,
        "to": list(envelope.to),
        "lines": list(address.lines),
        "municipality": address.municipality,
        "province": address.province,
        "postal_code": postal_code_of(address),
        "country": address.country,
        "pages": item.pages,
        "sheets": item.sheets,
    }


def _padded(given: Iterable[str], count: int) -> list[str]:
    values = list(given)
    return values + [""] * (count - len(values))
