"""A made home copied for each test, and the gateway opened on it in this process under a clock that the test moves."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.bootstrap import Gateway, SystemClock, open_gateway
from gateway.domain.dispatch import Step
from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.world import World

ALONE: dict[str, Any] = {
    "participants": [{"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta", "language": "en"}],
    "minister": {"party": True},
}
"""Changes to a decision that leave one participant, who is reached by encrypted e-mail."""

NOBODY_ELSE = """
[[required]]
id = "rpd-67-1-each-person"
when = { division = ["RPD"], relation = ["set-aside"] }
role = "claimant"
each = "person"
source = { en = "test", fr = "essai" }
explanation = { en = "These tests count one delivery.", fr = "Ces essais comptent une transmission." }
"""
"""A registry's own rule file under which the person need not be told."""


@dataclass
class MovedClock:
    """The machine's time, moved by the test."""

    by: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        """See `Clock`."""
        return SystemClock().now() + self.by


@dataclass(frozen=True)
class Standing:
    """A copy of `made`'s home with the gateway opened on it."""

    made: World
    world: World
    gateway: Gateway
    clock: MovedClock

    def submit(self, **changes: Any) -> str:
        """Submits a good package, with one participant unless told otherwise; its dispatch."""
        raw = built.package(self.made, **(ALONE | changes))
        return self.gateway.submit.accept(raw, submitted_by="test").dispatch.id

    def prepare(self) -> None:
        """Plans and renders what is due, and sends nothing."""
        for step, use in ((Step.PLAN, self.gateway.plan), (Step.RENDER, self.gateway.render)):
            for claimed in self.gateway.steps.claim(step, 100):
                use(claimed)

    def work(self) -> dict[str, int]:
        """Does all that is due."""
        return work(self.gateway, until_idle=True, max_seconds=None)

    def deliveries(self, dispatch: str) -> Any:
        """The deliveries as `gateway status` shows them."""
        return self.gateway.views.dispatch(dispatch)["deliveries"]

    def only(self, dispatch: str) -> Any:
        """The one delivery of a dispatch."""
        (delivery,) = self.deliveries(dispatch)
        return delivery

    def objects(self) -> frozenset[Path]:
        """The files of the vault, drafts included."""
        return frozenset(path for path in (self.world.home / "vault").rglob("*") if path.is_file())


@contextmanager
def standing(made: World, folder: Path, *, lease: str = "2m") -> Iterator[Standing]:
    """A copy of the home in `folder`, with another lease if one is given, while the block runs."""
    shutil.copytree(made.home, folder / "home")
    settings = folder / "home/gateway.toml"
    text = settings.read_text().replace('lease = "2m"', f'lease = "{lease}"')
    settings.write_text(text.replace('overlay = ""', 'overlay = "alone.toml"'))
    (folder / "home/alone.toml").write_text(NOBODY_ELSE)
    (folder / "tmp").mkdir()
    clock = MovedClock()
    gateway = open_gateway(folder / "home", clock=clock)
    try:
        yield Standing(made=made, world=replace(made, folder=folder), gateway=gateway, clock=clock)
    finally:
        gateway.close()
