"""Joins what takes in what comes back."""

from collections.abc import Iterator, Mapping, Sequence

from channels.encrypted_email.receipts.drop_folder import DropFolder
from channels.encrypted_email.receipts.imap_server import ImapServer
from channels.encrypted_email.receipts.reader import MailReader
from channels.mail.returned_pages import ReturnedPages, page_files
from channels.mail.server import Tls, is_loopback
from gateway.application.returns.callbacks import Callbacks
from gateway.application.returns.collect import Collect
from gateway.application.returns.first_that_reads import FirstThatReads
from gateway.application.returns.prove import Prove
from gateway.application.returns.receive import Receive
from gateway.bootstrap.base import Base
from gateway.bootstrap.callback_secrets import CallbackSecrets
from gateway.bootstrap.others_exchanges import receipt_folders
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.ports.incoming import BY_MAIL, ReceiptReader
from gateway.ports.mailboxes import Mailbox
from keys.signed_receipts import SignedReceiptFiles


def receive(base: Base) -> Receive:
    return Receive(
        database=base.database,
        vault=base.vault,
        readers={
            **_readers(base),
            BY_MAIL: _mail_reader(base),
            **{source: reader for source, _, reader in receipt_folders(base)},
        },
        prove=Prove(database=base.database, receipts=SignedReceiptFiles(), clock=base.clock),
        patience=base.settings.incoming.patience,
        page_files=page_files,
        painter=base.foreign,
        clock=base.clock,
        traces=base.traces,
    )


def callbacks(base: Base, receive: Receive) -> Callbacks:
    """What takes in what carriers tell over HTTP."""
    settings = base.settings.callbacks
    return Callbacks(
        channels=_readers(base).keys(),
        secrets=CallbackSecrets(base.home / settings.folder),
        window=settings.window,
        keep=receive.keep,
        clock=base.clock,
    )


def _readers(base: Base) -> Mapping[str, ReceiptReader]:
    """What reads the callbacks of each channel whose carrier sends some."""
    readers = {name: channel.receipt_reader for name, channel in base.channels.items()}
    return {name: reader for name, reader in readers.items() if reader is not None}


def _mail_reader(base: Base) -> ReceiptReader:
    """One mailbox for all: a fax service's results, and pages that come back, among the rest of the mail."""
    fax = base.channels.get(ChannelName.FAX)
    results = fax.receipt_reader if fax else None
    reports = MailReader() if results is None else FirstThatReads([results, MailReader()])
    return ReturnedPages(reports, base.foreign)


def collects(base: Base, receive: Receive) -> Sequence[Collect]:
    """What looks into each mailbox that is set up. Raises SetupWrong (settings.invalid)."""
    return [
        Collect(
            mailbox,
            source=source,
            keep=receive.keep,
            every=base.settings.incoming.every,
            database=base.database,
            clock=base.clock,
        )
        for source, mailbox in _places(base)
    ]


def _places(base: Base) -> Iterator[tuple[str, Mailbox]]:
    """Each with the source by which it is read."""
    yield from ((BY_MAIL, mailbox) for mailbox in _mailboxes(base))
    yield from ((source, mailbox) for source, mailbox, _ in receipt_folders(base))


def _mailboxes(base: Base) -> Iterator[Mailbox]:
    incoming, mailbox = base.settings.incoming, base.settings.mailbox
    if incoming.folder:
        yield DropFolder(base.home / incoming.folder)
    if mailbox.host:
        from channels.encrypted_email.receipts.imap import ImapMailbox  # loaded where there is such a mailbox

        yield ImapMailbox(_server(base))


def _server(base: Base) -> ImapServer:
    mailbox = base.settings.mailbox
    tls = Tls(mailbox.tls)
    wrong = {
        "tls": tls is Tls.NONE and not is_loopback(mailbox.host),
        "username": not mailbox.username,
        "password_file": not mailbox.password_file,
        "kept_folder": mailbox.kept_folder == mailbox.folder,
    }
    for setting, is_wrong in wrong.items():
        if is_wrong:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"mailbox.{setting}")
    return ImapServer(
        host=mailbox.host,
        port=mailbox.port,
        tls=tls,
        ca=base.home / mailbox.ca,
        username=mailbox.username,
        password_file=base.home / mailbox.password_file,
        folder=mailbox.folder,
        kept_folder=mailbox.kept_folder,
        time_limit=mailbox.time_limit,
    )
