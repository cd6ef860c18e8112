"""The loop that makes attempts: when it takes new ones, and that it leaves none half made."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.problem import ServiceDown
from gateway.worker.pump import DeliverLoop
from tests.contracts.samples import a_delivery, an_attempt

BATCH = 4


class Work:
    """So many deliveries due; each takes one look at the database and then a moment."""

    def __init__(self, due: int) -> None:
        self.due = due
        self.made = 0
        self.ending = False
        self.after_each: Callable[[], None] = lambda: None
        self.fails_when_due_is: int | None = None

    def claim(self, limit: int) -> Sequence[tuple[Delivery, Attempt]]:
        """See `ClaimDeliveries`."""
        if self.due == self.fails_when_due_is:
            raise ServiceDown(Code.DATABASE_UNAVAILABLE)
        taken = min(limit, self.due)
        self.due -= taken
        delivery = a_delivery("d1")
        return [(delivery, an_attempt(delivery))] * taken

    async def deliver(self, _delivery: Delivery, _attempt: Attempt) -> None:
        """See `MakeAttempt`."""
        await asyncio.sleep(0.01)
        self.made += 1
        self.after_each()

    def loop(self) -> DeliverLoop:
        """The loop over this work."""

        async def close() -> None:
            return None

        return DeliverLoop(
            claim=self.claim, deliver=lambda: self.deliver, close=close, batch=BATCH, ending=lambda: self.ending
        )


def test_it_goes_on_until_nothing_is_due() -> None:
    work = Work(due=3 * BATCH)
    loop = work.loop()
    assert loop.run_once() == work.made == 3 * BATCH
    loop.close()


def test_once_it_is_ending_it_takes_nothing_new_and_finishes_what_is_in_hand() -> None:
    work = Work(due=100)

    def stop() -> None:
        work.ending = True

    work.after_each = stop
    loop = work.loop()
    assert loop.run_once() == work.made == BATCH
    assert work.due == 100 - BATCH
    loop.close()


def test_a_claim_that_fails_leaves_no_attempt_half_made() -> None:
    work = Work(due=BATCH + 2)
    work.fails_when_due_is = 2
    loop = work.loop()
    with pytest.raises(ServiceDown):
        loop.run_once()
    assert work.made == BATCH
    loop.close()
