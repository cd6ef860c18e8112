"""Challenges of passkeys: each lies in the browser that was asked, sealed and bound to what it is for, so that asking
for one writes nothing here. It is good once."""

import base64
import datetime as dt
import secrets
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.exchange.secrets import digest
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.passkeys import CHALLENGE_LIFE
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """What is asked. account: who adds a passkey; empty for signing in."""

    value: bytes = field(repr=False)
    account: str
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """options: for the browser, as JSON. ticket: the sealed challenge, which comes back with the answer."""

    options: str
    ticket: str = field(repr=False)


class Challenges:
    """Those of one place to sign in. context: where they belong. refused: what is said of one that is not good."""

    def __init__(self, *, context: str, refused: Code, database: Database, vault: Vault, clock: Clock) -> None:
        self._context = context
        self._refused = refused
        self._database = database
        self._vault = vault
        self._clock = clock

    def new(self, account: str = "") -> tuple[Challenge, str]:
        """A challenge and its ticket."""
        expires_at = self._clock.now() + CHALLENGE_LIFE
        challenge = Challenge(value=secrets.token_bytes(_BYTES), account=account, expires_at=expires_at)
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        sealed = self._vault.seal(key, self._context, to_kept(challenge))
        return challenge, base64.urlsafe_b64encode(sealed).decode()

    def opened(self, ticket: str, account: str = "") -> Challenge:
        """The challenge, if it is ours, for that, and not too old. Raises InputRefused (`refused`)."""
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        try:
            sealed = base64.b64decode(ticket, altchars=b"-_", validate=True)
            kept = self._vault.open(key, self._context, sealed)
        except (ValueError, SetupWrong):
            raise InputRefused(self._refused) from None
        challenge = from_kept(Challenge, kept, where="challenge")
        if challenge.account != account or self._clock.now() >= challenge.expires_at:
            raise InputRefused(self._refused)
        return challenge


def spent(tx: Transaction, challenge: Challenge, now: dt.datetime) -> bool:
    """Whether it was still good; it is not any more."""
    return tx.passkeys.spend(digest(challenge.value.hex()), now=now, until=challenge.expires_at)
