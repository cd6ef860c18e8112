"""Whether one more package may come in now: what waits, against what is worked off. See `intake.toml`."""

import datetime as dt
from functools import cache

from gateway.application.lately import Lately
from gateway.application.rules import read_rules, rule_text
from gateway.domain.codes import Code
from gateway.domain.intake import IntakeRule, Load, come_back_after, may_be_felt, rate_of
from gateway.domain.problem import Overloaded
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_NAME = "intake.toml"


@cache
def intake_rule() -> IntakeRule:
    """The rule as it is shipped."""
    return read_rules(_NAME, rule_text(_NAME), IntakeRule)


class Admit:
    """Asked before each package is looked into. What it counts is a moment old (ADR 27): a few more may come in."""

    def __init__(self, *, database: Database, rule: IntakeRule, clock: Clock) -> None:
        self._database = database
        self._rule = rule
        self._clock = clock
        self._load = Lately(self._measured)

    def __call__(self, submitter: str) -> None:
        """Raises Overloaded (intake.overloaded)."""
        load = self._load()
        again = come_back_after(self._rule, load, submitter)
        if again is not None:
            raise Overloaded(Code.INTAKE_OVERLOADED, waiting=load.whole, retry_after=again)

    def _measured(self) -> Load:
        rule, now = self._rule, self._clock.now()
        with self._database.look_up() as tx:
            waiting = tx.dispatches.waiting_by_submitter()
            if not may_be_felt(rule, sum(waiting.values())):
                return Load(waiting=waiting, rate=None)
            worked = tx.records.rendered_since(now - dt.timedelta(seconds=rule.measured_over))
        return Load(waiting=waiting, rate=rate_of(rule, worked, now))
