"""Whether a process can do its part, and if not, why: what `/ready` says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.problem import Problem

OK = "ok"


class Fitness(StrEnum):
    """How a process stands."""

    READY = "ready"
    DEGRADED = "degraded"
    """It works, more slowly: hints do not get through, and due work is found by looking for it."""
    NOT_READY = "not-ready"

    @property
    def http_status(self) -> int:
        """200 for whatever works."""
        return 503 if self is Fitness.NOT_READY else 200


@dataclass(frozen=True)
class Readiness:
    """`parts`: each part with `ok`, or the code of what is wrong with it."""

    fitness: Fitness
    parts: Mapping[str, str]


def readiness(needed: Mapping[str, Callable[[], None]], helpful: Mapping[str, Callable[[], None]]) -> Readiness:
    """Each check raises a Problem when its part is wrong. Without what is needed nothing works; without what is
    helpful it only takes longer."""
    stands = {name: _state(check) for name, check in needed.items()}
    helps = {name: _state(check) for name, check in helpful.items()}
    fitness = Fitness.READY if set(helps.values()) <= {OK} else Fitness.DEGRADED
    if not set(stands.values()) <= {OK}:
        fitness = Fitness.NOT_READY
    return Readiness(fitness, stands | helps)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except Problem as problem:
        return problem.code.value
    return OK
