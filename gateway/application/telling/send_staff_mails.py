"""Sends what staff are owed by mail: taken for a while, sent outside any transaction, each settled by itself.

A mail may go twice where its end could not be recorded: it then bears the same Message-ID.
"""

import datetime as dt
from collections.abc import Sequence
from functools import partial

from gateway.application.telling.mail_round import MailRound, sent_in_turn
from gateway.application.telling.staff_mails import LONGEST, address_digest
from gateway.domain.delivery import AttemptResult
from gateway.domain.events import Event, EventName
from gateway.domain.failures import Misconfigured, NotSent, Refused
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.mails import PlainLetter, PlainMailer, Send
from gateway.ports.staff_mails import StaffMail

_HELD = dt.timedelta(minutes=2)
"""For how long a mail is one process's; it is tried again after that when it did not leave."""
_ROUND = 20
"""Mails of one round: they are sent one after the other, and a round ends before they are due again."""


class SendStaffMails:
    """Sends them to the addresses that the settings name now."""

    def __init__(self, *, database: Database, mailer: PlainMailer, addresses: Sequence[str], clock: Clock) -> None:
        self._database = database
        self._mailer = mailer
        self._addresses = {address_digest(one): one for one in addresses}
        self._clock = clock

    def __call__(self, limit: int) -> MailRound:
        """One round over at most `limit`. A mail server that is away ends it; what is left is due again soon."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            if not tx.staff_mails.due(now):
                return MailRound()
        with self._database.write() as tx:
            mails = tx.staff_mails.take(now=now, until=now + _HELD, limit=min(limit, _ROUND))
        with self._mailer.round() as send:
            return sent_in_turn(mails, partial(self._one, send))

    def _one(self, send: Send, mail: StaffMail) -> AttemptResult | None:
        """What came of it; None for what is owed no more: an address that was taken out, or a day that is over."""
        now, address = self._clock.now(), self._addresses.get(mail.to)
        result = None
        if address is not None and now < mail.made_at + LONGEST:
            letter = PlainLetter(id=mail.id, address=address, subject=mail.subject, text=mail.text, at=mail.made_at)
            result = send(letter)
        if not isinstance(result, NotSent | Misconfigured):
            with self._database.write() as tx:
                tx.staff_mails.settle(mail.id)
                if isinstance(result, Refused):
                    facts = {"mail": mail.id, "reason": result.reason.value}
                    tx.records.append(Event(name=EventName.STAFF_MAIL_REFUSED, at=now, actor="gateway", facts=facts))
        return result
