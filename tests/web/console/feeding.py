"""A house with an outcome feed, and the system on the other side."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

from gateway.domain.dispatch import Step
from tests.e2e import built
from tests.e2e.world import TODAY, World
from tests.keys.pki import DAY, Authority, Order, pem, rsa_key
from tests.real.case_system import CaseSystem
from tests.web.console.house import House


@dataclass
class Told:
    """A house with a feed, and the other side."""

    house: House
    gcms: CaseSystem

    def work(self) -> list[str]:
        """The transactions that staff see to."""
        feed = self.house.gateway.case_systems.feed
        assert feed is not None
        return [one.id for one in feed.standing().work]

    def further(self) -> None:
        """The feed does what it can."""
        feed = self.house.gateway.case_systems.feed
        assert feed is not None
        feed.run.run()


@contextmanager
def feeding(folder: Path, world: World) -> Iterator[Told]:
    """One outcome, which the receiver rejected."""
    own = replace(world, folder=folder)
    copytree(world.home, own.home)
    (folder / "gcms").mkdir()
    order = Order(name="GCMS", not_before=TODAY - 10 * DAY, not_after=TODAY + 100 * DAY)
    key = Authority.root().signer(replace(order, uses=("digital_signature", "key_encipherment")), rsa_key("gcms", 2048))
    (own.home / "feed-receiver.pem").write_bytes(pem(key.certificate))
    own.set("feed", folder=str(folder / "gcms"))
    house = House(folder)
    stands = Told(
        house=house, gcms=CaseSystem(folder=folder / "gcms", key=key, judge=lambda _: "E-17", clock=house.clock.now)
    )
    accepted = house.gateway.submit.accept(built.package(world), submitted_by="test")
    with house.gateway.database.write() as tx:
        tx.dispatches.save(replace(tx.dispatches.get(accepted.dispatch.id), step=Step.DONE, next_action_at=None))
    stands.further()
    yield stands
    house.close()


def answered(told: Told) -> None:
    """The other side answers what arrived there."""
    (path,) = told.gcms.arrived()
    opened = told.gcms.fetch(path)
    assert opened is not None
    told.gcms.answer(opened)
    told.further()
