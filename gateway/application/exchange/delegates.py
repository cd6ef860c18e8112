"""Delegates: named by the holder of an account, checked by the Registry as all are, ended by the holder at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from gateway.application import contexts
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.sealed import Vault, data_key
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.delegates import MOST_DELEGATES, Delegate
from gateway.domain.events import Event, EventName
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_MOST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who was named."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """A delegate, who it is, and whether the Registry checked that."""

    delegate: Delegate
    person: Person
    checked: bool


class Delegates:
    """Who collects for whom."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def name(self, account: str, person: Person) -> Delegate:
        """Names a delegate of that account. Raises InputRefused (request.invalid)."""
        name = person.name.strip()
        if not name or len(name) > _MOST_NAME or not name.isprintable():
            raise InputRefused(Code.REQUEST_INVALID, where="name")
        try:
            MailAddress.parse(person.address)
        except ValueError:
            raise InputRefused(Code.REQUEST_INVALID, where="address") from None
        now = self._clock.now()
        with self._database.write() as tx:
            tx.exchange.account(account, lock=True)
            if len(tx.delegates.of_account(account)) >= MOST_DELEGATES:
                raise InputRefused(Code.REQUEST_INVALID, where="name")
            called = _free_name(tx, account)
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
            sealed = self._vault.seal(key, contexts.delegate(called), to_kept(replace(person, name=name)))
            delegate = Delegate(name=called, account=account, person=sealed, named_at=now)
            tx.delegates.add(delegate)
            facts = {"account": account, "delegate": called}
            tx.records.append(Event(name=EventName.EXCHANGE_DELEGATE_NAMED, at=now, actor="exchange", facts=facts))
        return delegate

    def of(self, account: str) -> Sequence[Named]:
        """The delegates of the account that stand, the oldest first."""
        with self._database.read() as tx:
            return [self._named(tx, one) for one in tx.delegates.of_account(account)]

    def all(self) -> Sequence[Named]:
        """Those of every account."""
        with self._database.read() as tx:
            return [self._named(tx, one) for one in tx.delegates.standing()]

    def end(self, account: str, name: str) -> None:
        """The delegate is signed out and signs in no more. Raises NoSuchThing (exchange.nothing-there)."""
        now = self._clock.now()
        with self._database.write() as tx:
            delegate = tx.delegates.find(name, lock=True)
            if delegate is None or delegate.account != account or delegate.ended_at is not None:
                raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
            tx.delegates.save(replace(delegate, ended_at=now))
            tx.exchange.close_account(name, now)
            tx.exchange.end_sessions(name, now)
            facts = {"account": account, "delegate": name}
            tx.records.append(Event(name=EventName.EXCHANGE_DELEGATE_ENDED, at=now, actor="exchange", facts=facts))

    def _named(self, tx: Transaction, delegate: Delegate) -> Named:
        account = tx.exchange.account(delegate.name)
        return Named(
            delegate=delegate,
            person=person_of(tx, self._vault, delegate),
            checked=account is not None and account.closed_at is None,
        )


def _free_name(tx: Transaction, account: str) -> str:
    """A name that no account has or had."""
    numbers = count(tx.delegates.named(account) + 1)
    return next(name for name in (f"{account}.{one}" for one in numbers) if tx.exchange.account(name) is None)


def person_of(tx: Transaction, vault: Vault, delegate: Delegate) -> Person:
    """Who was named. Raises SetupWrong (seal.broken)."""
    key = data_key(tx.registry, contexts.DIRECTORY_KEY)
    return from_kept(Person, vault.open(key, contexts.delegate(delegate.name), delegate.person), where=delegate.name)
