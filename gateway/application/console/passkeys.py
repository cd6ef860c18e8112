"""Passkeys of staff: one signs in alone, since the authenticator verifies its person each time (two factors in one).

None is counted against its account and none rests with it: a signature cannot be guessed, and nobody who mistypes
another's password on purpose keeps them out. Whatever is wrong, the answer is the same.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.application import contexts
from gateway.application.console.sign_in import SignedIn, begun
from gateway.application.console.sign_in_ways import changed, fresh_session
from gateway.application.exchange.secrets import digest
from gateway.application.people.challenges import Asked, Challenge, Challenges, spent
from gateway.application.sealed import Vault
from gateway.domain.codes import Code
from gateway.domain.console import LONGEST_NAME, StaffPasskey
from gateway.domain.events import EventName
from gateway.domain.officers_word import SignInMeans
from gateway.domain.passkeys import MOST_PASSKEYS, Passkey
from gateway.domain.problem import InputRefused, NotAuthenticated
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.passkeys import PasskeyCeremony


class StaffPasskeys:
    """The passkeys of accounts."""

    def __init__(
        self, *, ceremony: Callable[[], PasskeyCeremony], database: Database, vault: Vault, clock: Clock
    ) -> None:
        """ceremony: asked for when a passkey is, since its library is large and only the web needs it."""
        self._challenges = Challenges(
            context=contexts.CONSOLE_CHALLENGE,
            refused=Code.SIGN_IN_PASSKEY_REFUSED,
            database=database,
            vault=vault,
            clock=clock,
        )
        self._ceremony = ceremony
        self._database = database
        self._clock = clock

    def to_sign_in(self) -> Asked:
        """What a browser is asked that wants to sign in."""
        challenge, ticket = self._challenges.new()
        return Asked(options=self._ceremony().to_sign_in(challenge.value), ticket=ticket)

    def to_register(self, account: str, *, known: Sequence[str] | None = None) -> Asked:
        """What a browser is asked that adds a passkey to the account. known: the ids that it is not to make anew; None
        for those of the account."""
        challenge, ticket = self._challenges.new(account)
        if known is None:
            with self._database.read() as tx:
                known = [one.id for one in tx.staff_passkeys.of_account(account)]
        return Asked(options=self._ceremony().to_register(account, challenge.value, known), ticket=ticket)

    def register(self, account: str, session: str, *, ticket: str, answer: str, name: str) -> StaffPasskey:
        """Adds what the browser made; the account's other sessions end. session: the secret of theirs. The same once
        more, by a double click, stands.

        Raises InputRefused (request.invalid: no name; sign-in.passkey-refused), NotAuthenticated (sign-in.ended,
        sign-in.not-fresh).
        """
        challenge, passkey = self.made(account, ticket=ticket, answer=answer, name=name)
        now = passkey.added_at
        with self._database.write() as tx:
            tx.accounts.get(account, lock=True)
            fresh_session(tx, account, session, now)
            standing = tx.staff_passkeys.find(passkey.id)
            if standing and replace(passkey, added_at=standing.added_at) == standing:
                return standing
            self.put(tx, challenge, passkey)
            changed(tx, EventName.CONSOLE_PASSKEY_ADDED, account, session, now, passkey=digest(passkey.id))
        return passkey

    def made(self, account: str, *, ticket: str, answer: str, name: str) -> tuple[Challenge, StaffPasskey]:
        """What the browser made, which is not kept yet. Raises InputRefused (request.invalid: no name;
        sign-in.passkey-refused)."""
        called = " ".join(name.split())
        if not 1 <= len(called) <= LONGEST_NAME or not called.isprintable():
            raise InputRefused(Code.REQUEST_INVALID, where="name", expected=f"1–{LONGEST_NAME}")
        challenge = self._challenges.opened(ticket, account)
        made = self._ceremony().registered(answer, challenge.value)
        return challenge, StaffPasskey(
            id=made.id,
            account=account,
            name=called,
            public_key=made.public_key,
            sign_count=made.sign_count,
            added_at=self._clock.now(),
        )

    def put(self, tx: Transaction, challenge: Challenge, passkey: StaffPasskey) -> None:
        """Keeps it, under the lock of its account's row. Raises InputRefused (sign-in.passkey-refused)."""
        few = len(tx.staff_passkeys.of_account(passkey.account)) < MOST_PASSKEYS
        if not (few and spent(tx, challenge, passkey.added_at) and tx.staff_passkeys.add(passkey)):
            raise InputRefused(Code.SIGN_IN_PASSKEY_REFUSED)

    def enter(self, ticket: str, answer: str, *, before: str = "") -> SignedIn:
        """A session, for who holds a passkey that stands; `before`, the secret of the one the browser had, ends.

        A passkey that two authenticators seem to hold signs nobody in any more. Raises NotAuthenticated
        (sign-in.refused).
        """
        now = self._clock.now()
        try:
            challenge = self._challenges.opened(ticket)
            passkey_id = self._ceremony().id_in(answer)
            with self._database.read() as tx:
                known = tx.staff_passkeys.find(passkey_id)
            if known is None:
                raise NotAuthenticated(Code.SIGN_IN_REFUSED)
            counted = self._ceremony().signed(answer, challenge.value, known)
        except InputRefused:
            raise NotAuthenticated(Code.SIGN_IN_REFUSED) from None
        with self._database.write() as tx:
            signed_in = self._entered(tx, known, challenge, counted, now)
            if signed_in is not None:
                tx.console.end_session(digest(before), now)
        if signed_in is None:
            raise NotAuthenticated(Code.SIGN_IN_REFUSED)
        return signed_in

    def _entered(
        self, tx: Transaction, known: Passkey, challenge: Challenge, counted: int, now: dt.datetime
    ) -> SignedIn | None:
        account, standing = tx.accounts.get(known.account), tx.staff_passkeys.find(known.id, lock=True)
        gone = account is None or account.disabled_at is not None or standing is None or standing.removed_at is not None
        if gone or not spent(tx, challenge, now):
            return None
        assert account is not None and standing is not None  # noqa: S101, PT018  (`gone` says so)
        if standing.may_be_a_copy(counted):
            tx.staff_passkeys.save(replace(standing, removed_at=now))
            changed(tx, EventName.CONSOLE_PASSKEY_DOUBTED, account.name, "", now, passkey=digest(standing.id))
            return None
        tx.staff_passkeys.save(replace(standing, sign_count=counted, used_at=now))
        return begun(tx, account, SignInMeans.PASSKEY, now)
