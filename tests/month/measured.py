"""What a run of the month measured, and the arithmetic of its report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

TAKEN_IN = ("plan", "render")
"""Steps of a dispatch that waits."""
OPEN = ("planned", "ready", "sending", "deferred")
"""States of a delivery for which the engine has something to do yet."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One look. at: seconds since the first package. processor: seconds used until then, by part. resident: megabytes
    of each part's largest process."""

    at: float
    submitted: int
    dispatches: Mapping[str, int]
    deliveries: Mapping[str, int]
    transactions: Mapping[str, int]
    processor: Mapping[str, float]
    resident: Mapping[str, float]

    @property
    def waiting(self) -> int:
        """Packages that wait to be planned and rendered."""
        return sum(self.dispatches.get(one, 0) for one in TAKEN_IN)

    @property
    def open(self) -> int:
        """Deliveries that are not at their end."""
        return sum(self.deliveries.get(one, 0) for one in OPEN)

    @property
    def ended(self) -> int:
        """Deliveries for which the engine has nothing to do any more."""
        return sum(self.deliveries.values()) - self.open

    @property
    def untold(self) -> int:
        """Transactions that no batch took yet."""
        return self.transactions.get("waiting", 0)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A whole run. latency: milliseconds of every single one, by step. by_channel: deliveries by channel,
    state and reason. driver: seconds of processor time of what submits, answers for the other case system and looks.
    load: the machine's, before and after."""

    packages: int
    expected_transactions: int
    samples: Sequence[Sample]
    taken_in: float
    put_off: int
    latency: Mapping[str, Sequence[float]]
    by_channel: Mapping[tuple[str, str, str], int]
    driver: float
    load: tuple[float, float]
    machine: str
    rows: Sequence["Rows"] = field(default=())

    @property
    def took(self) -> float:
        """Seconds until the last delivery was at its end."""
        last = self.samples[-1].ended
        return next(one.at for one in self.samples if one.ended == last)

    @property
    def told(self) -> float:
        """Seconds until the last transaction was acknowledged."""
        last = self.samples[-1].transactions
        return next(one.at for one in self.samples if one.transactions == last)

    @property
    def deliveries(self) -> int:
        """How many there were."""
        return sum(self.samples[-1].deliveries.values())

    def used(self) -> dict[str, float]:
        """Seconds of processor time by part, over the whole run."""
        first, last = self.samples[0].processor, self.samples[-1].processor
        return {name: last[name] - first[name] for name in last}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a delivery costs among so many. pages: that a claim touches; processor: milliseconds of PostgreSQL."""

    count: int
    pages: int
    processor: float


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest of the values that at least that part of them does not exceed (nearest rank)."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(part * len(values) - 1e-9) - 1)]


def rates(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """How much a second was added between each two points."""
    return [
        (later, (much - little) / (later - earlier))
        for (earlier, little), (later, much) in pairwise(points)
        if later > earlier
    ]
