"""By when the Registry sends a decision: the Board's service standards (`gateway/rules/service_standards.toml`).

They are the Board's own, not a party's time limit. Dates are those of the office's clock.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.domain.calendar import Closed, DayStep, count_working_days
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.package import Decision, DecisionPackage, Heard, Nature, ProceedingType, RelationKind
from gateway.domain.problem import SetupWrong

Form = Literal["oral", "written"]
Mode = Literal["in-person", "videoconference", "telephone", "in-writing"]


class CountsFrom(StrEnum):
    """The event a standard counts from."""

    SIGNATURE = "signature"
    """When the last member of the panel signed."""
    STATEMENT = "statement"
    """When an oral decision was stated (ID r.7(3), r.11(3)); the last signature where that moment is not given."""
    EFFECT = "effect"
    """When an oral decision was stated with its reasons (RPD r.68, IAD r.104); the last signature where it was not,
    or where that moment is not given."""


@dataclass(frozen=True, kw_only=True)
class ServiceStandard:
    """One standard. What it leaves open (None) fits everything.

    working_days: 0 is the same day, whatever day it is. warn_after: working days after which it becomes urgent.
    later_package: whether the package follows an earlier one on the same decision; relation: how. rule: its stable
    name.
    """

    rule: str
    division: Division
    working_days: int = field(metadata={"ge": 0, "le": 60})
    counts_from: CountsFrom
    source: str
    source_fr: str
    warn_after: int | None = field(default=None, metadata={"ge": 0, "le": 60})
    form: Form | None = None
    mode: Mode | None = None
    nature: Nature | None = None
    proceeding: ProceedingType | None = None
    later_package: bool | None = None
    relation: RelationKind | None = None

    def fits(self, case: "Circumstances") -> bool:
        """Whether the standard is meant for such a decision."""
        return self.division is case.division and all(
            wanted is None or wanted == actual
            for wanted, actual in (
                (self.form, case.form),
                (self.mode, case.mode),
                (self.nature, case.nature),
                (self.proceeding, case.proceeding),
                (self.later_package, case.relation is not None),
                (self.relation, case.relation),
            )
        )


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a standard depends on.

    mode: how the last sitting was held, if there was one. relation: how the package follows an earlier one, if it does.
    """

    division: Division
    form: Form
    mode: Mode | None = None
    nature: Nature = Nature.FINAL
    proceeding: ProceedingType | None = None
    relation: RelationKind | None = None


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """The last day of a standard, how it was counted, and from which day on it is urgent."""

    date: dt.date
    warn_on: dt.date | None
    steps: tuple[DayStep, ...]
    standard: ServiceStandard


def due_date(
    package: DecisionPackage, standards: Iterable[ServiceStandard], closed: Closed, zone: dt.tzinfo
) -> dt.date:
    """The last day on which the package is sent in time. Raises SetupWrong where no standard fits."""
    return due(package, standards, closed, zone).date


def due(package: DecisionPackage, standards: Iterable[ServiceStandard], closed: Closed, zone: dt.tzinfo) -> DueDate:
    """The same with its reasons. zone: of the office, whose clock says which day a moment belongs to."""
    standard = find_standard(standards, circumstances(package))
    moment = counted_from(package, standard)
    return count(standard, moment.astimezone(zone).date(), closed)


def find_standard(standards: Iterable[ServiceStandard], case: Circumstances) -> ServiceStandard:
    """The first standard that fits. Raises SetupWrong (rule.invalid): the rule file must have one for each."""
    for standard in standards:
        if standard.fits(case):
            return standard
    raise SetupWrong(Code.RULE_INVALID, where="service_standards.toml", division=case.division.value)


def count(standard: ServiceStandard, start: dt.date, closed: Closed) -> DueDate:
    """The standard counted from a day."""
    steps = count_working_days(start, standard.working_days, closed)
    warned = None if standard.warn_after is None else count_working_days(start, standard.warn_after, closed)
    return DueDate(date=steps[-1].date, warn_on=warned[-1].date if warned else None, steps=steps, standard=standard)


def circumstances(package: DecisionPackage) -> Circumstances:
    """What of the package its standard depends on."""
    return Circumstances(
        division=package.division,
        form=package.decision.form,
        mode=_last_mode(package.decision.heard),
        nature=package.proceeding.nature,
        proceeding=package.proceeding.type,
        relation=package.relation.kind if package.relation else None,
    )


def counted_from(package: DecisionPackage, standard: ServiceStandard) -> dt.datetime:
    """The moment a standard counts from."""
    decision = package.decision
    stated = decision.rendered_at if decision.form == "oral" else None
    if stated is not None and _from_statement(decision, standard.counts_from):
        return stated
    # A decision of a panel takes effect when all its members have signed (RPD r.68, RAD r.51, IAD r.104).
    return max(member.signed_at or decision.signed_at for member in decision.members)


def _from_statement(decision: Decision, counts_from: CountsFrom) -> bool:
    """Whether what was stated starts the count; reasons that are to follow were not stated with it."""
    if counts_from is CountsFrom.EFFECT:
        return decision.reasons != "to-follow"
    return counts_from is CountsFrom.STATEMENT


def _last_mode(heard: Sequence[Heard]) -> Mode | None:
    return max(heard, key=lambda sitting: sitting.date).mode if heard else None
