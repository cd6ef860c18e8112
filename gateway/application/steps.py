"""The steps a dispatch goes through before its deliveries can go: claimed, worked on, postponed when they fail."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class StepTiming:
    """lease: how long a claim holds. wait: between tries, growing with each. most_attempts: then a person looks."""

    lease: dt.timedelta
    wait: dt.timedelta
    most_attempts: int


class DispatchSteps:
    """Claims dispatches for a step, and sets aside what a step cannot get through."""

    def __init__(self, *, database: Database, timing: StepTiming, clock: Clock) -> None:
        self._database = database
        self._timing = timing
        self._clock = clock

    def claim(self, step: Step, limit: int) -> Sequence[Dispatch]:
        """Due dispatches of the step, held under a lease.

        One that was claimed too often without coming to an end is set aside: its work kills whoever takes it on.
        """
        now = self._clock.now()
        with self._database.write() as tx:
            claimed = tx.dispatches.claim(step, now=now, lease=self._timing.lease, limit=limit)
            for one in claimed:
                if self._spent(one):
                    _set_aside(tx, one, Reason.LEASE_LAPSED.value, now)
        return [one for one in claimed if not self._spent(one)]

    def postpone(self, dispatch: Dispatch, cause: str, *, spent: bool) -> None:
        """The step failed on this dispatch: later again, and after too many tries a person looks.

        cause: a code or the name of an exception's type, never its text. spent: whether the try counts; it does not
        where a service that is needed did not answer, for that says nothing about the dispatch. Raises LeaseLost.
        """
        now = self._clock.now()
        with self._database.write() as tx:
            if spent and dispatch.attempts >= self._timing.most_attempts:
                _set_aside(tx, dispatch, cause, now)
                return
            due = now + self._timing.wait * (dispatch.attempts if spent else 1)
            attempts = dispatch.attempts if spent else dispatch.attempts - 1
            tx.dispatches.save(replace(dispatch, attempts=attempts, next_action_at=due, lease_until=None))

    def _spent(self, dispatch: Dispatch) -> bool:
        """Whether this claim is one more than there may be."""
        return dispatch.attempts > self._timing.most_attempts


def _set_aside(tx: Transaction, dispatch: Dispatch, cause: str, now: dt.datetime) -> None:
    tx.dispatches.save(replace(dispatch, step=Step.STUCK, next_action_at=None, lease_until=None))
    facts = {"step": dispatch.step.value, "cause": cause}
    tx.records.append(Event(name=EventName.DISPATCH_STUCK, at=now, actor="gateway", dispatch=dispatch.id, facts=facts))
