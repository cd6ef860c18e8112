"""The one door: raw bytes of a message in, what it says and to what it belongs out."""

from channels.encrypted_email.receipts import automatic, bounce, delivery_status, disposition, signed
from channels.encrypted_email.receipts.tokens import tokens
from channels.mail.structure import Part, Unreadable, parsed
from gateway.domain.report import Finding, Reading, Report


class MailReader:
    """Reads what came by mail. See `gateway.ports.receipts.ReceiptReader`."""

    def read(self, raw: bytes) -> Reading:
        """The reading. Never raises for what a sender can send: what cannot be read says so."""
        try:
            message = parsed(raw)
            receipt = signed.find(message)
            if receipt is not None:
                unproven = Report(finding=Finding.SIGNED_UNPROVEN)
                return Reading(reports=(unproven,), tokens=tokens(message), signed=receipt)
            return Reading(reports=_reports(message, raw), tokens=tokens(message))
        except Unreadable:
            return Reading(reports=(Report(finding=Finding.UNREADABLE),))


def _reports(message: Part, raw: bytes) -> tuple[Report, ...]:
    """The standards' words first; what a program wrote is a bounce where a dialect fits; the rest a person wrote.

    A person who quotes a bounce wrote a letter, so dialects are tried on programs' messages alone.
    """
    reported = delivery_status.read(message) or disposition.read(message)
    if reported:
        return reported
    if automatic.is_automatic(message):
        return bounce.read(raw) or (Report(finding=Finding.AUTOMATIC_REPLY),)
    return (Report(finding=Finding.PERSONAL_REPLY),)
