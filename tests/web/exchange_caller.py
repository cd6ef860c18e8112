"""The exchange's routes over the stage, and what a browser brings and finds there."""

import re
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.application.exchange.secrets import digest
from gateway.application.people.registry import Tokens
from gateway.application.people.staff import new_secret
from gateway.domain.accounts import Account, AccountRole, Permission
from gateway.domain.console import StaffSession
from gateway.ports.registry import Scope
from gateway.web import collecting, problems
from gateway.web.exchange import routes
from gateway.web.exchange.cookies import SESSION
from gateway.web.nul import WithoutNul
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.web.asgi import Caller


def caller(on: Exchanged, *, set_up: bool = True, passkeys: bool = True) -> Caller:
    """Somebody who calls them."""
    app = FastAPI()
    parts = SimpleNamespace(
        sign_in=on.sign_in,
        collect=on.collect,
        delegates=on.delegates,
        consents=on.consents,
        tokens=on.tokens,
        keys=on.own_keys,
        provider=on.by_provider,
        passkeys=on.passkeys if passkeys else None,
        secure=True,
    )
    settings = SimpleNamespace(gateway=SimpleNamespace(office="toronto"))
    app.state.gateway = SimpleNamespace(exchange=parts if set_up else None, settings=settings)
    app.include_router(routes.router())
    app.include_router(collecting.router())
    problems.add_to(app)
    app.add_middleware(WithoutNul)
    return Caller(app)


def as_who(secret: str) -> dict[str, Any]:
    """What a browser brings that has this session."""
    return {"headers": {"Cookie": f"{SESSION.name}={secret}"}}


def form_of(page: httpx.Response) -> str:
    """The token that a form of the page bears."""
    found = re.search(r'name="form" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1]


def filled(path: str, **parts: str) -> str:
    """A route's address."""
    return path.format(**({"language": "en", "token": "f" * 32, "passkey": "AAEC", "delegate": f"{ACCOUNT}.1"} | parts))


def of_staff(on: Exchanged) -> str:
    """The token of somebody of the Registry who may do everything there is to do."""
    made = new_secret()
    roles = frozenset(AccountRole)
    account = Account(name="sam", roles=roles, secret_digest=made.digest, created_at=on.clock.now(), created_by="alice")
    with on.database.write() as tx:
        tx.accounts.put(account)
    assert all(on.staff.acting("sam", made.secret, one) for one in Permission)
    return made.secret


def in_console(on: Exchanged) -> str:
    """The session of somebody of the Registry who may do everything and has signed in to the console."""
    of_staff(on)
    secret, now = "console-" + "s" * 40, on.clock.now()
    with on.database.write() as tx:
        tx.console.add_session(StaffSession(digest=digest(secret), account="sam", begun_at=now, seen_at=now))
    return secret


def of_case_system(on: Exchanged) -> str:
    """The token of a system that may do everything the API has for it."""
    return Tokens(database=on.database, clock=on.clock).create("nova", frozenset(Scope), actor="alice").secret
