"""Durations and sizes as settings write them: `500ms`, `30s`, `10m`, `4h`, `2d`; `500KB`, `50MB`, `1GB`.

One whole number and one unit. Sizes are powers of ten, as makers of mail servers and disks count them.
"""

import datetime as dt
import re
from collections.abc import Mapping

_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_BYTES = {"GB": 1000**3, "MB": 1000**2, "KB": 1000, "B": 1}
_WRITTEN = re.compile(r"([0-9]{1,9})([A-Za-z]{1,2})")


class Bytes(int):
    """A size in bytes; a type of its own, so that it is written with its unit again."""


def duration(text: object) -> dt.timedelta:
    """The duration that the text says. Raises ValueError."""
    return dt.timedelta(milliseconds=_read(text, _MILLISECONDS, most=10_000 * _MILLISECONDS["d"]))


def size(text: object) -> Bytes:
    """The size that the text says. Raises ValueError."""
    return Bytes(_read(text, _BYTES, most=1000 * _BYTES["GB"]))


def written(quantity: dt.timedelta | Bytes) -> str:
    """The quantity in the largest unit that leaves a whole number: `90s`, `2h`."""
    if isinstance(quantity, Bytes):
        return _in_units(quantity, _BYTES, least="B")
    return _in_units(quantity // dt.timedelta(milliseconds=1), _MILLISECONDS, least="s")


def _read(text: object, units: Mapping[str, int], *, most: int) -> int:
    match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2] not in units:
        raise ValueError(f"a whole number and one of {', '.join(units)}")
    amount = int(match[1]) * units[match[2]]
    if amount > most:
        raise ValueError("more than anybody means")
    return amount


def _in_units(amount: int, units: Mapping[str, int], *, least: str) -> str:
    """`least`: the unit that nothing is written in."""
    unit = next(unit for unit, factor in units.items() if amount % factor == 0) if amount else least
    return f"{amount // units[unit]}{unit}"
