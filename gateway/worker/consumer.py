# mypy: allow-untyped-calls
"""Celery's consumer, but the pool does not depend on the broker.

As it comes, a pool process that dies while the broker is away has no successor until the broker is back, and the worker
then ends because one is missing. But the pool finds due work without any hint, so it is kept whole meanwhile.
"""

import logging
from typing import Any

from billiard.util import get_logger as logger_of_the_pool
from celery.worker import consumer, state

from gateway.logs import Log, cause_of

log = Log()

_FIRST_WAIT, _LONGEST_WAIT = 1, 5
"""Seconds between tries to reach the broker, growing by the first."""


class Consumer(consumer.Consumer):
    """Keeps the pool whole while it waits for the broker."""

    _pool_is_kept = False

    def ensure_connected(self, conn: Any) -> Any:
        """See Celery."""

        def away(error: BaseException, _interval: float) -> None:
            log.error("broker-away", **cause_of(error))

        pool: Any = self.pool
        if not self._pool_is_kept:
            pool.register_with_event_loop(self.hub)  # else it does not let go of the pipes of those that died
            self._pool_is_kept = True

        def meanwhile() -> None:
            state.maybe_shutdown()
            pool.maintain_pool()

        connected = conn.ensure_connection(
            away,
            None,
            interval_start=_FIRST_WAIT,
            interval_step=_FIRST_WAIT,
            interval_max=_LONGEST_WAIT,
            callback=meanwhile,
        )
        self.first_connection_attempt = False
        self.broker_connection_retry_attempt = 0
        # One that died just now has its successor a moment later; it says nothing about how the others started.
        pool.did_start_ok = lambda: True
        log.info("broker-reached")
        return connected


def tell_how_pool_processes_end() -> None:
    """Logs it as our own event: a process that is killed for want of memory leaves no other word."""
    logger = logger_of_the_pool()
    logger.addHandler(_Ends())


class _Ends(logging.Handler):
    """billiard says `Process %r pid:%r exited with %r`, to standard error unless somebody listens."""

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 3:  # noqa: PLR2004  (name, process id, status)
            log.error("pool-process-ended", pid=str(record.args[1]), status=str(record.args[2]))
