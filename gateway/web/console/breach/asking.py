"""What the form of a breach's report says, and what it shows again."""

import datetime as dt
from collections.abc import Mapping

from gateway.domain.breach import BreachData, BreachTold
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.web.console.moments import moment_of, written

_MOST_DIGITS = 6


def told_of(fields: Mapping[str, str], zone: dt.tzinfo) -> BreachTold:
    """What is told. Raises InputRefused (request.invalid) with the field that cannot be read."""

    def moment(name: str) -> dt.datetime | None:
        return moment_of(fields[name], zone, field=name) if fields.get(name) else None

    affected = fields.get("affected", "").strip()
    if not (affected.isascii() and affected.isdecimal() and len(affected) <= _MOST_DIGITS):
        raise InputRefused(Code.REQUEST_INVALID, where="affected", expected="integer")
    return BreachTold(
        delivery=fields.get("delivery", ""),
        discovered_at=moment_of(fields.get("discovered_at", ""), zone, field="discovered_at"),
        happened_at=moment("happened_at"),
        place=_words(fields, "place"),
        description=_words(fields, "description"),
        data=tuple(one for one in BreachData if fields.get(f"data-{one.value}")),
        affected=int(affected),
        containment=_words(fields, "containment"),
        persons_told=_words(fields, "persons_told"),
        material_at=moment("material_at"),
        reported_at=moment("reported_at"),
    )


def typed_of(told: BreachTold, zone: dt.tzinfo) -> dict[str, str]:
    """The fields of the form that would tell it."""
    moments = ("discovered_at", "happened_at", "material_at", "reported_at")
    texts = ("delivery", "place", "description", "containment", "persons_told")
    return (
        {name: written(getattr(told, name), zone) for name in moments}
        | {name: getattr(told, name) for name in texts}
        | {f"data-{one.value}": "yes" for one in told.data}
        | {"affected": str(told.affected)}
    )


def _words(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").strip()
