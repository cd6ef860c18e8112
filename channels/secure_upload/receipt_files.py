"""Receipt files: what a recipient's system puts into a folder of their own account to tell what it did with an upload.

The account is theirs alone, on a server that its pinned key stands for: so a file that says that they took the very
bytes that were sent is their own word. Of other bytes, or of another's upload, it is worth nothing.
"""

import datetime as dt
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.report import Finding, Reading, Report
from gateway.ports.uploads import Uploads

_MOST_OCTETS = 10_000
_UNREADABLE = Reading(reports=(Report(finding=Finding.UNREADABLE),))


class Told(StrEnum):
    """What it can tell."""

    STORED = "stored"
    TAKEN = "taken"
    REFUSED = "refused"


_FINDING = {Told.STORED: Finding.LEFT, Told.TAKEN: Finding.TAKEN, Told.REFUSED: Finding.FAILED}


class _ReceiptFile(BaseModel):
    """reference: the last part of the file's name. sha256: of the file as they have it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    receipt: Told
    reference: str = Field(pattern=r"^[0-9a-f]{32}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    at: AwareDatetime


class ReceiptFiles:
    """Reads those of one account. See `gateway.ports.incoming.ReceiptReader`."""

    def __init__(self, account: str, uploads: Uploads) -> None:
        self._account = account
        self._uploads = uploads

    def read(self, raw: bytes) -> Reading:
        """The reading; `unreadable` for what is no receipt. Raises ServiceDown where our own records do not answer."""
        try:
            told = _ReceiptFile.model_validate_json(raw if len(raw) <= _MOST_OCTETS else b"")
        except ValidationError:
            return _UNREADABLE
        upload = self._uploads.find(told.reference)
        if upload is None or upload.account != self._account:
            return Reading(reports=(Report(finding=Finding.OTHER_CONTENT),))
        same = upload.digest == f"sha256:{told.sha256}"
        finding = _FINDING[told.receipt] if same else Finding.OTHER_CONTENT
        return Reading(reports=(Report(finding=finding, at=told.at.astimezone(dt.UTC)),), tokens=(upload.token,))
