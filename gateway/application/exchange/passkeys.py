"""Signing in by passkey: added by who is signed in already, beside the link and the code, which go on working.

Whatever is wrong, the answer is the same.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.application import contexts
from gateway.application.exchange.owed import owe
from gateway.application.exchange.secrets import digest
from gateway.application.exchange.sign_in import SignedIn, begun, failed
from gateway.application.people.challenges import Asked, Challenge, Challenges, spent
from gateway.application.sealed import Vault
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import ExchangeMailKind
from gateway.domain.passkeys import MOST_PASSKEYS, Passkey
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.passkeys import PasskeyCeremony


class Passkeys:
    """The passkeys of accounts."""

    def __init__(
        self, *, ceremony: Callable[[], PasskeyCeremony], database: Database, vault: Vault, clock: Clock
    ) -> None:
        """ceremony: asked for when a passkey is, since its library is large and only the web needs it."""
        self._ceremony = ceremony
        self._challenges = Challenges(
            context=contexts.CHALLENGE,
            refused=Code.EXCHANGE_PASSKEY_REFUSED,
            database=database,
            vault=vault,
            clock=clock,
        )
        self._database = database
        self._clock = clock

    def to_sign_in(self) -> Asked:
        """What a browser is asked that wants to sign in."""
        challenge, ticket = self._challenges.new()
        return Asked(options=self._ceremony().to_sign_in(challenge.value), ticket=ticket)

    def to_register(self, account: str) -> Asked:
        """What a browser is asked that adds a passkey to the account."""
        challenge, ticket = self._challenges.new(account)
        known = [one.id for one in self.all(account)]
        return Asked(options=self._ceremony().to_register(account, challenge.value, known), ticket=ticket)

    def all(self, account: str) -> Sequence[Passkey]:
        """The account's, the oldest first."""
        with self._database.read() as tx:
            return tx.passkeys.of_account(account)

    def register(self, account: str, ticket: str, answer: str) -> Passkey:
        """Adds what the browser made. Raises InputRefused (exchange.passkey-refused)."""
        challenge, now = self._challenges.opened(ticket, account), self._clock.now()
        made = self._ceremony().registered(answer, challenge.value)
        passkey = Passkey(
            id=made.id, account=account, public_key=made.public_key, sign_count=made.sign_count, added_at=now
        )
        with self._database.write() as tx:
            few = len(tx.passkeys.of_account(account)) < MOST_PASSKEYS
            if not (few and spent(tx, challenge, now) and tx.passkeys.add(passkey)):
                raise InputRefused(Code.EXCHANGE_PASSKEY_REFUSED)
            _record(tx, EventName.EXCHANGE_PASSKEY_ADDED, passkey, now)
        return passkey

    def remove(self, account: str, passkey_id: str) -> None:
        """Nobody signs in by it any more. Raises NoSuchThing (exchange.nothing-there)."""
        now = self._clock.now()
        with self._database.write() as tx:
            passkey = tx.passkeys.find(passkey_id, lock=True)
            if passkey is None or passkey.account != account or passkey.removed_at is not None:
                raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
            tx.passkeys.save(replace(passkey, removed_at=now))
            _record(tx, EventName.EXCHANGE_PASSKEY_REMOVED, passkey, now)

    def enter(self, ticket: str, answer: str) -> SignedIn | None:
        """A session, for who holds a passkey that stands; None for everything else.

        A signature that does not hold is counted as a wrong code is. A passkey that two authenticators seem to hold
        signs nobody in any more.
        """
        try:
            challenge = self._challenges.opened(ticket)
            passkey_id = self._ceremony().id_in(answer)
        except InputRefused:
            return None
        now = self._clock.now()
        with self._database.read() as tx:
            known = tx.passkeys.find(passkey_id)
        if known is None:
            return None
        counted = self._counted(answer, challenge, known)
        with self._database.write() as tx:
            account = tx.exchange.account(known.account, lock=True)
            standing = tx.passkeys.find(passkey_id, lock=True)
            if account is None or not account.may_sign_in(now) or standing is None or standing.removed_at is not None:
                return None
            if counted is None:
                failed(tx, account, now)
            elif spent(tx, challenge, now) and _grew(tx, standing, counted, now):
                return begun(tx, account, now, by="passkey")
            return None

    def _counted(self, answer: str, challenge: Challenge, passkey: Passkey) -> int | None:
        """What the authenticator counted; None where its signature does not hold."""
        try:
            return self._ceremony().signed(answer, challenge.value, passkey)
        except InputRefused:
            return None


def _grew(tx: Transaction, passkey: Passkey, counted: int, now: dt.datetime) -> bool:
    """Whether its count is that of one authenticator; else it is removed."""
    doubted = passkey.may_be_a_copy(counted)
    if doubted:
        tx.passkeys.save(replace(passkey, removed_at=now))
        _record(tx, EventName.EXCHANGE_PASSKEY_DOUBTED, passkey, now)
    else:
        tx.passkeys.save(replace(passkey, sign_count=counted, used_at=now))
    return not doubted


_TOLD = {
    EventName.EXCHANGE_PASSKEY_ADDED: ExchangeMailKind.PASSKEY_ADDED,
    EventName.EXCHANGE_PASSKEY_REMOVED: ExchangeMailKind.PASSKEY_REMOVED,
    EventName.EXCHANGE_PASSKEY_DOUBTED: ExchangeMailKind.PASSKEY_DOUBTED,
}


def _record(tx: Transaction, name: EventName, passkey: Passkey, at: dt.datetime) -> None:
    """The event, and a mail to whom it concerns: who did it may be somebody else."""
    owe(tx, passkey.account, _TOLD[name], at)
    facts = {"account": passkey.account, "passkey": digest(passkey.id)}
    tx.records.append(Event(name=name, at=at, actor="exchange", facts=facts))
