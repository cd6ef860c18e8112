"""Which mailbox is looked into over IMAP, and how its server is known to be the right one."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from channels.mail.server import Tls


@dataclass(frozen=True, kw_only=True)
class ImapServer:
    """Where the mailbox is and how its server is known. `ca`, `password_file`: read at each new connection.

    time_limit: how long one answer of the server is waited for.
    """

    host: str
    port: int
    tls: Tls
    ca: Path
    username: str
    password_file: Path
    folder: str
    kept_folder: str
    time_limit: dt.timedelta
