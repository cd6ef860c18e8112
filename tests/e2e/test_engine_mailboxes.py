"""Workers as processes of their own empty a folder together: each message once, and they stop when they are told to."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap import Gateway, open_gateway
from tests.channels.receipts.messages import dsn
from tests.e2e.world import World
from tests.real.engine import engine
from tests.real.ports import free_port

pytestmark = [pytest.mark.real, pytest.mark.slow]

MESSAGES = 60
PATIENCE = 60.0


@pytest.fixture
def world(tmp_path: Path) -> World:
    mail = {"host": "127.0.0.1", "port": free_port(), "tls": "none", "sender": "registry@gw.test"}
    variables = {"GATEWAY_INCOMING__FOLDER": str(tmp_path / "drop")}
    (tmp_path / "drop").mkdir()
    broker = f'broker = "redis://127.0.0.1:{free_port()}/0"'
    return World(folder=tmp_path, mail=mail, settings=broker, variables=variables).make()


@pytest.fixture
def gateway(world: World) -> Iterator[Gateway]:
    opened = open_gateway(world.home)
    yield opened
    opened.close()


def test_two_workers_of_two_processes_keep_each_message_once_and_end_when_told(world: World, gateway: Gateway) -> None:
    drop = world.folder / "drop"
    with engine(world) as running:
        workers = [running.start("worker", "--processes", "2") for _ in range(2)]
        for number in range(MESSAGES):
            unfinished = drop / f"{number}.tmp"
            unfinished.write_bytes(dsn(envelope_id=f"{number:032x}"))
            unfinished.rename(drop / f"{number}.eml")
        end = time.monotonic() + PATIENCE
        while list(drop.iterdir()):
            assert time.monotonic() < end, [part.lines[-2000:] for part in workers]
            time.sleep(0.2)
        with gateway.database.read() as tx:
            came = tx.incoming.find(handling=None, limit=10 * MESSAGES)
            (stands,) = tx.mailboxes.all()
        assert Counter(one.digest for one in came) == Counter({one.digest for one in came})
        assert len(came) == MESSAGES
        assert (stands.name, stands.problem) == ("folder", None)
        for part in workers:
            part.wait_until(workers="ok")  # one alone may have emptied the folder while the other was starting
        for part in workers:
            part.process.send_signal(signal.SIGTERM)
        for part in workers:
            assert part.process.wait(timeout=30) == 0
    with gateway.database.read() as tx:
        (stands,) = tx.mailboxes.all()
    assert stands.holder == ""
