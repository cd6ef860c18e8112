"""Joins what looks after deliveries of its own accord."""

import datetime as dt
from collections.abc import Callable, Sequence

from gateway.application.dates.settle import Settle
from gateway.application.forgotten import CatchForgotten
from gateway.application.returns.take_back_uploads import TakeBackUploads
from gateway.application.rounds import Round
from gateway.application.rules import retry_policy
from gateway.application.sending.move_on import MoveOn
from gateway.application.sending.reconcile import Reconcile
from gateway.application.sending.unconfirmed import SettleUnconfirmed
from gateway.application.sweeps import Found, Run, counted, now_and_then
from gateway.bootstrap.base import Base
from gateway.bootstrap.clerks_work import clearing

FORGOTTEN_EVERY = dt.timedelta(minutes=1)


def sweeps(base: Base, at_cut_offs: Callable[[int], int], late_scans: Callable[[int], int]) -> Sequence[Run]:
    """In the order in which they run."""
    database, clock = base.database, base.clock
    most_lapses = base.settings.work.most_attempts
    reconcile = Reconcile(database=database, policy=retry_policy, most_lapses=most_lapses, clock=clock)
    suspended = base.calendar.suspended_channels
    move_on = MoveOn(database=database, turns=base.turn_times, policy=retry_policy, suspended=suspended, clock=clock)
    settle = Settle(database=database, services=base.services, clock=clock)
    return (
        counted(Found.LEASE_LAPSED, reconcile),
        counted(Found.MOVED_ON, move_on),
        SettleUnconfirmed(database=database, vault=base.vault, channels=base.channels, clock=clock),
        counted(Found.LOOKED_AT, settle),
        counted(Found.PAST_CUT_OFF, at_cut_offs),
        counted(Found.SCANNED_EARLY, late_scans),
        *clearing(base),
        counted(
            Found.TAKEN_BACK, TakeBackUploads(database=database, vault=base.vault, channels=base.channels, clock=clock)
        ),
        # It walks through all that waits to be planned.
        now_and_then(
            Round(database, "forgotten", every=FORGOTTEN_EVERY),
            counted(Found.FORGOTTEN, CatchForgotten(database=database, clock=clock)),
            clock,
        ),
    )
