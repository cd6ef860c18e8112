"""Joins what takes in what comes back."""

from channels.encrypted_email.receipts.reader import MailReader
from gateway.application.receive import Receive
from gateway.bootstrap.base import Base

MAIL = "mail"
"""Whose word a receipt is that came by mail, whichever way it was brought in."""


def receive(base: Base) -> Receive:
    return Receive(
        database=base.database,
        vault=base.vault,
        readers={MAIL: MailReader()},
        patience=base.settings.incoming.patience,
        clock=base.clock,
    )
