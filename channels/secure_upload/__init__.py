"""Secure upload: papers are left in the recipient's account of our own exchange, where they collect them themselves.

`channel` prepares and leaves, through the port that the house offers; `mailer` sends the exchange's own mails, which
say nothing; `settings` are those of both.
"""

from collections.abc import Mapping, Sequence

from channels.mail.settings import setting_texts
from channels.secure_upload.channel import SecureUpload
from channels.secure_upload.settings import SecureUploadSettings
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
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
        if parts.exchange is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=settings.table)
        return SecureUpload(settings, parts.exchange)


plugin: ChannelPlugin = _SecureUploadPlugin()
"""What the entry point `secure-upload` names."""
