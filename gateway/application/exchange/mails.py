"""The exchange's own mails: a link to sign in, the notice that something is left, and what was changed in an account.
They name nobody and nothing.

Owed as rows and sent by the worker, so that none is lost, and so that whoever asks for a link waits no longer where
there is an account than where there is none.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from gateway.application.dates.receipt_rules import patience_rules
from gateway.application.exchange.accounts import address_of
from gateway.application.exchange.collect import note_of
from gateway.application.exchange.secrets import digest, new_secret
from gateway.application.exchange.witness import Seen, witnessed
from gateway.application.sealed import Vault, package_key
from gateway.application.telling.mail_round import MailRound, sent_in_turn
from gateway.domain.delivery import AttemptResult, ResultName
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import (
    LINK_LIFE,
    Entry,
    ExchangeAccount,
    ExchangeMail,
    ExchangeMailKind,
    SignInLink,
)
from gateway.domain.exchange_patience import after_notice, find_patience
from gateway.domain.failures import Misconfigured, NotSent, Refused
from gateway.domain.parties import Language
from gateway.domain.problem import Problem, ServiceDown
from gateway.domain.progress import result_name
from gateway.domain.receipt import EXCHANGE, Receipt, ReceiptEvent
from gateway.domain.reference import SendingToken
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.mails import PlainLetter, PlainMailer, Send
from gateway.ports.papers import MessageText

_HELD = dt.timedelta(minutes=2)
"""For how long a mail is one process's; it is tried again after that when it did not leave."""
_NOT_MADE_AGAIN = dt.timedelta(hours=1)
"""When what could not be made is tried again: somebody may have mended it."""
_ROUND = 50
"""Mails of one round: they are sent one after the other, and a round ends before they are due again."""

_EVENT_OF = {
    ResultName.HANDED_OVER: ReceiptEvent.CONSIGNMENT_NOTIFICATION,
    ResultName.REFUSED: ReceiptEvent.CONSIGNMENT_NOTIFICATION_FAILURE,
}
"""What a sending of the notice is evidence of; one that may have left is evidence of nothing."""

LinkText = Callable[[Language, str], MessageText]
NoticeText = Callable[[Language, str | None], MessageText]
NewsText = Callable[[Language, ExchangeMailKind], MessageText]


class SendExchangeMails:
    """Sends what is owed."""

    def __init__(
        self,
        *,
        mailer: PlainMailer,
        link_text: LinkText,
        notice_text: NoticeText,
        news_text: NewsText,
        database: Database,
        vault: Vault,
        clock: Clock,
    ) -> None:
        """link_text: the mail with that link's secret; notice_text: the notice, with the
        recipient's own reference if they gave one. news_text: that something of the account was changed."""
        self._mailer = mailer
        self._link_text = link_text
        self._notice_text = notice_text
        self._news_text = news_text
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, limit: int) -> MailRound:
        """One round over at most `limit`. A mail server that is away ends it; what is left is due again soon."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            if not tx.exchange.mails_due(now):
                return MailRound()
        with self._database.write() as tx:
            mails = tx.exchange.take_mails(now=now, until=now + _HELD, limit=min(limit, _ROUND))
        with self._mailer.round() as send:
            return sent_in_turn(mails, partial(self._one, send))

    def _one(self, send: Send, mail: ExchangeMail) -> AttemptResult | None:
        """What came of it; None for what nobody is owed any more, and for what cannot be made."""
        try:
            letter = self._letter(mail)
        except ServiceDown:
            raise
        except Problem as problem:
            # Damage to what one mail needs is nobody else's: theirs still leave.
            self._not_made(mail, problem)
            return None
        if letter is None:
            with self._database.write() as tx:
                tx.exchange.save_mail(replace(mail, next_at=None))
            return None
        result = send(letter)
        if not isinstance(result, NotSent | Misconfigured):
            self._record(mail, letter, result)
        return result

    def _letter(self, mail: ExchangeMail) -> PlainLetter | None:
        """It as it goes out; None for what nobody is owed any more.

        Raises SetupWrong (seal.broken) where the address or the reference cannot be opened."""
        now = self._clock.now()
        with self._database.read() as tx:
            account = tx.exchange.account(mail.account)
            entry = _entry_of(tx, mail)
            if account is None or account.closed_at is not None or _moot(mail, entry, now):
                return None
            address = address_of(tx, self._vault, account)
            reference = self._reference(tx, entry) if entry is not None else None
        text = self._text(mail, account, reference, now)
        return PlainLetter(id=_message_id(mail), address=address, subject=text.subject, text=text.text, at=now)

    def _not_made(self, mail: ExchangeMail, problem: Problem) -> None:
        """It is told, and staff see it as one that does not leave until it can be made or is owed no more."""
        now = self._clock.now()
        with self._database.write() as tx:
            tx.exchange.save_mail(replace(mail, next_at=now + _NOT_MADE_AGAIN))
            facts = {"account": mail.account, "kind": mail.kind.value, "problem": problem.code.value}
            tx.records.append(_event(EventName.EXCHANGE_MAIL_NOT_MADE, now, _entry_of(tx, mail), facts))

    def _record(self, mail: ExchangeMail, letter: PlainLetter, result: AttemptResult) -> None:
        """Refused or not, the schedule goes on: a mailbox may come back."""
        if mail.entry is None:
            with self._database.write() as tx:
                tx.exchange.save_mail(replace(mail, sent=mail.sent + 1, next_at=None))
            return
        said = {
            "account": mail.account,
            "entry": mail.entry,
            "act": "notice",
            "number": mail.sent + 1,
            "message": letter.id,
            "at": self._clock.now().isoformat(),
            "result": result_name(result).value,
            "answer": result.words,
        }
        with witnessed(self._database, self._vault, said) as seen, self._database.write() as tx:
            self._record_notice(tx, mail, result, seen)

    def _record_notice(self, tx: Transaction, mail: ExchangeMail, result: AttemptResult, seen: Seen) -> None:
        entry = _entry_of(tx, mail)
        if entry is None:
            raise LookupError(mail.id)  # entries are never removed
        now, ended = self._clock.now(), result_name(result)
        division = tx.dispatches.get(entry.dispatch).division
        tx.exchange.save_mail(after_notice(mail, find_patience(patience_rules(), division)))
        if entry.collect_by is None:
            tx.exchange.end_notice(entry.id)
        if ended in _EVENT_OF:
            receipt = Receipt(event=_EVENT_OF[ended], at=now, source=EXCHANGE, evidence=seen.digest)
            tx.records.add_receipt(seen.record(entry, receipt))
        refused = isinstance(result, Refused)
        name = EventName.EXCHANGE_NOTICE_REFUSED if refused else EventName.EXCHANGE_NOTICE_SENT
        facts: dict[str, str | int] = {
            "account": mail.account,
            "number": mail.sent + 1,
            "result": ended.value,
            "evidence": seen.digest,
        }
        tx.records.append(_event(name, now, entry, facts))

    def _reference(self, tx: Transaction, entry: Entry) -> str | None:
        """The recipient's own; None once its package expired."""
        dispatch = tx.dispatches.get(entry.dispatch)
        if not tx.registry.has_data_key(dispatch.data_key):
            return None
        return note_of(self._vault, entry, package_key(tx.registry, dispatch)).reference

    def _text(
        self, mail: ExchangeMail, account: ExchangeAccount, reference: str | None, now: dt.datetime
    ) -> MessageText:
        match mail.kind:
            case ExchangeMailKind.LINK:
                return self._link(account, now)
            case ExchangeMailKind.NOTICE:
                return self._notice_text(account.language, reference)
            case _:
                return self._news_text(account.language, mail.kind)

    def _link(self, account: ExchangeAccount, now: dt.datetime) -> MessageText:
        """The secret is made at this moment and stands nowhere but in the mail."""
        secret = new_secret()
        with self._database.write() as tx:
            link = SignInLink(digest=digest(secret), account=account.name, expires_at=now + LINK_LIFE)
            tx.exchange.add_link(link)
        return self._link_text(account.language, secret)


def _message_id(mail: ExchangeMail) -> str:
    """Of each sending its own: mail systems drop a message whose id they have seen before."""
    return str(SendingToken(mail.id, mail.sent + 1 if mail.sent else None))


def _entry_of(tx: Transaction, mail: ExchangeMail) -> Entry | None:
    return tx.exchange.entry(mail.entry) if mail.entry is not None else None


def _event(name: EventName, at: dt.datetime, entry: Entry | None, facts: Mapping[str, str | int]) -> Event:
    """Of the entry's delivery, where it is about one."""
    if entry is None:
        return Event(name=name, at=at, actor="gateway", facts=facts)
    return Event(
        name=name,
        at=at,
        actor="gateway",
        dispatch=entry.dispatch,
        delivery=entry.delivery,
        attempt=entry.attempt,
        facts=facts,
    )


def _moot(mail: ExchangeMail, entry: Entry | None, now: dt.datetime) -> bool:
    """Whether nobody waits for it any more: who asked for a link has asked again, or given up."""
    if entry is not None:
        return entry.collect_by is None
    return mail.kind is ExchangeMailKind.LINK and now >= mail.asked_at + LINK_LIFE
