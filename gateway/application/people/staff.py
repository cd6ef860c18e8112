"""Accounts of people: who acts, what they may do, and how an account comes to be or ends.

A token is 256 random bits that its owner makes and keeps; everybody else sees its SHA-256. So nobody who proposes or
approves an account can act under it.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.application.dates.office_dates import known_office
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.people.account_rules import account_rules
from gateway.application.people.approvals import Act, Approvals, Change, Made
from gateway.domain.accounts import (
    ACCOUNT_NAME,
    SECOND,
    Account,
    AccountRole,
    AccountStanding,
    Permission,
    SignInWay,
)
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAllowed, NotAuthenticated
from gateway.domain.proposals import ChangeKind
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_PREFIX = "dgu_"
"""Makes a leaked token recognisable to scanners."""

_USED_EVERY = dt.timedelta(hours=1)

_NAME = re.compile(ACCOUNT_NAME)
_DIGEST = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """An account as it is reviewed. used_at: by a sign-in or its token; None: never, as far as is known."""

    account: Account
    used_at: dt.datetime | None
    ways: Sequence[SignInWay]
    standing: AccountStanding


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """A token just made, and the digest by which the gateway knows it. Kept nowhere."""

    secret: str = field(repr=False)
    digest: str


def new_secret() -> NewSecret:
    """A token for a person."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    return NewSecret(secret=secret, digest=hashlib.sha256(secret.encode()).hexdigest())


class AccountChanges:
    """Knows changes of accounts (`Applies`)."""

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The account's kept form."""
        account = tx.accounts.get(subject)
        return None if account is None else to_kept(account)

    def check(self, tx: Transaction, change: Change) -> None:
        """Raises Conflict (account.nobody-left) when no account could be changed any more: from the second account on
        that takes one who proposes and another who approves."""
        account = _account(change)
        after = [*(one for one in tx.accounts.all() if one.name != account.name), account]
        propose = {one.name for one in after if one.may(Permission.ACCOUNTS)}
        approve = {one.name for one in after if one.may(Permission.APPROVE)}
        alone = len(after) < SECOND
        if not propose or not (alone or any(one != other for one in propose for other in approve)):
            raise Conflict(Code.ACCOUNT_NOBODY_LEFT, where=account.name)

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """Writes the account."""
        account = _account(change)
        tx.accounts.put(account)
        facts = act.facts | {"account": account.name, "roles": " ".join(sorted(account.roles))}
        if account.offices:
            facts |= {"offices": " ".join(sorted(account.offices))}
        name = EventName.ACCOUNT_CHANGED
        tx.records.append(Event(name=name, at=act.at, actor=act.actor, facts=facts, reason=act.reason))


class Staff:
    """Who works here."""

    def __init__(self, *, database: Database, approvals: Approvals, clock: Clock) -> None:
        self._database = database
        self._approvals = approvals
        self._clock = clock

    def acting(self, name: str, secret: str | None, permission: Permission | None) -> str:
        """The name under which an act is recorded. As long as there are no accounts, it is what it is said to be.

        permission: None for what anybody may who proves who they are.

        Raises NotAuthenticated (account.unknown, account.token-missing, account.token-invalid), NotAllowed
        (account.not-permitted).
        """
        with self._database.read() as tx:
            if not tx.accounts.all():
                return name
            account = tx.accounts.get(name)
        if account is None or account.disabled_at is not None:
            raise NotAuthenticated(Code.ACCOUNT_UNKNOWN, account=name)
        if not secret:
            raise NotAuthenticated(Code.ACCOUNT_TOKEN_MISSING, account=name)
        given = hashlib.sha256(secret.encode()).hexdigest()
        if not hmac.compare_digest(given, account.secret_digest):
            raise NotAuthenticated(Code.ACCOUNT_TOKEN_INVALID, account=name)
        if permission is not None and not account.may(permission):
            raise NotAllowed(Code.ACCOUNT_NOT_PERMITTED, account=name, permission=permission.value)
        self._used(name)
        return name

    def _used(self, name: str) -> None:
        """Written once an hour at most."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            last = tx.accounts.last_uses().get(name)
        if last is None or now >= last + _USED_EVERY:
            with self._database.write() as tx:
                tx.accounts.used(name, now)

    def review(self) -> Sequence[Reviewed]:
        """Who has what, and whose account nobody uses: for who answers for the accounts, some times a year."""
        with self._database.read() as tx:
            uses = tx.accounts.last_uses()
            return [
                Reviewed(
                    account=one,
                    used_at=uses.get(one.name),
                    ways=_ways(tx, one.name),
                    standing=self._standing(one, uses.get(one.name, one.created_at)),
                )
                for one in tx.accounts.all()
            ]

    def _standing(self, account: Account, used_at: dt.datetime) -> AccountStanding:
        if account.disabled_at is not None:
            return AccountStanding.DISABLED
        dormant = self._clock.now() >= used_at + account_rules().dormant_after
        return AccountStanding.DORMANT if dormant else AccountStanding.IN_USE

    def all(self) -> Sequence[Account]:
        """Every account, disabled ones included."""
        with self._database.read() as tx:
            return tx.accounts.all()

    def add(
        self,
        name: str,
        roles: frozenset[AccountRole],
        *,
        offices: frozenset[str] = frozenset(),
        digest: str,
        actor: str,
        reason: str | None,
    ) -> Made:
        """A new account for who holds the token of that digest; the first one must be an administrator's.

        Raises InputRefused (request.invalid, decision.unknown-office), Conflict (account.exists, account.nobody-left).
        """
        if not _NAME.match(name):
            raise InputRefused(Code.REQUEST_INVALID, where="NAME", expected=ACCOUNT_NAME)
        with self._database.read() as tx:
            if tx.accounts.get(name) is not None:
                raise Conflict(Code.ACCOUNT_EXISTS, where=name)
        account = Account(
            name=name,
            roles=roles,
            offices=_known_offices(offices),
            secret_digest=_checked(digest),
            created_at=self._clock.now(),
            created_by=actor,
        )
        return self._propose(account, actor, reason)

    def change(
        self,
        name: str,
        *,
        roles: frozenset[AccountRole] | None = None,
        offices: frozenset[str] | None = None,
        digest: str | None = None,
        actor: str,
        reason: str | None,
    ) -> Made:
        """Other roles or offices, or another token. Raises NoSuchThing (account.unknown), and as `add`."""
        account = self._known(name)
        return self._propose(
            replace(
                account,
                roles=account.roles if roles is None else roles,
                offices=account.offices if offices is None else _known_offices(offices),
                secret_digest=account.secret_digest if digest is None else _checked(digest),
            ),
            actor,
            reason,
        )

    def renew(self, name: str, *, digest: str) -> None:
        """Another token for who has just proved to be `name`: at once, since it takes no power from anybody.

        Raises NoSuchThing (account.unknown), InputRefused (request.invalid).
        """
        renewed = replace(self._known(name), secret_digest=_checked(digest))
        facts = {"account": name, "token": "renewed"}
        event = Event(name=EventName.ACCOUNT_CHANGED, at=self._clock.now(), actor=name, facts=facts)
        with self._database.write() as tx:
            tx.accounts.put(renewed)
            tx.records.append(event)

    def disable(self, name: str, *, actor: str, reason: str) -> Account:
        """The account may nothing from now on: at once, since taking a power away needs no second person.

        Raises NoSuchThing (account.unknown), Conflict (account.nobody-left), InputRefused (request.invalid).
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
        ended = replace(self._known(name), disabled_at=self._clock.now())
        with self._database.write() as tx:
            AccountChanges().check(tx, _change(ended))
            tx.accounts.put(ended)
            tx.records.append(self._ended(ended, actor, self._approvals.sealed_reason(tx, name, reason)))
        return ended

    def _ended(self, account: Account, actor: str, reason: bytes) -> Event:
        at: dt.datetime = self._clock.now()
        facts = {"account": account.name}
        return Event(name=EventName.ACCOUNT_DISABLED, at=at, actor=actor, facts=facts, reason=reason)

    def _known(self, name: str) -> Account:
        with self._database.read() as tx:
            account = tx.accounts.get(name)
        if account is None:
            raise NoSuchThing(Code.ACCOUNT_UNKNOWN, account=name)
        return account

    def _propose(self, account: Account, actor: str, reason: str | None) -> Made:
        (made,) = self._approvals.make([_change(account)], actor=actor, reason=reason)
        return made


def _change(account: Account) -> Change:
    return Change(kind=ChangeKind.ACCOUNT, subject=account.name, content=to_kept(account))


def _account(change: Change) -> Account:
    return from_kept(Account, change.content, where="account")


def _checked(digest: str) -> str:
    if not _DIGEST.match(digest.lower()):
        raise InputRefused(Code.REQUEST_INVALID, where="--digest", expected="SHA-256, 64 hex")
    return digest.lower()


def _known_offices(offices: frozenset[str]) -> frozenset[str]:
    """Raises InputRefused (decision.unknown-office)."""
    for one in sorted(offices):
        known_office(one)
    return offices


def _ways(tx: Transaction, name: str) -> list[SignInWay]:
    there = {
        SignInWay.PASSWORD: tx.console.credential(name) is not None,
        SignInWay.PASSKEY: bool(tx.staff_passkeys.of_account(name)),
        SignInWay.PROVIDER: tx.console.identity(name) is not None,
    }
    return [way for way, has in there.items() if has]
