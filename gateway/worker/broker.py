# mypy: allow-untyped-calls
"""The broker: Celery on Redis, which carries hints and nothing that could not be found without it."""

import time
from collections.abc import Sequence
from typing import Any

import celery
import redis
from kombu.entity import Queue as BrokerQueue
from kombu.exceptions import KombuError

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.logs import Log, cause_of
from gateway.worker import figures
from gateway.worker.figures import Fate
from gateway.worker.queues import Queue
from gateway.worker.transport import ONCE, SCHEME

log = Log()

ANSWER_WITHIN = 0.5
"""Seconds. A hint that takes longer costs more than it saves: a sweep comes round each second."""
LEFT_ALONE = 5.0
"""Seconds for which a broker that failed is not tried again: one that hangs would slow the work down."""
ENOUGH_FOR = 0.05
"""Seconds after a hint in which another of the same step adds nothing: who was woken works until nothing is due."""
ENOUGH_AT_WORK_FOR = 0.25
"""The same where the process that tells of work does it too: the others only help."""
IDS_A_TASK = 100

_FOR_EVER = 365 * 86_400.0
"""Seconds. A pool process is never ended for being slow to start: while the broker is away nobody hears it report."""

_TIMEOUTS = {"socket_timeout": ANSWER_WITHIN, "socket_connect_timeout": ANSWER_WITHIN}


def task_name(queue: Queue) -> str:
    """The task of a step; its queue bears the same name."""
    return f"gateway.{queue.value}"


def application(url: str, **transport_options: Any) -> celery.Celery:
    """A Celery application over the broker, without tasks yet.

    No result backend, no ETA, no remote control: whoever may write to the broker can wake workers and nothing else.
    The default exchange needs no bindings, which an emptied Redis would have forgotten.
    """
    app = celery.Celery("gateway", set_as_current=False)
    app.conf.update(
        broker_url=SCHEME + url.removeprefix("redis"),
        broker_transport_options=_TIMEOUTS | transport_options,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        result_backend=None,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_queues=[BrokerQueue(task_name(one), exchange="", routing_key=task_name(one)) for one in Queue],
        task_default_queue=task_name(Queue.INTAKE),
        task_default_exchange="",
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=_FOR_EVER,
    )
    return app


class Hints:
    """`Wake` over the broker: published after the commit, tried once and briefly, and lost without harm."""

    def __init__(self, url: str, *, enough_for: float = ENOUGH_FOR) -> None:
        self._enough_for = enough_for
        # kombu tries on for seconds unless its own option says 0, whatever `retry` says.
        self._app = application(url, max_retries=0)
        self._left_alone_until = 0.0
        self._told_until: dict[Queue, float] = {}

    def __call__(self, queue: Queue, ids: Sequence[str], /) -> None:
        """See `Wake`; at most 100 ids a task."""
        if time.monotonic() < self._told_until.get(queue, 0.0):
            figures.hint(queue, Fate.SPARED)
            return
        for start in range(0, len(ids), IDS_A_TASK):
            figures.hint(queue, self._publish(queue, ids[start : start + IDS_A_TASK]))

    def _publish(self, queue: Queue, ids: Sequence[str]) -> Fate:
        if time.monotonic() < self._left_alone_until:
            return Fate.UNSENT
        name = task_name(queue)
        try:
            self._app.send_task(name, kwargs={"ids": list(ids)}, queue=name, retry=False)
        except (KombuError, redis.RedisError, OSError) as error:
            self._left_alone_until = time.monotonic() + LEFT_ALONE
            log.warning("hint-failed", queue=queue.value, **cause_of(error))
            return Fate.FAILED
        self._told_until[queue] = time.monotonic() + self._enough_for
        return Fate.PUBLISHED


class Broker:
    """Whether the broker answers."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=ANSWER_WITHIN, socket_connect_timeout=ANSWER_WITHIN, retry=ONCE
        )

    def check(self) -> None:
        """Raises ServiceDown (broker.unavailable): away, hanging, or refusing our password."""
        try:
            self._client.ping()
        except (redis.RedisError, OSError) as error:
            raise ServiceDown(Code.BROKER_UNAVAILABLE, where="gateway.broker", result=type(error).__name__) from error
