"""The demonstration itself: forgeries offered, packages submitted, the work done, every message opened."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.demo.at_rest import AtRest, look_for, secrets_of
from gateway.demo.case_system import FeedResult, tell_outcomes
from gateway.demo.decisions import SAMPLES, Written, write_decision
from gateway.demo.forgeries import Forgery, offer_forgeries
from gateway.demo.results import PackageResult, collect
from gateway.demo.stage import ACTOR, Stage
from gateway.domain.delivery import DeliveryState
from gateway.domain.outcomes import Division
from gateway.worker.embedded import work

Step = Callable[[str], None]
"""Told the name of each step as it begins."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Everything the demonstration found. `seconds` is from the first key to the last look."""

    packages: Sequence[PackageResult]
    forgeries: Sequence[Forgery]
    feed: FeedResult | None
    at_rest: AtRest
    seconds: float

    @property
    def opened(self) -> int:
        """Copies that their recipients opened, everything checked."""
        return sum(bool(one.documents) for package in self.packages for one in package.deliveries)

    @property
    def waiting(self) -> int:
        """Deliveries that wait for a person."""
        return sum(
            one.delivery.state is DeliveryState.NEEDS_PERSON for package in self.packages for one in package.deliveries
        )

    @property
    def good(self) -> bool:
        """Whether everything is as it should be."""
        return (
            all(one.good for package in self.packages for one in package.deliveries)
            and all(package.deliveries for package in self.packages)
            and all(forgery.refusal is not None for forgery in self.forgeries)
            and self.feed is not None
            and self.feed.good
            and not self.at_rest.found
        )


def play(stage: Stage, begun: float, step: Step) -> Outcome:
    """Plays it. `begun`: `time.monotonic()` when the demonstration began."""
    step("decisions")
    now = dt.datetime.now(dt.UTC)
    decisions = [write_decision(sample, now) for sample in SAMPLES]
    step("forgeries")
    of = {written.decision.division: written for written in decisions}
    forgeries = offer_forgeries(stage, of[Division.RPD], of[Division.RAD], now)
    step("submit")
    taken = [(written, _submit(stage, written)) for written in decisions]
    step("work")
    work(stage.gateway, until_idle=True, max_seconds=None)
    step("open")
    packages = collect(stage, taken)
    step("feed")
    feed = tell_outcomes(stage)
    at_rest = look_for(stage.home, secrets_of(decisions, stage.directory.values()))
    return Outcome(packages=packages, forgeries=forgeries, feed=feed, at_rest=at_rest, seconds=time.monotonic() - begun)


def _submit(stage: Stage, written: Written) -> str:
    signer = stage.signers.of[written.decision.division]
    package = written.package(signer, dt.datetime.now(dt.UTC))
    return stage.gateway.submit.accept(package, submitted_by=ACTOR).dispatch.id
