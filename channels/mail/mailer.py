"""Sends the gateway's own mails: plain, for they say nothing that needs protecting."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime

from aiosmtplib import SMTPException

from channels.mail.classification import of_error
from channels.mail.connection import Connection, Letter, Progress
from channels.mail.server import MailServer
from gateway import event_loop
from gateway.domain.addresses import MailAddress
from gateway.domain.delivery import AttemptResult
from gateway.ports.mails import PlainLetter

_SECONDS = 15
_LEAVE_SECONDS = 2


class SmtpMailer:
    """`PlainMailer` over one mail server, a connection for each mail: they are few."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = MailAddress.parse(sender)

    def send(self, letter: PlainLetter) -> AttemptResult:
        """See `PlainMailer`."""
        return event_loop.run(self._send(letter))

    async def _send(self, letter: PlainLetter) -> AttemptResult:
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
                connection = await Connection.open(self._server, progress)
                try:
                    result = await connection.deliver(mail, progress)
                except BaseException:
                    connection.drop()
                    raise
        except (SMTPException, OSError) as error:
            return of_error(progress.stage, error)
        await _leave(connection)
        return result

    def _composed(self, letter: PlainLetter, reference: str) -> bytes:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = str(self._sender), letter.address, letter.subject
        message["Date"], message["Message-ID"] = format_datetime(letter.at), reference
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no absence notice shall answer
        message.set_content(letter.text, cte="quoted-printable")
        return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


async def _leave(connection: Connection) -> None:
    """Waits for the server's farewell, since the loop ends with the mail; what the mail came to is known by now, and
    whatever becomes of the farewell changes nothing of it."""
    with suppress(SMTPException, OSError):
        async with asyncio.timeout(_LEAVE_SECONDS):
            await connection.quit()
    connection.drop()
