"""Item numbers from the ranges that the post assigned."""

import datetime as dt
from collections.abc import Sequence

from gateway.domain.codes import Code
from gateway.domain.manifest import MONTHS_BEFORE_REUSE
from gateway.domain.problem import Conflict
from gateway.domain.s10 import NumberRange
from gateway.ports.manifests import Manifests

_REUSE = dt.timedelta(days=31 * (MONTHS_BEFORE_REUSE + 1))
"""From closing: never less than so many months from when the post took the item, be that a month after closing."""


def give_numbers(manifests: Manifests, ranges: Sequence[NumberRange], count: int, now: dt.datetime) -> Sequence[str]:
    """So many numbers, each given out by nobody else and not within the last twelve months. Where a range ends it
    begins anew, once its first numbers may be used again. Raises Conflict (manifest.numbers-exhausted)."""
    found: list[str] = []
    for one in ranges:
        tried = 0
        while tried < len(one) and len(found) < count:
            some = min(count - len(found), len(one) - tried)
            end = manifests.advance(f"s10/{one}", some)
            numbers = [one.number(place) for place in range(end - some, end)]
            used = manifests.pieces_used(numbers, since=now - _REUSE)
            taken = used.union(found)  # ranges that overlap have numbers in common
            found += [number for number in numbers if number not in taken]
            tried += some
    if len(found) < count:
        raise Conflict(Code.MANIFEST_NUMBERS_EXHAUSTED, have=len(found), need=count)
    return found
