"""A privacy breach: what the head of the institution is told of it, and by when others are (TBS, Policy on Privacy
Protection, appendix B)."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

REPORT_WITHIN = dt.timedelta(days=7)
"""From the determination that it is material to the reports to the Privacy Commissioner and to the Secretariat."""


class BreachData(StrEnum):
    """What kind of personal information somebody saw who should not have."""

    NAME = "name"
    CONTACT = "contact"
    IDENTIFIERS = "identifiers"
    """File numbers and the unique client identifier."""
    DECISION = "decision"
    """The decision and its reasons: often why a person fled."""
    HEALTH = "health"
    FAMILY = "family"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class BreachTold:
    """What an officer tells of a breach, in their own words. `affected` is a number: nobody is named."""

    delivery: str
    discovered_at: dt.datetime
    happened_at: dt.datetime | None
    place: str
    description: str
    data: tuple[BreachData, ...]
    affected: int
    containment: str
    persons_told: str
    """Who of those affected was told of it and how, or why not yet."""
    material_at: dt.datetime | None
    """When it was determined to be material, if it was."""
    reported_at: dt.datetime | None
    """When the Commissioner and the Secretariat were told."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One version of the report on a dispatch's breach; each is kept. content: what was told, sealed."""

    dispatch: str
    version: int
    number: str
    material_at: dt.datetime | None
    reported_at: dt.datetime | None
    made_by: str
    made_at: dt.datetime
    content: bytes = field(repr=False)

    @property
    def due_at(self) -> dt.datetime | None:
        """By when it is to be reported; None where it need not be, or was."""
        return self.material_at + REPORT_WITHIN if self.material_at and not self.reported_at else None


def number_of(dispatch: str, at: dt.datetime) -> str:
    """The number of the report on a dispatch: of the year in which it was begun."""
    return f"{at.year}-{dispatch[:8]}"


def check_told(told: BreachTold, now: dt.datetime) -> None:
    """Raises InputRefused (request.invalid) with the first field that cannot be."""
    happened, material, reported = told.happened_at, told.material_at, told.reported_at
    wrong = {
        "discovered_at": told.discovered_at > now,
        "happened_at": happened is not None and happened > told.discovered_at,
        "place": not told.place.strip(),
        "description": not told.description.strip(),
        "data": not told.data,
        "affected": told.affected < 1,
        "containment": not told.containment.strip(),
        "persons_told": not told.persons_told.strip(),
        "material_at": material is not None and not told.discovered_at <= material <= now,
        "reported_at": reported is not None and (material is None or not material <= reported <= now),
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise InputRefused(Code.REQUEST_INVALID, where=name, expected="policy on privacy protection, appendix B")
