"""When a carrier is asked about an envelope: a schedule, as data."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TrackingStage:
    """So often until so long after the manifest was closed."""

    until_days: int
    every_hours: int


@dataclass(frozen=True, kw_only=True)
class CertificatePatience:
    """How often the carrier's certificate of what is delivered is asked for, and how many times at most."""

    every_hours: int
    tries: int


@dataclass(frozen=True, kw_only=True)
class TrackingSchedule:
    """The stages in their order. questions_a_minute: to one service, by all our processes."""

    source: str
    questions_a_minute: int
    stage: tuple[TrackingStage, ...]
    certificate: CertificatePatience

    @property
    def longest(self) -> dt.timedelta:
        """For how long it is asked at all."""
        return dt.timedelta(days=max(one.until_days for one in self.stage))

    def after(self, since: dt.datetime, now: dt.datetime) -> dt.datetime:
        """When to ask again about what is on its way since then."""
        return now + dt.timedelta(hours=_stage(self.stage, now - since).every_hours)

    def for_certificate(self, now: dt.datetime) -> dt.datetime:
        """When to ask again for a certificate."""
        return now + dt.timedelta(hours=self.certificate.every_hours)


def _stage(stages: Sequence[TrackingStage], age: dt.timedelta) -> TrackingStage:
    return next((one for one in stages if age < dt.timedelta(days=one.until_days)), stages[-1])
