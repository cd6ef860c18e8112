"""Tokens for a firm's own system: made and revoked by the holder of an account, shown once, good for its own papers."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.application.exchange.owed import owe
from gateway.application.exchange.secrets import digest, new_secret
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import ExchangeMailKind
from gateway.domain.exchange_tokens import MOST_TOKENS, TOKEN_LIFE, ExchangeToken
from gateway.domain.problem import Conflict, NoSuchThing, NotAuthenticated
from gateway.domain.signing_in import SEEN_EVERY
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class MadeToken:
    """A token just made. `secret` is shown once and kept nowhere."""

    token: ExchangeToken
    secret: str = field(repr=False)


class ExchangeTokens:
    """By what systems of recipients collect."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, account: str) -> Sequence[ExchangeToken]:
        """The account's that stand, the oldest first."""
        now = self._clock.now()
        with self._database.read() as tx:
            return [one for one in tx.exchange_tokens.of_account(account) if one.holds(now)]

    def make(self, account: str) -> MadeToken:
        """A new token of the account. Raises Conflict (exchange.too-many-tokens)."""
        now, secret = self._clock.now(), new_secret()
        token = ExchangeToken(
            id=uuid.uuid4().hex, account=account, digest=digest(secret), made_at=now, expires_at=now + TOKEN_LIFE
        )
        with self._database.write() as tx:
            tx.exchange.account(account, lock=True)
            if sum(one.holds(now) for one in tx.exchange_tokens.of_account(account)) >= MOST_TOKENS:
                raise Conflict(Code.EXCHANGE_TOO_MANY_TOKENS, most=MOST_TOKENS)
            tx.exchange_tokens.add(token)
            _record(tx, EventName.EXCHANGE_TOKEN_MADE, ExchangeMailKind.TOKEN_MADE, token)
        return MadeToken(token=token, secret=secret)

    def revoke(self, account: str, token_id: str) -> None:
        """The token is worth nothing from now on. Raises NoSuchThing (exchange.nothing-there)."""
        now = self._clock.now()
        with self._database.write() as tx:
            tx.exchange.account(account, lock=True)
            token = tx.exchange_tokens.find(token_id)
            if token is None or token.account != account or not token.holds(now):
                raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
            tx.exchange_tokens.revoke(token_id, now)
            revoked = replace(token, revoked_at=now)
            _record(tx, EventName.EXCHANGE_TOKEN_REVOKED, ExchangeMailKind.TOKEN_REVOKED, revoked)

    def caller(self, secret: str | None) -> ExchangeToken:
        """Whose system asks. Raises NotAuthenticated (token.missing, token.invalid)."""
        if not secret:
            raise NotAuthenticated(Code.TOKEN_MISSING)
        now = self._clock.now()
        with self._database.look_up() as tx:
            token = tx.exchange_tokens.by_digest(digest(secret))
            account = None if token is None else tx.exchange.account(token.account)
        if token is None or not token.holds(now) or account is None or account.closed_at is not None:
            raise NotAuthenticated(Code.TOKEN_INVALID)
        if token.used_at is None or now >= token.used_at + SEEN_EVERY:
            with self._database.write() as tx:
                if not tx.exchange_tokens.used(token.id, now):
                    raise NotAuthenticated(Code.TOKEN_INVALID)  # revoked meanwhile
        return token


def _record(tx: Transaction, name: EventName, told: ExchangeMailKind, token: ExchangeToken) -> None:
    """The event, and a mail to the account's mailbox: who did it may be somebody else."""
    at = token.revoked_at or token.made_at
    owe(tx, token.account, told, at)
    facts: dict[str, str | int | bool] = {"account": token.account, "token": token.id}
    tx.records.append(Event(name=name, at=at, actor="exchange", facts=facts))
