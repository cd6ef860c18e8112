"""Signing in to the console: the account's password and a code of its device. Whatever is wrong, one answer is given.

What an account may is asked anew at each request: who is disabled is out at once.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.application import contexts
from gateway.application.console.sign_in_ways import fresh_session
from gateway.application.exchange.secrets import digest, new_secret
from gateway.application.sealed import Vault, data_key
from gateway.domain.accounts import Account, AccountRole
from gateway.domain.codes import Code
from gateway.domain.console import SignInNews, StaffCredential, StaffSession
from gateway.domain.events import Event, EventName
from gateway.domain.officers_word import OfficersWord, SignInMeans
from gateway.domain.problem import NotAuthenticated
from gateway.domain.signing_in import LONGEST_OF_ALL, SEEN_EVERY
from gateway.ports.clock import Clock
from gateway.ports.console import OneTimeCodes, Passwords
from gateway.ports.database import Database, Transaction

MOST_NEWS = 20
"""Lines of what a person is told of their sign-in at once."""
_KEPT = dt.timedelta(days=1)
"""Sessions and links are removed a day after they open nothing any more: a clock set back brings none to life."""


@dataclass(frozen=True, kw_only=True)
class Lasts:
    """How long a session lasts: left alone, and however it is used."""

    idle: dt.timedelta
    longest: dt.timedelta


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is signed in, and the secret of their session."""

    account: Account
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A browser that is signed in. here: the one that asks."""

    begun_at: dt.datetime
    seen_at: dt.datetime
    means: SignInMeans
    here: bool


class ConsoleSignIn:
    """Who is at the other end."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        passwords: Passwords | None,
        codes: OneTimeCodes,
        lasts: Lasts,
        clock: Clock,
    ) -> None:
        """passwords: None where the settings let nobody sign in by one."""
        self._database = database
        self._vault = vault
        self._passwords = passwords
        self._codes = codes
        self._lasts = lasts
        self._clock = clock

    def enter(self, name: str, password: str, code: str, *, before: str = "") -> SignedIn:
        """A new session; `before`, the secret of the one the browser had, ends.

        Raises NotAuthenticated: sign-in.passwords-off; sign-in.refused for an unknown or disabled account, one that
        never set its sign-in or rests, a wrong password, a code that is wrong or was used. What was
        wrong of an account that stands is counted.
        """
        if self._passwords is None:
            raise NotAuthenticated(Code.SIGN_IN_PASSWORDS_OFF)
        now = self._clock.now()
        with self._database.read() as tx:
            known, account = tx.console.credential(name), tx.accounts.get(name)
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        # Outside any transaction, and always: it takes a while, and shall take it for everybody.
        try:
            self._passwords.check(password, known.password_hash if known else None)
            assert known is not None  # noqa: S101  (nothing is the password of nobody)
            secret = self._vault.open(key, contexts.one_time_codes(name), known.secret).decode()
            step = self._codes.check(secret, code, now)
        except NotAuthenticated:
            step = None
        if known is None or account is None or account.disabled_at is not None:
            raise NotAuthenticated(Code.SIGN_IN_REFUSED)
        with self._database.write() as tx:
            signed_in = self._entered(tx, account, known, step, now)
            if signed_in is not None:
                tx.console.end_session(digest(before), now)
        if signed_in is None:
            raise NotAuthenticated(Code.SIGN_IN_REFUSED)
        return signed_in

    def who(self, secret: str) -> Account:
        """The account that is signed in under that session. Raises NotAuthenticated (sign-in.ended)."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            session = tx.console.session(digest(secret))
            account = tx.accounts.get(session.account) if session is not None else None
        if session is None or account is None or account.disabled_at is not None or not self._holds(session, now):
            raise NotAuthenticated(Code.SIGN_IN_ENDED)
        if session.roles is not None:
            account = replace(account, roles=account.roles & session.roles)
        if now >= session.seen_at + SEEN_EVERY:
            with self._database.write() as tx:
                if not tx.console.session_seen(session.digest, now):
                    raise NotAuthenticated(Code.SIGN_IN_ENDED)  # ended meanwhile
        return account

    def word_of(self, account: Account, secret: str) -> OfficersWord:
        """What the account's owner says now, and how they had signed in. Raises NotAuthenticated (sign-in.ended)."""
        with self._database.look_up() as tx:
            session = tx.console.session(digest(secret))
        if session is None or session.account != account.name or not self._holds(session, self._clock.now()):
            raise NotAuthenticated(Code.SIGN_IN_ENDED)
        return OfficersWord(officer=account.name, signed_in_at=session.begun_at, signed_in_with=session.means)

    def leave(self, secret: str) -> None:
        """Ends the session, if there is one."""
        with self._database.write() as tx:
            tx.console.end_session(digest(secret), self._clock.now())

    def sessions(self, account: str, secret: str) -> Sequence[OpenSession]:
        """The browsers that are signed in under the account, oldest first. secret: of the one who asks."""
        now, here = self._clock.now(), digest(secret)
        with self._database.look_up() as tx:
            found = [one for one in tx.console.sessions_of(account) if self._holds(one, now)]
        return [
            OpenSession(begun_at=one.begun_at, seen_at=one.seen_at, means=one.means, here=one.digest == here)
            for one in found
        ]

    def end_others(self, account: str, secret: str) -> None:
        """Every other browser is signed out. Raises NotAuthenticated (sign-in.ended, sign-in.not-fresh)."""
        now, here = self._clock.now(), digest(secret)
        with self._database.write() as tx:
            fresh_session(tx, account, secret, now)
            if any(one.digest != here for one in tx.console.sessions_of(account)):
                tx.console.end_sessions(account, now, besides=here)
                facts = {"account": account}
                tx.records.append(Event(name=EventName.CONSOLE_SESSIONS_ENDED, at=now, actor=account, facts=facts))

    def news(self, account: str) -> Sequence[SignInNews]:
        """What the account's person did not read yet of their sign-in, newest first."""
        with self._database.look_up() as tx:
            return tx.console.news(account, MOST_NEWS)

    def read_news(self, account: str, until: dt.datetime) -> None:
        """They read what they were told until then: what came since is still to be told."""
        with self._database.write() as tx:
            tx.console.read_news(account, until)

    def _entered(
        self, tx: Transaction, account: Account, known: StaffCredential, step: int | None, now: dt.datetime
    ) -> SignedIn | None:
        standing = tx.console.credential(account.name, lock=True)
        if standing is None or standing.set_at != known.set_at or standing.tries.rest(now):
            return None
        if step is None or step <= standing.last_step:
            after = standing.tries.failed(now)
            locked = after.locked_until != standing.locked_until
            tx.console.put_credential(replace(standing, failures=after.failures, locked_until=after.locked_until))
            again = step is not None  # the password was right, and the code of the device: somebody has read it
            name = EventName.CONSOLE_CODE_REUSED if again else EventName.CONSOLE_SIGN_IN_FAILED
            if again or locked:
                tx.console.tell(SignInNews(account=account.name, name=name, at=now))
            _record(tx, name, account.name, now, {"locked": locked})
            return None
        tx.console.put_credential(replace(standing, last_step=step, failures=0, locked_until=None))
        return begun(tx, account, SignInMeans.PASSWORD_AND_CODE, now)

    def _holds(self, session: StaffSession, now: dt.datetime) -> bool:
        return session.holds(now, idle=self._lasts.idle, longest=self._lasts.longest)


def begun(
    tx: Transaction,
    account: Account,
    means: SignInMeans,
    now: dt.datetime,
    *,
    roles: frozenset[AccountRole] | None = None,
) -> SignedIn:
    """The session of who showed by those means who they are. roles: what the provider leaves of the account's."""
    secret = new_secret()
    session = StaffSession(
        digest=digest(secret), account=account.name, begun_at=now, seen_at=now, means=means, roles=roles
    )
    tx.console.add_session(session)
    tx.accounts.used(account.name, now)
    tx.console.forget_spent(links=now - _KEPT, sessions=now - LONGEST_OF_ALL - _KEPT)
    _record(tx, EventName.CONSOLE_SIGNED_IN, account.name, now, {"by": means.value})
    return SignedIn(account=account, secret=secret)


def _record(
    tx: Transaction, name: EventName, account: str, at: dt.datetime, facts: dict[str, str | int | bool]
) -> None:
    tx.records.append(Event(name=name, at=at, actor="console", facts={"account": account} | facts))
