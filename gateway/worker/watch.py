# mypy: allow-untyped-calls
"""The process beside a worker that answers its operators.

It is one of its own because the pool forks: a thread of the parent's might hold a lock at that moment, which the new
process would never see released. It knows the pool by its figures, and by the heartbeat among them.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import CollectorRegistry

from gateway.bootstrap import broker_url, keys_at_hand, open_database
from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.settings import Settings
from gateway.worker.broker import Broker
from gateway.worker.figures import HEARTBEAT
from gateway.worker.monitor import Monitor
from gateway.worker.own_keys import KeyLook
from gateway.worker.parent import Parent
from gateway.worker.readiness import Readiness, readiness

LONGEST_SILENCE = 10.0
"""Seconds without a heartbeat after which the pool counts as stopped; an idle loop comes round twice a second."""


@contextmanager
def watched(home: Path, settings: Settings, host: str, port: int) -> Iterator[None]:
    """A process that answers while the block runs. Raises SetupWrong (home.port-unavailable)."""
    database, broker = open_database(home, settings), Broker(broker_url(home, settings))
    keys = KeyLook(keys_at_hand(home, settings, database).check)

    def ready() -> Readiness:
        needed = {"database": database.check, "workers": check_heartbeat, "keys": keys.check}
        return readiness(needed, {"broker": broker.check})

    monitor = Monitor(host, port, ready=ready, figures=_added_up)
    process = get_context("fork").Process(target=_watch, args=(monitor, Parent()), name="gateway-watch", daemon=True)
    process.start()
    monitor.let_go()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def check_heartbeat() -> None:
    """Raises ServiceDown (worker.stopped) when no loop of the pool came round lately: killed, stopped or stuck."""
    beats = [sample.value for metric in _added_up().collect() for sample in metric.samples if sample.name == HEARTBEAT]
    if time.time() - max(beats, default=0.0) > LONGEST_SILENCE:
        raise ServiceDown(Code.WORKER_STOPPED)


def _watch(monitor: Monitor, parent: Parent) -> None:
    parent.bind()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all of us; the parent ends us
    monitor.run()


def _added_up() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry
