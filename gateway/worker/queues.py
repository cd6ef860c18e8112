"""The steps of the work by the names of their queues, and how one step tells the next that there may be work."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol


class Queue(StrEnum):
    """The steps, each with a queue of its own, so that long renders never hold up sends.

    A step more is a line here and its loop in `gateway.worker.loops`: threads, tasks and queues follow from both.
    """

    INTAKE = "intake"
    RENDER = "render"
    DELIVER = "deliver"
    RECEIVE = "receive"
    CALL = "call"
    MAINTAIN = "maintain"


class Wake(Protocol):
    """Tells whoever does a step that there may be work. It may be lost: due rows are found without it."""

    def __call__(self, queue: Queue, ids: Sequence[str], /) -> None:
        """ids: the dispatches or deliveries it is about, for those who follow one through the logs. Never raises."""
        ...


def nobody(_queue: Queue, _ids: Sequence[str], /) -> None:
    """`Wake` where nobody needs waking."""
