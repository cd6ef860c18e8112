"""Two people of the Registry for whom the console opens, so that what takes two can be tried. Each has a device that
makes codes; the terminal shows what it would."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyotp

from gateway.application.people.staff import new_secret
from gateway.bootstrap import Gateway
from gateway.demo.stage import ACTOR
from gateway.domain.accounts import AccountRole

NAMES = ("amelie", "benoit")
_ROLES = frozenset({AccountRole.ADMINISTRATOR, AccountRole.REGISTRY, AccountRole.APPROVER})
_STEP = dt.timedelta(seconds=30)
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_REASON = "demonstration"


@dataclass(frozen=True, kw_only=True)
class Clerk:
    """How one of them signs in. device: what their device makes codes of, in base32."""

    name: str
    password: str = field(repr=False)
    device: str = field(repr=False)

    def code(self, now: dt.datetime) -> str:
        """What their device shows, as devices show it."""
        code = pyotp.TOTP(self.device).at(now)
        return f"{code[:3]} {code[3:]}"


def seconds_left(now: dt.datetime) -> int:
    """For how long the codes of now are shown."""
    step = int(_STEP.total_seconds())
    return step - int(now.timestamp()) % step


def hire(gateway: Gateway) -> Sequence[Clerk]:
    """Their accounts, and how they sign in, as `gateway users add` and the page of `gateway users link` set it."""
    tokens = [_add(gateway, name) for name in NAMES]
    return [_set_up(gateway, name, token) for name, token in zip(NAMES, tokens, strict=True)]


def _add(gateway: Gateway, name: str) -> str:
    made = new_secret()
    gateway.staff.add(name, _ROLES, digest=made.digest, actor=ACTOR, reason=_REASON)
    return made.secret


def _set_up(gateway: Gateway, name: str, token: str) -> Clerk:
    set_up = gateway.console.set_up
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    begun = set_up.begin(set_up.link(name, actor=ACTOR), token=token, password=password)
    clerk = Clerk(name=name, password=password, device=begun.secret)
    # A code is good once: the one of now is left for the person who tries the console at once.
    set_up.finish(begun.ticket, clerk.code(dt.datetime.now(dt.UTC) - _STEP))
    return clerk
