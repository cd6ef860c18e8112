"""A dispatch: everything the gateway does for one accepted package."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from gateway.domain.delivery import Delivery, DeliveryState, needs_person
from gateway.domain.outcomes import Division


class DispatchState(StrEnum):
    """Where a dispatch stands (INTERFACE.md)."""

    IN_PROGRESS = "in-progress"
    NEEDS_PERSON = "needs-person"
    COMPLETE = "complete"
    RECALLED = "recalled"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """The work a dispatch waits for before its deliveries can go."""

    PLAN = "plan"
    RENDER = "render"
    DONE = "done"
    STUCK = "stuck"
    """The step failed again and again: a person must look."""
    RECALLED = "recalled"
    """Nothing more of it leaves."""


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """One accepted package. `digest` is over the package as received, `sha256:…`; `signer` is a certificate's
    SHA-256 fingerprint in lower-case hex; `object_name` is where the package is kept sealed;
    `data_key` names the key its sealed objects are under. `attempts` counts the tries of the step it stands at."""

    id: str
    package_id: UUID
    digest: str
    size: int
    object_name: str
    division: Division
    office: str
    files: tuple[str, ...]
    signer: str
    accepted_at: dt.datetime
    submitted_by: str
    data_key: str
    step: Step
    due: dt.date | None = None
    attempts: int = 0
    fence: int = 0
    next_action_at: dt.datetime | None = None
    lease_until: dt.datetime | None = None

    @property
    def is_untouched(self) -> bool:
        """Whether nobody planned it before whoever has it claimed now: it has no deliveries yet."""
        return self.step is Step.PLAN and self.fence <= 1


_MAY_LEAVE = frozenset({DeliveryState.SENDING, DeliveryState.UNCONFIRMED})
"""States of which a recall does not know yet what it came to."""
_ENDS = frozenset({Step.DONE, Step.RECALLED})
_TERMINAL = frozenset({DeliveryState.RECALLED, DeliveryState.CANCELLED})


def all_settled(deliveries: Iterable[Delivery]) -> bool:
    """Whether nothing more is waited for: also of a recalled dispatch, what had left before has its own end."""
    return all(delivery.settled or delivery.state in _TERMINAL for delivery in deliveries)


def dispatch_state(step: Step, deliveries: Iterable[Delivery]) -> DispatchState:
    """The state of a dispatch, derived from its deliveries: none where all was handed over in the hearing room."""
    all_of_them = tuple(deliveries)
    states = {delivery.state for delivery in all_of_them}
    if step is Step.STUCK or any(needs_person(one) for one in all_of_them):
        return DispatchState.NEEDS_PERSON
    if step not in _ENDS or (step is Step.RECALLED and states & _MAY_LEAVE):
        return DispatchState.IN_PROGRESS
    if step is Step.RECALLED or states == {DeliveryState.RECALLED}:
        return DispatchState.RECALLED
    if states and states <= _TERMINAL:
        return DispatchState.CANCELLED
    if all_settled(all_of_them):
        return DispatchState.COMPLETE
    return DispatchState.IN_PROGRESS
