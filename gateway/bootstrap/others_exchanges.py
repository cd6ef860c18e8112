"""Joins what looks after exchanges of others, where some are set up: their receipts, and whether they let us in."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from channels.secure_upload.settings import SecureUploadSettings
from gateway.application.exchange.uploads import KeptUploads
from gateway.bootstrap.base import Base
from gateway.domain.parties import ChannelName
from gateway.ports.incoming import ReceiptReader
from gateway.ports.mailboxes import Mailbox

if TYPE_CHECKING:
    from channels.http.account import Account
    from channels.sftp.settings import SftpPlace


def receipt_folders(base: Base) -> Sequence[tuple[str, Mailbox, ReceiptReader]]:
    """Where receipts of uploads come to lie, each with its source and what reads it. Raises SetupWrong."""
    path = _file(base)
    if not path:
        return []
    from channels.secure_upload.others_file import read_others  # loaded where there are such exchanges
    from channels.secure_upload.receipt_files import ReceiptFiles

    uploads = KeptUploads(base.database)
    return [
        (f"{SOURCE}:{account}", _mailbox(f"{SOURCE}-{account}", place), ReceiptFiles(account, uploads))
        for account, place in read_others(base.home, path).receipts.items()
    ]


def _mailbox(name: str, place: "SftpPlace | Account") -> Mailbox:
    from channels.sftp.mailbox import SftpMailbox
    from channels.sftp.settings import SftpPlace
    from channels.webdav.mailbox import DavMailbox

    return SftpMailbox(name, place) if isinstance(place, SftpPlace) else DavMailbox(name, place)


def look_at_others(base: Base) -> Callable[[], None]:
    """What tries each account, uploading nothing. It raises SetupWrong (sftp.*, tus.*) and ServiceDown (the same)."""

    def look() -> None:
        path = _file(base)
        if not path:
            return
        from channels.secure_upload.others_file import read_others
        from channels.sftp.mailbox import SftpMailbox
        from channels.tus.check import check_tus

        found = read_others(base.home, path)
        for account, place in found.sftp.items():
            with SftpMailbox(account, place).visit():
                pass
        for account, exchange in found.tus.items():
            check_tus(account, exchange)
            if account in found.receipts:
                with _mailbox(account, found.receipts[account]).visit():
                    pass

    return look


def _file(base: Base) -> str:
    table: Mapping[str, object] | None = base.settings.channels.get(ChannelName.SECURE_UPLOAD.value)
    return "" if table is None else SecureUploadSettings.read(table).exchanges


SOURCE = "exchange-receipts"
"""Whose word a receipt file is, before the name of its account."""
