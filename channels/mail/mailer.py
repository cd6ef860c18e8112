"""Sends the gateway's own mails: plain, for they say nothing that needs protecting."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime

from aiosmtplib import SMTPException

from channels.mail.classification import of_error
from channels.mail.connection import Letter, Progress
from channels.mail.pool import Pool
from channels.mail.server import MailServer
from gateway import event_loop
from gateway.domain.addresses import MailAddress
from gateway.domain.delivery import AttemptResult
from gateway.ports.mails import PlainLetter, Send

_SECONDS = 15


class SmtpMailer:
    """`PlainMailer` over one mail server: a connection costs more than what is said through it."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = MailAddress.parse(sender)

    @contextmanager
    def round(self) -> Iterator[Send]:
        """See `PlainMailer`. Leave is taken at its end; what became of a mail was known before."""
        pool = Pool(self._server, 1)
        with event_loop.runner() as loop:
            try:
                yield lambda letter: loop.run(self._sent(pool, letter))
            finally:
                loop.run(pool.close())

    async def _sent(self, pool: Pool, letter: PlainLetter) -> AttemptResult:
        reference = f"<{letter.id}@{self._sender.domain}>"
        mail = Letter(
            sender=self._sender,
            recipient=MailAddress.parse(letter.address),
            reference=reference,
            content=self._composed(letter, reference),
            tracked=False,
        )
        progress = Progress()
        try:
            async with asyncio.timeout(_SECONDS):
                return await pool.deliver(mail, progress)
        except (SMTPException, OSError) as error:
            return of_error(progress.stage, error)

    def _composed(self, letter: PlainLetter, reference: str) -> bytes:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = str(self._sender), letter.address, letter.subject
        message["Date"], message["Message-ID"] = format_datetime(letter.at), reference
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no absence notice shall answer
        message.set_content(letter.text, cte="quoted-printable")
        return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
