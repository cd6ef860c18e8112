"""Setting how an account signs in: a custodian's link, the account's own token, a password, and a device's first code.

Between the password and the code nothing is written: what is about to stand lies in the page, sealed.
"""

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.exchange.secrets import digest, new_secret
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.accounts import Account
from gateway.domain.codes import Code
from gateway.domain.console import (
    LINK_LIFE,
    MOST_SIGNS,
    SET_UP_LIFE,
    SHORTEST,
    SetUpLink,
    SignInNews,
    StaffCredential,
)
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAuthenticated, SetupWrong
from gateway.ports.clock import Clock
from gateway.ports.console import OneTimeCodes, Passwords
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What is about to stand. link: the digest of the link it came by."""

    link: str
    account: str
    password_hash: str = field(repr=False)
    secret: str = field(repr=False)
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Begun:
    """address, secret: for the person's device. ticket: what is about to stand, sealed; it comes back with a code."""

    account: str
    address: str = field(repr=False)
    secret: str = field(repr=False)
    ticket: str = field(repr=False)


class SetUpSignIn:
    """Makes links, and what they lead to."""

    def __init__(
        self, *, database: Database, vault: Vault, passwords: Passwords | None, codes: OneTimeCodes, clock: Clock
    ) -> None:
        """passwords: None where the settings let nobody sign in by one."""
        self._database = database
        self._vault = vault
        self._passwords = passwords
        self._codes = codes
        self._clock = clock

    def link(self, name: str, *, actor: str) -> str:
        """The secret of a link for that account, good once and for a day; earlier ones open nothing any more.

        Raises NoSuchThing (account.unknown), Conflict (sign-in.passwords-off).
        """
        self._used()
        now, secret = self._clock.now(), new_secret()
        with self._database.write() as tx:
            _standing(tx, name)
            link = SetUpLink(digest=digest(secret), account=name, made_by=actor, expires_at=now + LINK_LIFE)
            tx.console.add_link(link)
            _record(tx, EventName.CONSOLE_LINK_MADE, name, now, actor)
        return secret

    def account_of(self, link_secret: str) -> str:
        """Whose link it is. Raises NoSuchThing (sign-in.link-spent), Conflict (sign-in.passwords-off)."""
        self._used()
        with self._database.look_up() as tx:
            return self._link(tx, digest(link_secret)).account

    def begin(self, link_secret: str, *, token: str, password: str) -> Begun:
        """A secret for the person's device.

        Raises NoSuchThing (sign-in.link-spent, account.unknown), NotAuthenticated (account.token-invalid),
        InputRefused (sign-in.password-weak), Conflict (sign-in.passwords-off).
        """
        passwords = self._used()
        link, account = self.proven(link_secret, token)
        if not SHORTEST <= len(password) <= MOST_SIGNS or account.name in password.lower():
            raise InputRefused(Code.SIGN_IN_PASSWORD_WEAK, where="password", shortest=SHORTEST, most=MOST_SIGNS)
        prepared = Prepared(
            link=link.digest,
            account=account.name,
            password_hash=passwords.hashed(password),
            secret=self._codes.new_secret(),
            expires_at=self._clock.now() + SET_UP_LIFE,
        )
        with self._database.read() as tx:
            return self._begun(prepared, _key(tx))

    def proven(self, link_secret: str, token: str) -> tuple[SetUpLink, Account]:
        """A link that opens, and whose it is, for who has the account's own token too.

        Raises NoSuchThing (sign-in.link-spent, account.unknown), NotAuthenticated (account.token-invalid), Conflict
        (sign-in.passwords-off).
        """
        self._used()
        with self._database.read() as tx:
            link = self._link(tx, digest(link_secret))
            account = _standing(tx, link.account)
        given = hashlib.sha256(token.strip().encode()).hexdigest()
        if not hmac.compare_digest(given, account.secret_digest):
            raise NotAuthenticated(Code.ACCOUNT_TOKEN_INVALID, where="token", account=account.name)
        return link, account

    def again(self, ticket: str) -> Begun:
        """The same for a code that was mistyped. Raises NoSuchThing (sign-in.link-spent)."""
        with self._database.read() as tx:
            key = _key(tx)
            prepared = self._opened(key, ticket)
            self._link(tx, prepared.link)
        return self._begun(prepared, key)

    def finish(self, ticket: str, code: str) -> None:
        """From now on the account signs in so; every session it had ends.

        Raises NoSuchThing (sign-in.link-spent, account.unknown), NotAuthenticated (sign-in.refused), Conflict
        (sign-in.passwords-off).
        """
        self._used()
        now = self._clock.now()
        with self._database.read() as tx:
            key = _key(tx)
        prepared = self._opened(key, ticket)
        step = self._codes.check(prepared.secret, code, now)
        sealed = self._vault.seal(key, contexts.one_time_codes(prepared.account), prepared.secret.encode())
        with self._database.write() as tx:
            self._link(tx, prepared.link)
            _standing(tx, prepared.account)
            if not tx.console.use_link(prepared.link, now):
                raise NoSuchThing(Code.SIGN_IN_LINK_SPENT)
            tx.console.put_credential(
                StaffCredential(
                    account=prepared.account,
                    password_hash=prepared.password_hash,
                    secret=sealed,
                    last_step=step,
                    set_at=now,
                )
            )
            tx.console.end_sessions(prepared.account, now)
            tx.console.tell(SignInNews(account=prepared.account, name=EventName.CONSOLE_SIGN_IN_SET, at=now))
            _record(tx, EventName.CONSOLE_SIGN_IN_SET, prepared.account, now, prepared.account)

    def _used(self) -> Passwords:
        """Raises Conflict (sign-in.passwords-off)."""
        if self._passwords is None:
            raise Conflict(Code.SIGN_IN_PASSWORDS_OFF)
        return self._passwords

    def _begun(self, prepared: Prepared, key: DataKey) -> Begun:
        sealed = self._vault.seal(key, contexts.SIGN_IN_SET_UP, to_kept(prepared))
        return Begun(
            account=prepared.account,
            address=self._codes.address(prepared.secret, prepared.account),
            secret=prepared.secret,
            ticket=base64.urlsafe_b64encode(sealed).decode(),
        )

    def _opened(self, key: DataKey, ticket: str) -> Prepared:
        try:
            sealed = base64.b64decode(ticket, altchars=b"-_", validate=True)
            prepared = from_kept(Prepared, self._vault.open(key, contexts.SIGN_IN_SET_UP, sealed), where="ticket")
        except (ValueError, SetupWrong):
            raise NoSuchThing(Code.SIGN_IN_LINK_SPENT) from None
        if self._clock.now() >= prepared.expires_at:
            raise NoSuchThing(Code.SIGN_IN_LINK_SPENT)
        return prepared

    def _link(self, tx: Transaction, link_digest: str) -> SetUpLink:
        link = tx.console.link(link_digest)
        if link is None or not link.opens(self._clock.now()):
            raise NoSuchThing(Code.SIGN_IN_LINK_SPENT)
        return link


def _key(tx: Transaction) -> DataKey:
    return data_key(tx.registry, contexts.DIRECTORY_KEY)


def _standing(tx: Transaction, name: str) -> Account:
    account = tx.accounts.get(name)
    if account is None or account.disabled_at is not None:
        raise NoSuchThing(Code.ACCOUNT_UNKNOWN, account=name)
    return account


def _record(tx: Transaction, name: EventName, account: str, at: dt.datetime, actor: str) -> None:
    tx.records.append(Event(name=name, at=at, actor=actor, facts={"account": account}))
