"""What a delivery costs the database among the month's rows, ten and a hundred times as many.

The rows are those of `tests/store/test_million.py`: ended dispatches and deliveries, and half of them deferred and due
sooner, which is the worst that a claim can have around it. Cost is processor time of PostgreSQL's processes and the
pages that a claim touches, neither of which depends much on what else the machine does.
"""

from collections.abc import Callable, Sequence

from gateway.store.engine import SqlDatabase
from tests.bench import bench_store
from tests.contracts.samples import stored_deliveries
from tests.month.measured import Rows
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.processes import Processes
from tests.store.test_million import CLAIMS, fill, pages

_SENT = 1000
_TIMES = (1, 10, 100)


def measure_rows(month: int, tell: Callable[[Rows], None], times: Sequence[int] = _TIMES) -> list[Rows]:
    """Each size on a database of its own, the smallest first."""
    found = []
    # Not durable: what is asked is what the rows cost, not what the disk does. Nor is it vacuumed meanwhile: that
    # follows upon a million rows put in at once, not upon the deliveries.
    with running_postgresql(fsync="off", full_page_writes="off", max_wal_size="4GB", autovacuum="off") as server:
        for many in times:
            found.append(_measure(server, month * many))
            tell(found[-1])
    return found


def _measure(server: Postgresql, count: int) -> Rows:
    name = server.create()
    database = SqlDatabase(server.url(name), server.server)
    fill(database, count)
    touched = pages(database, CLAIMS["deliveries"][0])
    stored_deliveries(database, *({} for _ in range(_SENT)))
    with server.superuser(name) as connection:
        connection.execute("CHECKPOINT")  # what filling it left to be written
    assert server.process is not None
    before = Processes.now().used(server.process.pid)
    bench_store._send_all(database, 1)  # closes it, so that its server processes end and are counted
    used = Processes.now().used(server.process.pid) - before
    server.drop(name)
    return Rows(count=count, pages=touched, processor=used / _SENT * 1000)
