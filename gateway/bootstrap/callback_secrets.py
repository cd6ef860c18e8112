"""The secrets under which carriers sign their callbacks: one file a channel, as secrets are mounted."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_PREFIX = "whsec_"
_LEAST, _MOST = 24, 64
"""Bytes of a secret (Standard Webhooks specification, "Signature scheme")."""


@dataclass(frozen=True)
class CallbackSecrets:
    """The files of a folder, each named after its channel, one secret a line: several while one takes another's place.

    They are read at each callback, so that a new one holds at once.
    """

    folder: Path

    def __call__(self, channel: str) -> Sequence[bytes]:
        """Those of a channel; none when it has no file. Raises SetupWrong (file.unreadable, settings.invalid)."""
        try:
            lines = (self.folder / channel).read_text("ascii").split()
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError):
            raise SetupWrong(Code.FILE_UNREADABLE, where=f"callbacks.folder {channel}") from None
        return [_secret(line, channel) for line in lines]


def _secret(line: str, channel: str) -> bytes:
    try:
        secret = base64.b64decode(line.removeprefix(_PREFIX), validate=True) if line.startswith(_PREFIX) else b""
    except (binascii.Error, ValueError):
        secret = b""
    if not _LEAST <= len(secret) <= _MOST:
        raise SetupWrong(Code.SETTINGS_INVALID, where=f"callbacks.folder {channel}")
    return secret
