"""A date with each step of its count, as the interface shows it (INTERFACE.md, `gateway deadline`)."""

from collections.abc import Sequence

from gateway.application.dates.closures import holiday_at
from gateway.application.views import View
from gateway.domain.calendar import DayKind, DayStep
from gateway.domain.deemed_receipt import DeemedReceipt
from gateway.domain.office import Office
from gateway.domain.service_standard import DueDate


def due_view(due: DueDate, office: Office) -> View:
    """The last day of a service standard."""
    return {
        "date": due.date.isoformat(),
        "warn_on": due.warn_on.isoformat() if due.warn_on else None,
        "steps": _steps(due.steps, office),
        "rule": due.standard.rule,
        "source": due.standard.source,
        "source_fr": due.standard.source_fr,
    }


def deemed_view(receipt: DeemedReceipt, office: Office) -> View:
    """A day of deemed receipt; `date` is null while the carrier is suspended until further notice."""
    return {
        "date": receipt.date.isoformat() if receipt.date else None,
        "steps": _steps(receipt.steps, office),
        "rule": receipt.rule.rule,
        "source": receipt.rule.source,
        "source_fr": receipt.rule.source_fr,
        "suspended_since": receipt.halted_by.since.isoformat() if receipt.halted_by else None,
    }


def _steps(steps: Sequence[DayStep], office: Office) -> list[View]:
    return [
        {"date": step.date.isoformat(), "counts": step.counts, "why": step.why.value} | _holiday(step, office)
        for step in steps
    ]


def _holiday(step: DayStep, office: Office) -> View:
    """Which holiday closes the office; none for a day that staff entered."""
    closing = step.why in (DayKind.CLOSED, DayKind.HOLIDAY)
    holiday = holiday_at(office, step.date) if closing else None
    return {} if holiday is None else {"holiday": holiday.value}
