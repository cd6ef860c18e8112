"""How an account signs in: what stands, and what is taken away. Its person cannot take the last way away.

Who changes it signed in a short while ago, and every other session of the account ends with the change.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application.exchange.secrets import digest
from gateway.application.people.approvals import Approvals
from gateway.domain.codes import Code
from gateway.domain.console import FRESH, SignInNews, StaffPasskey
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAuthenticated
from gateway.domain.signing_in import LONGEST_OF_ALL
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class Ways:
    """password_set_at, linked_at: None where no password, or no identity at the provider, signs the account in."""

    password_set_at: dt.datetime | None
    passkeys: Sequence[StaffPasskey]
    linked_at: dt.datetime | None

    @property
    def count(self) -> int:
        """How many there are."""
        return (self.password_set_at is not None) + len(self.passkeys) + (self.linked_at is not None)


class SignInWays:
    """The ways of accounts. passwords, provider: whether the settings let anybody sign in so."""

    def __init__(
        self, *, database: Database, approvals: Approvals, clock: Clock, passwords: bool = True, provider: bool = False
    ) -> None:
        self._database = database
        self._approvals = approvals
        self._clock = clock
        self._passwords = passwords
        self._provider = provider

    def of(self, account: str) -> Ways:
        """What signs the account in."""
        with self._database.read() as tx:
            return self._of(tx, account)

    def is_fresh(self, account: str, session: str) -> bool:
        """Whether who has that session signed in a short while ago."""
        with self._database.look_up() as tx:
            try:
                fresh_session(tx, account, session, self._clock.now())
            except NotAuthenticated:
                return False
        return True

    def remove_password(self, account: str, session: str) -> None:
        """Password and codes sign the account in no more.

        Raises NoSuchThing (sign-in.way-unknown), Conflict (sign-in.last-way), NotAuthenticated (sign-in.ended,
        sign-in.not-fresh).
        """
        now = self._clock.now()
        with self._database.write() as tx:
            if tx.console.credential(account) is None:
                raise NoSuchThing(Code.SIGN_IN_WAY_UNKNOWN)
            self._ready(tx, account, session, now)
            if not tx.console.remove_credential(account):
                raise NoSuchThing(Code.SIGN_IN_WAY_UNKNOWN)
            changed(tx, EventName.CONSOLE_PASSWORD_REMOVED, account, session, now)

    def remove_passkey(self, account: str, session: str, passkey_id: str) -> None:
        """The passkey signs nobody in any more. Raises as `remove_password`."""
        now = self._clock.now()
        with self._database.write() as tx:
            passkey = tx.staff_passkeys.find(passkey_id, lock=True)
            if passkey is None or passkey.account != account or passkey.removed_at is not None:
                raise NoSuchThing(Code.SIGN_IN_WAY_UNKNOWN)
            self._ready(tx, account, session, now)
            tx.staff_passkeys.save(replace(passkey, removed_at=now))
            changed(tx, EventName.CONSOLE_PASSKEY_REMOVED, account, session, now, passkey=digest(passkey_id))

    def reset(self, name: str, *, actor: str, reason: str) -> None:
        """Nothing signs the account in any more, and it is signed in nowhere: its person lost what they sign in with,
        or somebody else has it. With a link of a custodian and their own token they set it anew.

        Raises NoSuchThing (account.unknown), InputRefused (request.invalid: no reason).
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
        now = self._clock.now()
        with self._database.write() as tx:
            if tx.accounts.get(name, lock=True) is None:
                raise NoSuchThing(Code.ACCOUNT_UNKNOWN, account=name)
            tx.console.remove_credential(name)
            tx.console.remove_identity(name)
            tx.console.end_links(name)
            tx.staff_passkeys.remove_all(name, now)
            tx.console.end_sessions(name, now)
            tx.console.tell(SignInNews(account=name, name=EventName.CONSOLE_SIGN_IN_RESET, at=now))
            sealed = self._approvals.sealed_reason(tx, name, reason)
            facts = {"account": name}
            tx.records.append(
                Event(name=EventName.CONSOLE_SIGN_IN_RESET, at=now, actor=actor, facts=facts, reason=sealed)
            )

    def _ready(self, tx: Transaction, account: str, session: str, now: dt.datetime) -> None:
        """Who asks may take one of the account's ways away; nobody else changes them meanwhile."""
        tx.accounts.get(account, lock=True)
        fresh_session(tx, account, session, now)
        if self._of(tx, account).count <= 1:
            raise Conflict(Code.SIGN_IN_LAST_WAY)

    def _of(self, tx: Transaction, account: str) -> Ways:
        credential = tx.console.credential(account) if self._passwords else None
        identity = tx.console.identity(account) if self._provider else None
        return Ways(
            password_set_at=credential.set_at if credential is not None else None,
            passkeys=tx.staff_passkeys.of_account(account),
            linked_at=identity.linked_at if identity is not None else None,
        )


def fresh_session(tx: Transaction, account: str, secret: str, now: dt.datetime) -> None:
    """Raises NotAuthenticated: sign-in.ended; sign-in.not-fresh where its owner signed in too long ago to change how
    they do."""
    session = tx.console.session(digest(secret))
    if session is None or session.account != account or not session.lasts(now, longest=LONGEST_OF_ALL):
        raise NotAuthenticated(Code.SIGN_IN_ENDED)
    if now >= session.begun_at + FRESH:
        raise NotAuthenticated(Code.SIGN_IN_NOT_FRESH)


def changed(tx: Transaction, name: EventName, account: str, session: str, at: dt.datetime, **facts: str) -> None:
    """Records the change, tells the account's person, and ends every session of theirs besides that one."""
    tx.console.end_sessions(account, at, besides=digest(session) if session else "")
    tx.console.tell(SignInNews(account=account, name=name, at=at))
    tx.records.append(Event(name=name, at=at, actor=account, facts={"account": account} | facts))
