"""Accounts of recipients: open once a person of the Registry checked who they are, and a second one approved."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.application import contexts
from gateway.application.exchange.delegates import person_of
from gateway.application.exchange.owed import notice_of
from gateway.application.exchange.secrets import address_digest, code_hash, new_code
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.people.approvals import Act, Approvals, Change, Made
from gateway.application.sealed import Vault, data_key
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import ExchangeAccount
from gateway.domain.identity import is_identity
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.proposals import Caution, ChangeKind
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class IdentityCheck:
    """What a check of identity came to, as it is proposed: whose mailbox it is, and the code they were given."""

    address: str
    language: Language
    code_hash: str = field(repr=False)
    verified_by: str
    verified_at: dt.datetime
    method: str
    acts_for: str | None = None
    identity: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The proposal, and the code to be given to the person in the same conversation. Kept nowhere."""

    made: Made
    code: str = field(repr=False)


class ExchangeAccountChanges:
    """Knows changes of exchange accounts (`Applies`)."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The check under which the account stands; None once it is closed."""
        account = tx.exchange.account(subject)
        if account is None or account.closed_at is not None:
            return None
        check = IdentityCheck(
            address=address_of(tx, self._vault, account),
            language=account.language,
            code_hash=account.code_hash,
            verified_by=account.verified_by,
            verified_at=account.verified_at,
            method=account.method,
            acts_for=account.acts_for,
            identity=account.identity,
        )
        return to_kept(check)

    def check(self, tx: Transaction, change: Change) -> None:
        """Raises Conflict (exchange.address-taken, exchange.identity-taken, exchange.delegate-ended;
        exchange.account-closed: what was left for whoever had the name must open to nobody else)."""
        check = _check(change)
        tx.exchange.ensure_free(address_digest(check.address), change.subject)
        if check.identity is not None:
            tx.exchange.ensure_not_linked(check.identity, change.subject)
        if check.acts_for is not None:
            delegate, account = tx.delegates.find(change.subject, lock=True), tx.exchange.account(check.acts_for)
            ended = delegate is None or delegate.ended_at is not None or delegate.account != check.acts_for
            if ended or account is None or account.closed_at is not None:
                raise Conflict(Code.EXCHANGE_DELEGATE_ENDED, where=change.subject)
        known = tx.exchange.account(change.subject, lock=True)
        if known is not None and known.closed_at is not None:
            raise Conflict(Code.EXCHANGE_ACCOUNT_CLOSED, where=change.subject)

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """Opens the account, or puts the new check in place of the old one; whoever was signed in is signed out,
        and their passkeys and tokens go, and whom they had named: who they are was asked anew."""
        check = _check(change)
        _end_delegates(tx, change.subject, act.actor, act.at)
        key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        if check.acts_for is not None and tx.exchange.account(change.subject) is None:
            _tell_of_what_lies(tx, change.subject, check.acts_for, act.at)
        tx.exchange.put_account(
            ExchangeAccount(
                name=change.subject,
                address_digest=address_digest(check.address),
                address=self._vault.seal(key, contexts.exchange_address(change.subject), check.address.encode()),
                language=check.language,
                code_hash=check.code_hash,
                verified_by=check.verified_by,
                verified_at=check.verified_at,
                method=check.method,
                acts_for=check.acts_for,
                identity=check.identity,
            )
        )
        tx.exchange.end_sessions(change.subject, act.at)
        tx.passkeys.remove_all(change.subject, act.at)
        tx.exchange_tokens.revoke_all(change.subject, act.at)
        facts = act.facts | {"account": change.subject, "verified_by": check.verified_by, "method": check.method}
        name = EventName.EXCHANGE_ACCOUNT_OPENED
        tx.records.append(Event(name=name, at=act.at, actor=act.actor, facts=facts, reason=act.reason))


class ExchangeAccounts:
    """Who may collect."""

    def __init__(self, *, database: Database, vault: Vault, approvals: Approvals, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._approvals = approvals
        self._clock = clock

    def verified(
        self,
        name: str,
        *,
        address: str | None,
        language: Language,
        method: str,
        actor: str,
        reason: str | None,
        identity: str | None = None,
    ) -> Verified:
        """The person behind the account showed `actor` who they are, by `method`. A known account gets a new code.

        address: None takes the one under which a delegate of that name was named. identity: what the exchange showed
        the person once they had signed in at the provider; None: no sign-in there opens the account.
        Raises InputRefused (request.invalid), Conflict (exchange.address-taken, exchange.identity-taken,
        exchange.delegate-ended, exchange.account-closed).
        """
        acts_for, named = self._delegate(name)
        address = address or named
        try:
            address = str(MailAddress.parse(address))
        except ValueError:
            raise InputRefused(Code.REQUEST_INVALID, where="--address") from None
        if not method.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--method", expected="minLength 1")
        if identity is not None and not is_identity(identity):
            raise InputRefused(Code.REQUEST_INVALID, where="--identity")
        code = new_code()
        check = IdentityCheck(
            address=address,
            language=language,
            code_hash=code_hash(code),
            verified_by=actor,
            verified_at=self._clock.now(),
            method=method,
            acts_for=acts_for,
            identity=identity,
        )
        cautions = (Caution.NEW_ADDRESS,) if self._had_another(name, address) else ()
        change = Change(kind=ChangeKind.EXCHANGE_ACCOUNT, subject=name, content=to_kept(check), cautions=cautions)
        (made,) = self._approvals.make([change], actor=actor, reason=reason)
        return Verified(made=made, code=code)

    def _had_another(self, name: str, address: str) -> bool:
        """Whether the account stands, with another mailbox."""
        with self._database.read() as tx:
            known = tx.exchange.account(name)
        return known is not None and known.address_digest != address_digest(address)

    def _delegate(self, name: str) -> tuple[str | None, str | None]:
        """For whom the delegate of that name collects, and the address they were named with; of nobody, neither."""
        with self._database.read() as tx:
            delegate = tx.delegates.find(name)
            if delegate is None:
                return None, None
            return delegate.account, person_of(tx, self._vault, delegate).address

    def all(self) -> Sequence[ExchangeAccount]:
        """By name, closed ones included."""
        with self._database.read() as tx:
            return tx.exchange.accounts()

    def close(self, name: str, *, actor: str, reason: str) -> None:
        """Nobody signs in or is left anything under it any more, its delegates included: at once, since taking a power
        away needs no second person. What was not collected takes its next way, or calls a person.

        Raises NoSuchThing (exchange.account-unknown), InputRefused (request.invalid).
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
        now = self._clock.now()
        with self._database.write() as tx:
            if not tx.exchange.close_account(name, now):
                raise NoSuchThing(Code.EXCHANGE_ACCOUNT_UNKNOWN, where=name)
            tx.exchange.end_sessions(name, now)
            tx.exchange_tokens.revoke_all(name, now)
            tx.exchange.hurry(name, now)
            _end_delegates(tx, name, actor, now)
            sealed = self._approvals.sealed_reason(tx, name, reason)
            event = EventName.EXCHANGE_ACCOUNT_CLOSED
            tx.records.append(Event(name=event, at=now, actor=actor, facts={"account": name}, reason=sealed))


def _end_delegates(tx: Transaction, account: str, actor: str, now: dt.datetime) -> None:
    """Whom the account's holder named collects for nobody any more."""
    for delegate in tx.delegates.of_account(account):
        tx.delegates.save(replace(delegate, ended_at=now))
        tx.exchange.close_account(delegate.name, now)
        tx.exchange.end_sessions(delegate.name, now)
        facts = {"account": account, "delegate": delegate.name}
        tx.records.append(Event(name=EventName.EXCHANGE_DELEGATE_ENDED, at=now, actor=actor, facts=facts))


def _tell_of_what_lies(tx: Transaction, delegate: str, owner: str, now: dt.datetime) -> None:
    """A delegate was not there when it was left."""
    for entry in tx.exchange.awaiting(owner):
        tx.exchange.owe_mail(notice_of(entry.id, delegate, now))


def address_of(tx: Transaction, vault: Vault, account: ExchangeAccount) -> str:
    """The account's address. Raises SetupWrong (seal.broken)."""
    key = data_key(tx.registry, contexts.DIRECTORY_KEY)
    return vault.open(key, contexts.exchange_address(account.name), account.address).decode()


def _check(change: Change) -> IdentityCheck:
    return from_kept(IdentityCheck, change.content, where="exchange-account")
