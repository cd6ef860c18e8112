# mypy: allow-untyped-calls
"""The Celery tasks: one a step, each three lines around the loop that `gateway serve` runs on a thread.

A task carries ids for the log alone: what is due is found in the database, in the order of its urgency. Tasks are
called by keyword, and what a later version adds to a message is passed over.
"""

from collections.abc import Callable, Sequence

import celery

from gateway.logs import Log
from gateway.worker import figures
from gateway.worker.broker import task_name
from gateway.worker.figures import Fate
from gateway.worker.queues import Queue

log = Log()


def add_tasks(app: celery.Celery, do: Callable[[Queue], object]) -> None:
    """A task for each queue, which calls `do` with it."""
    for queue in Queue:
        app.task(_task(queue, do), name=task_name(queue))


def _task(queue: Queue, do: Callable[[Queue], object]) -> Callable[..., None]:
    def task(*, ids: Sequence[str] = (), **_later: object) -> None:
        figures.hint(queue, Fate.RECEIVED)
        log.info("woken", queue=queue.value, ids=list(ids))
        do(queue)

    return task
