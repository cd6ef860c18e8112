"""Secure upload: papers are left in the recipient's account of an exchange, where they collect them themselves.

`channel` prepares and leaves, through the port that the house offers; `connect` lays out for a clerk what no program
can upload, in the `clerks_folder`; `others` are the exchanges of others that one can, named in the `others_file`: they
are reached `by_sftp` or `by_tus`, and tell in `receipt_files` what they took; `settings` are of all.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from channels.mail.settings import setting_texts
from channels.secure_upload.channel import SecureUpload
from channels.secure_upload.clerks_folder import FilesForClerk
from channels.secure_upload.connect import Connect
from channels.secure_upload.others import OthersExchange
from channels.secure_upload.settings import SecureUploadSettings
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName, ExchangeKind
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import ChannelParts, ChannelPlugin, SettingText


class _SecureUploadPlugin:
    """See `ChannelPlugin`."""

    @property
    def name(self) -> str:
        return ChannelName.SECURE_UPLOAD.value

    def settings(self) -> Sequence[SettingText]:
        return setting_texts(__package__)

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> SecureUpload:
        settings = SecureUploadSettings.read(table)
        if parts.exchange is None or parts.clerks_texts is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=settings.table)
        connect = Connect(
            folder=clerks_folder(parts.home, settings),
            texts=parts.clerks_texts,
            max_message=settings.connect_max_message,
            max_conversation=settings.connect_max_conversation,
        )
        return SecureUpload(settings, parts.exchange, connect, _others(settings, parts), parts.uploads)


def _others(settings: SecureUploadSettings, parts: ChannelParts) -> Mapping[ExchangeKind, OthersExchange]:
    """Exchanges of others that are set up. Raises SetupWrong."""
    if not settings.exchanges:
        return {}
    if parts.uploads is None:
        raise SetupWrong(Code.SETTINGS_INVALID, where=f"{settings.table}.exchanges")
    from channels.secure_upload.by_sftp import SftpExchanges  # loaded where there are such exchanges
    from channels.secure_upload.by_tus import TusExchanges
    from channels.secure_upload.others_file import read_others

    found = read_others(parts.home, settings.exchanges)
    limit = settings.time_limit
    return {
        ExchangeKind.SFTP: SftpExchanges(found.sftp, parts.uploads, limit),
        ExchangeKind.TUS: TusExchanges(found.tus, parts.uploads, limit),
    }


def clerks_folder(home: Path, settings: SecureUploadSettings) -> FilesForClerk:
    """Where a clerk finds what is to be uploaded."""
    return FilesForClerk(home / settings.connect_folder)


plugin: ChannelPlugin = _SecureUploadPlugin()
"""What the entry point `secure-upload` names."""
