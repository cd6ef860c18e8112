"""A form as a browser sends it, who sends it, and everything that their home holds before and after."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery
from gateway.store.tables.every import metadata
from gateway.web.safety import form_token
from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.world import World
from tests.web.console.drafting import trusted
from tests.web.console.house import House, Person, engines, hidden
from tests.web.console.test_delivery import _asked, prepare

SEEN = frozenset({"console_sessions", "sign_in_tries", "account_uses", "kept_counts", "counters"})
"""Tables that change by coming at all: when somebody was last there, how often they were refused, what was counted for
them, and which numbers are taken."""
READ = SEEN | {"events"}
"""What changes where somebody reads: that they did is recorded each time."""
REASON = "as the page said"
WHY = {"reason": REASON}
MOMENT = dt.timedelta(seconds=1)
_BANNED = [{"kind": "transmission-ban"}]

Held = Mapping[str, Counter[tuple[object, ...]]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is sent, below `/console`. says: what the page says to who sends it too often or too late; empty where they
    are led to where the first one was led. reads: it shows something, and changes nothing but that this is recorded.
    counted: the tables in which what is refused is counted."""

    person: Person | None
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    file: bytes | None = None
    says: str = ""
    reads: bool = False
    counted: frozenset[str] = frozenset()


@dataclass
class Stage:
    """A house, and two people there who may everything. kept: what a form leaves to those after it."""

    house: House
    alice: Person
    bob: Person
    world: World
    kept: dict[str, Any] = field(default_factory=dict)

    def delivery(self) -> Delivery:
        """One that waits for a person, of a dispatch of its own."""
        gateway = self.house.gateway
        accepted = gateway.submit.accept(built.package(self.world, restrictions=_BANNED), submitted_by="test")
        work(gateway, until_idle=True, max_seconds=None)
        with gateway.database.read() as tx:
            return tx.deliveries.of_dispatch(accepted.dispatch.id)[0]

    def made(self) -> Delivery:
        """One whose papers are made and not sent yet."""
        prepare(self.house, self.world)
        with self.house.gateway.database.read() as tx:
            found = tx.deliveries.find(state=None, channel=None, limit=999)
            return next(one for one in found if any(each.kind for each in tx.records.documents(one.id)))

    def seen(self, path: str) -> dict[str, str]:
        """How that page says what stood when it was made."""
        return {"seen": hidden(self.house.get(self.alice, path), "seen")}

    def proposed(self) -> tuple[Delivery, str]:
        """A delivery, and the path of a change of its address that bob proposed."""
        delivery = self.delivery()
        asked = replace(_asked(Action.CORRECT_ADDRESS), contact=b'{"email": "other@gw.test"}')
        made = self.house.gateway.act(delivery.id, asked, actor="bob")
        return delivery, f"/en/approvals/{made.proposal}"

    def later(self) -> None:
        """A moment passes."""
        self.house.clock.at += MOMENT


Makes = Callable[[Stage], Form]


@dataclass
class Table:
    """By house and route, how its form comes to be. The house: the name of a fixture."""

    lines: dict[str, tuple[str, Makes]] = field(default_factory=dict)

    def of(self, house: str, route: str) -> Callable[[Makes], Makes]:
        """The form of that route is made so, in that house."""

        def added(makes: Makes) -> Makes:
            assert route not in self.lines, route
            self.lines[route] = house, makes
            return makes

        return added

    def within(self, house: str) -> list[tuple[str, Makes]]:
        """Those of a house, in their order."""
        return [(route, makes) for route, (where, makes) in self.lines.items() if where == house]

    @property
    def houses(self) -> list[str]:
        """Those it needs."""
        return sorted({where for where, _ in self.lines.values()})


def staged(house: House, world: World) -> Stage:
    """With its people, signed in, and a seal that was trusted before there were two of them."""
    trusted(house)
    alice, bob = (house.sign_in(house.person(name, *AccountRole)) for name in ("alice", "bob"))
    return Stage(house=house, world=world, alice=alice, bob=bob)


def sent(house: House, form: Form) -> httpx.Response:
    """The answer."""
    person = form.person
    bears = {"form": form_token(person.session)} if person and person.session else {}
    files = {"file": ("file" if form.file else "", form.file)} if form.file is not None else None
    headers = person.cookie if person else {}
    return house.browser.post(f"/console{form.path}", data=bears | dict(form.fields), files=files, headers=headers)


def held(house: House) -> Held:
    """Every row of every table, but of those that change by coming."""
    with next(iter(engines(house))).connect() as connection:
        return {
            name: Counter(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")))
            for name in metadata.tables
            if name not in SEEN
        }


def changed(before: Held, after: Held, *, besides: frozenset[str] = SEEN) -> list[str]:
    """The tables that are not as they were."""
    return [name for name in before if name not in besides and before[name] != after[name]]
