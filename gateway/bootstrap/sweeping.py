"""Joins what looks after deliveries of its own accord."""

from collections.abc import Mapping

from gateway.application.move_on import MoveOn
from gateway.application.reconcile import Reconcile
from gateway.application.rules import retry_policy
from gateway.application.settle import Settle
from gateway.application.sweeps import Run, Sweep
from gateway.bootstrap.base import Base


def sweeps(base: Base) -> Mapping[Sweep, Run]:
    """In the order in which they run."""
    database, clock = base.database, base.clock
    return {
        Sweep.LEASES: Reconcile(database=database, most_lapses=base.settings.work.most_attempts, clock=clock),
        Sweep.CLOSED_CHANNELS: MoveOn(database=database, turns=base.turn_times, policy=retry_policy, clock=clock),
        Sweep.CLOSING: Settle(database=database, services=base.services, clock=clock),
    }
