"""An office of the Board's registry: its name, its clock, and the day off that is its region's own."""

from dataclasses import dataclass, field
from enum import StrEnum


class RegionalDay(StrEnum):
    """The one regional holiday of federal offices."""

    ST_JEAN = "st-jean"
    """24 June: Quebec."""
    AUGUST_MONDAY = "august-monday"
    """The first Monday of August: most provinces."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """An office. `zone` is an IANA time zone; `province` the two letters of a postal address."""

    id: str = field(metadata={"pattern": "^[a-z][a-z0-9-]{1,40}$"})
    name_en: str
    name_fr: str
    zone: str
    province: str = field(metadata={"pattern": "^[A-Z]{2}$"})
    regional_day: RegionalDay | None = None
