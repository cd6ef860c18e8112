"""A real home with its console, who works there, and what their browsers bring. The clock is the test's."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyotp
import sqlalchemy as sa

from gateway.application.people.staff import new_secret
from gateway.bootstrap import open_gateway
from gateway.domain.accounts import Account, AccountRole
from gateway.domain.delivery import Delivery
from gateway.web.console.cookies import SESSION, TICKET
from gateway.web.safety import form_token
from gateway.web.server import application
from tests.application.stage import TestClock
from tests.e2e.home import NOW, Home
from tests.web.asgi import Caller

PASSWORD = "four words in a row"
NAMED = "https://console.gw.test"
"""An address of the console that passkeys can be bound to."""
STEP = dt.timedelta(seconds=30)
"""In which a code is good once."""


@dataclass
class Person:
    """Who has an account: their token, the secret of their device, and what their browser keeps: the session, and what
    goes with a question to an authenticator."""

    name: str
    token: str
    device: str = ""
    session: str = ""
    ticket: str = ""

    @property
    def cookie(self) -> dict[str, str]:
        """What their browser brings."""
        kept = {SESSION.name: self.session, TICKET.name: self.ticket}
        brought = "; ".join(f"{name}={value}" for name, value in kept.items() if value)
        return {"Cookie": brought} if brought else {}


class House:
    """The gateway of a home in this process, and its pages."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.clock = TestClock(at=NOW)
        self.gateway = open_gateway(self.home.path, clock=self.clock)
        self.browser = Caller(application(self.gateway, None))

    def close(self) -> None:
        """Lets go of the gateway."""
        self.gateway.close()

    def person(self, name: str, *roles: AccountRole) -> Person:
        """An account of those roles, as if two people had made it."""
        secret = new_secret()
        account = Account(
            name=name, roles=frozenset(roles), secret_digest=secret.digest, created_at=NOW, created_by="test"
        )
        with self.gateway.database.write() as tx:
            tx.accounts.put(account)
        return Person(name=name, token=secret.secret)

    def set_up(self, person: Person) -> None:
        """They set how they sign in, by a link of a custodian."""
        console = self.gateway.console
        begun = console.set_up.begin(
            console.set_up.link(person.name, actor="carol"), token=person.token, password=PASSWORD
        )
        person.device = begun.secret
        console.set_up.finish(begun.ticket, self.code(person))

    def code(self, person: Person) -> str:
        """What their device shows now."""
        return pyotp.TOTP(person.device).at(self.clock.at)

    def sign_in(self, person: Person) -> Person:
        """They are signed in."""
        if not person.device:
            self.set_up(person)
        self.clock.at += STEP
        entered = self.gateway.console.sign_in.enter(person.name, PASSWORD, self.code(person))
        person.session = entered.secret
        return person

    def delivery(self) -> Delivery:
        """The first that waits for a person."""
        with self.gateway.database.read() as tx:
            return tx.deliveries.find(state=None, channel=None, limit=1)[0]

    def get(self, person: Person | None, path: str, **details: Any) -> httpx.Response:
        """What their browser is answered, below `/console`."""
        return self.browser.get(f"/console{path}", headers=person.cookie if person else {}, **details)

    def post(self, person: Person | None, path: str, fields: Mapping[str, str] | None = None) -> httpx.Response:
        """What their browser is answered to a form of the page."""
        bears = {"form": form_token(person.session)} if person and person.session else {}
        headers = person.cookie if person else {}
        return self.browser.post(f"/console{path}", data=bears | dict(fields or {}), headers=headers)


def hidden(page: httpx.Response, name: str) -> str:
    """What a hidden field of the page's form bears."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1]


def engines(house: House) -> set[sa.Engine]:
    """What the database speaks through. Of two over one pool one is the other under options: it hears both."""
    found = house.gateway.database._engines  # type: ignore[attr-defined]
    return set({engine.pool: engine for engine in (found.reading, found.looking, found.writing)}.values())
