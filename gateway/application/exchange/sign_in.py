"""Signing in: a link by e-mail, then the code of the identity check. Whatever is wrong, the answer is the same."""

import datetime as dt
from dataclasses import dataclass, field, replace

from gateway.application.exchange.owed import owe
from gateway.application.exchange.secrets import address_digest, digest, is_code, new_secret
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import LINKS_PER_HOUR, ExchangeAccount, ExchangeMailKind, after_wrong_code
from gateway.domain.signing_in import SEEN_EVERY, Session
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is signed in, and the secret of their session."""

    account: ExchangeAccount
    secret: str = field(repr=False)


class SignIn:
    """Who is at the other end."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def ask(self, address: str) -> None:
        """Owes a link to the account of that address, if there is one that may sign in and did not ask too often.

        Returns nothing either way: whoever asks learns nothing about who has an account.
        """
        now = self._clock.now()
        with self._database.write() as tx:
            account = tx.exchange.account_by_address(address_digest(address))
            if account is None or not account.may_sign_in(now):
                return
            if tx.exchange.links_since(account.name, now - _HOUR) < LINKS_PER_HOUR:
                owe(tx, account.name, ExchangeMailKind.LINK, now)

    def enter(self, link_secret: str, code: str) -> SignedIn | None:
        """A session, for who has both; None for an unknown, used or late link, a wrong code and a resting account.

        A wrong code is counted, and leaves the link as it is: the person may have mistyped.
        """
        now, link_digest = self._clock.now(), digest(link_secret)
        with self._database.read() as tx:
            link = tx.exchange.link(link_digest)
            account = tx.exchange.account(link.account) if link is not None and link.opens(now) else None
        # Who has no link pays nothing of ours: a link cannot be guessed, so a quick answer gives nobody's account away.
        if account is None or not account.may_sign_in(now):
            return None
        right = is_code(code, account.code_hash)  # outside any transaction: it takes a while
        with self._database.write() as tx:
            standing = tx.exchange.account(account.name, lock=True)
            if standing is None or standing.code_hash != account.code_hash or not standing.may_sign_in(now):
                return None
            if not right:
                failed(tx, standing, now)
                return None
            if not tx.exchange.use_link(link_digest, now):
                return None
            return begun(tx, standing, now, by="link")

    def who(self, secret: str) -> ExchangeAccount | None:
        """The account that is signed in under that session, if it holds."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            session = tx.exchange.session(digest(secret))
            account = tx.exchange.account(session.account) if session is not None and session.holds(now) else None
        if session is None or account is None or account.closed_at is not None:
            return None
        if now >= session.seen_at + SEEN_EVERY:
            with self._database.write() as tx:
                if not tx.exchange.session_seen(session.digest, now):
                    return None  # ended meanwhile
        return account

    def leave(self, secret: str) -> None:
        """Ends the session, if there is one."""
        now = self._clock.now()
        with self._database.write() as tx:
            tx.exchange.end_session(digest(secret), now)


def failed(tx: Transaction, account: ExchangeAccount, now: dt.datetime) -> None:
    """Whoever tried has not what it takes: it is counted, and at the most the account rests."""
    after = after_wrong_code(account, now)
    tx.exchange.put_account(after)
    facts: dict[str, str | int | bool] = {
        "account": account.name,
        "locked": after.locked_until != account.locked_until,
    }
    tx.records.append(Event(name=EventName.EXCHANGE_SIGN_IN_FAILED, at=now, actor="exchange", facts=facts))


def begun(tx: Transaction, account: ExchangeAccount, now: dt.datetime, *, by: str) -> SignedIn:
    """The session of who showed what it takes. by: what that was."""
    secret = new_secret()
    known = replace(account, failures=0, locked_until=None)
    tx.exchange.put_account(known)
    tx.exchange.add_session(Session(digest=digest(secret), account=account.name, begun_at=now, seen_at=now))
    facts = {"account": account.name, "by": by}
    tx.records.append(Event(name=EventName.EXCHANGE_SIGNED_IN, at=now, actor="exchange", facts=facts))
    return SignedIn(account=known, secret=secret)
