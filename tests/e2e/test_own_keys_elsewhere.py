"""Two machines over one PostgreSQL and one vault, one of which lacks a key that was rotated on the other: it says so,
takes nothing, spends no try, and goes on by itself once the key was copied."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.bootstrap import Gateway, open_gateway
from gateway.checks import Finding, Name
from gateway.doctor import examine
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import ServiceDown
from gateway.web.server import application
from gateway.worker import own_keys
from gateway.worker.embedded import work
from gateway.worker.loops import Loops
from gateway.worker.queues import Queue, nobody
from tests.e2e import built
from tests.e2e.standing import ALONE, NOBODY_ELSE
from tests.e2e.world import World
from tests.real.mail_sink import MailSink, running_sink
from tests.real.postgresql import Postgresql
from tests.web.asgi import Caller

pytestmark = [pytest.mark.real, pytest.mark.slow]


@dataclass(frozen=True)
class Machine:
    """A home, its keys, and the gateway opened on it."""

    world: World
    keys: Path
    gateway: Gateway

    def submit(self) -> str:
        """A good package for one participant; its dispatch."""
        return self.gateway.submit.accept(built.package(self.world, **ALONE), submitted_by="test").dispatch.id

    def take_over(self, other: "Machine") -> None:
        """Copies what the other has and this one has not, as an operator does."""
        for path in other.keys.iterdir():
            if not (self.keys / path.name).exists():
                shutil.copy2(path, self.keys / path.name)

    def rounds(self) -> int:
        """How much a worker here does when each of its loops comes round."""
        loops = Loops(self.gateway, wake=nobody, ending=lambda: False)
        try:
            return sum(loops.run_once(queue) for queue in Queue)
        finally:
            loops.close()

    def says(self) -> tuple[int, str]:
        """What `/ready` of a web here answers: its status, and how the keys stand."""
        answer = Caller(application(self.gateway, None)).get("/ready")
        return answer.status_code, answer.json()["keys"]

    def figure(self) -> str:
        """What `/metrics` of a web here says of them."""
        answer = Caller(application(self.gateway, None)).get("/metrics")
        (line,) = [one for one in answer.text.splitlines() if one.startswith("gateway_own_keys_not_here ")]
        return line.split()[1]


@dataclass(frozen=True)
class Two:
    """Both."""

    here: Machine
    there: Machine
    sink: MailSink


@pytest.fixture(scope="module")
def made(postgresql: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, MailSink]]:
    name = postgresql.create(empty=True)
    with running_sink() as sink:
        mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca)}
        mail |= {"server_name": "mx.gw.test", "sender": "registry@gw.test"}
        world = World(folder=tmp_path_factory.mktemp("here"), mail=mail, database=postgresql.options(name)).make()
        world.set("rules", overlay="alone.toml")
        (world.home / "alone.toml").write_text(NOBODY_ELSE)
        yield world, sink
    postgresql.drop(name)


@pytest.fixture
def two(made: tuple[World, MailSink], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    monkeypatch.setattr(own_keys, "EVERY", 0.0)  # each look is a look
    world, sink = made
    shutil.copytree(world.home, tmp_path / "home", ignore=shutil.ignore_patterns("vault"))
    (tmp_path / "home/vault").symlink_to(world.home / "vault")
    shutil.copytree(world.folder / "keys", tmp_path / "keys")
    settings = tmp_path / "home/gateway.toml"
    settings.write_text(settings.read_text().replace(str(world.folder / "keys"), str(tmp_path / "keys")))
    here, there = open_gateway(world.home), open_gateway(tmp_path / "home")
    try:
        yield Two(
            Machine(world, world.folder / "keys", here),
            Machine(replace(world, folder=tmp_path), tmp_path / "keys", there),
            sink,
        )
    finally:
        here.close()
        there.close()


def test_a_machine_without_the_rotated_kek_says_so_takes_nothing_and_goes_on_once_it_is_copied(two: Two) -> None:
    here, there = two.here, two.there
    assert there.says() == (200, "ok")
    before = len(two.sink.message_ids())
    waits = here.submit()
    for claimed in here.gateway.steps.claim(Step.PLAN, 10):
        here.gateway.plan(claimed)
    for claimed in here.gateway.steps.claim(Step.RENDER, 10):
        here.gateway.render(claimed)

    rotated = here.gateway.rotate(OwnKeyName.KEY_ENCRYPTION, actor="test").fingerprint
    new = here.submit()

    assert there.says() == (503, Code.KEY_NOT_HERE.value)
    assert there.figure() == "1.0"
    assert here.says() == (200, "ok"), "who has it works"
    (found,) = [one for one in examine(there.world.home) if one.name is Name.KEYS]
    assert (found.finding, found.problem and found.problem.where) == (Finding.WRONG, f"kek {rotated}")
    assert there.rounds() == 0
    with pytest.raises(ServiceDown) as refused:
        work(there.gateway, until_idle=True, max_seconds=None)
    assert (refused.value.code, refused.value.where) == (Code.KEY_NOT_HERE, f"kek {rotated}")
    with pytest.raises(ServiceDown) as refused:
        there.gateway.rotate(OwnKeyName.KEY_ENCRYPTION, actor="test")
    assert refused.value.code is Code.KEY_NOT_HERE
    assert untouched(there, waits, new) == (0, 0)

    there.take_over(here)

    assert there.says() == (200, "ok")
    assert there.figure() == "0.0"
    work(there.gateway, until_idle=True, max_seconds=None)
    with there.gateway.database.read() as tx:
        states = [each.state for one in (waits, new) for each in tx.deliveries.of_dispatch(one)]
    assert states == [DeliveryState.HANDED_OVER] * 2
    assert len(two.sink.message_ids()) == before + 2


def untouched(machine: Machine, *dispatches: str) -> tuple[int, int]:
    """How many tries of steps and how many attempts of deliveries were made."""
    with machine.gateway.database.read() as tx:
        steps = sum(tx.dispatches.get(one).attempts for one in dispatches)
        attempts = [each for one in dispatches for each in tx.deliveries.of_dispatch(one)]
        return steps, sum(len(tx.deliveries.attempts(one.id)) for one in attempts)


def test_what_was_claimed_in_the_moment_before_the_rotation_is_given_back_and_nothing_is_spent(two: Two) -> None:
    here, there = two.here, two.there
    sends = here.submit()
    for claimed in here.gateway.steps.claim(Step.PLAN, 10):
        here.gateway.plan(claimed)
    for claimed in here.gateway.steps.claim(Step.RENDER, 10):
        here.gateway.render(claimed)
    plans = here.submit()
    loops = Loops(there.gateway, wake=nobody, ending=lambda: False)
    assert loops.may_take()
    here.gateway.rotate(OwnKeyName.KEY_ENCRYPTION, actor="test")
    loops.keys._found = lambda: None  # type: ignore[method-assign]  # it looked the moment before

    assert loops.run_once(Queue.INTAKE) == 1
    assert loops.run_once(Queue.DELIVER) == 1
    loops.close()

    with there.gateway.database.read() as tx:
        dispatch = tx.dispatches.get(plans)
        (delivery,) = tx.deliveries.of_dispatch(sends)
        (attempt,) = tx.deliveries.attempts(delivery.id)
    assert (dispatch.step, dispatch.attempts) == (Step.PLAN, 0), "due again, no try spent"
    assert delivery.state in {DeliveryState.READY, DeliveryState.DEFERRED}
    assert delivery.attempts == 0
    assert attempt.started_at is None, "nothing left"


def test_a_signing_key_that_was_rotated_elsewhere_is_known_to_be_missing(two: Two) -> None:
    here, there = two.here, two.there
    there.take_over(here)
    here.gateway.rotate(OwnKeyName.MAIL_SIGNING, actor="test")
    assert there.says() == (503, Code.KEY_NOT_HERE.value)
    with pytest.raises(ServiceDown) as lacks:
        there.gateway.keys_at_hand.check()
    assert lacks.value.where == "mail-signing 2"
    assert there.rounds() == 0
    there.take_over(here)
    assert there.says() == (200, "ok")
