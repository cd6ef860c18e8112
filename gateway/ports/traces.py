"""Where the time of a dispatch goes, for whoever traces it: a span for each step, all of one dispatch in one trace.

What is told of a step are identifiers that say nothing to anybody outside: no content, no name, no file number.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from typing import Protocol


class TracedStep(StrEnum):
    """What a span is of."""

    SUBMIT = "submit"
    PLAN = "plan"
    RENDER = "render"
    DELIVER = "deliver"
    RECEIVE = "receive"
    """What came back was read and tied to its delivery."""
    COLLECT = "collect"
    """The recipient took a document from the exchange, or said that they have it."""


class About(Protocol):
    """What the step turns out to be about."""

    def __call__(self, dispatch: str, *, delivery: str | None = None, attempt: str | None = None) -> None:
        """It belongs to the trace of that dispatch. A step of which this is never said belongs to none."""
        ...


class Traces(Protocol):
    """Who hears of steps."""

    def step(self, step: TracedStep) -> AbstractContextManager[About]:
        """A step that lasts as long as the block. What the block raises goes on, and the step counts as failed."""
        ...

    def close(self) -> None:
        """Nothing more is traced; what was is handed on."""
        ...


class Untraced:
    """`Traces` where nobody asked for them."""

    @contextmanager
    def step(self, _: TracedStep) -> Iterator[About]:
        """See `Traces`."""
        yield _to_nobody

    def close(self) -> None:
        """See `Traces`."""


def _to_nobody(dispatch: str, *, delivery: str | None = None, attempt: str | None = None) -> None:
    """See `About`."""


UNTRACED = Untraced()
