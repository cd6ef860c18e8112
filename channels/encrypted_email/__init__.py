"""Encrypted e-mail: S/MIME with protected headers (RFC 8551, RFC 9788) over SMTP (RFC 5321), DSN asked for (RFC 3461).

From the outside in: `channel` prepares and sends; `compose` makes the message; `channels.mail` hands it over and says
what an answer, or its absence, means; `settings` says whom to hand it to.
"""

from collections.abc import Mapping, Sequence

from channels.encrypted_email.channel import EncryptedEmail
from channels.encrypted_email.settings import EncryptedEmailSettings
from channels.mail.settings import setting_texts
from gateway.domain.parties import ChannelName
from gateway.ports.channels import ChannelParts, ChannelPlugin, SettingText


class _EncryptedEmailPlugin:
    """See `ChannelPlugin`."""

    @property
    def name(self) -> str:
        return ChannelName.ENCRYPTED_EMAIL.value

    def settings(self) -> Sequence[SettingText]:
        return setting_texts(__package__)

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> EncryptedEmail:
        settings = EncryptedEmailSettings.read(table)
        return EncryptedEmail(settings, settings.server(parts.home), parts.protector)


plugin: ChannelPlugin = _EncryptedEmailPlugin()
"""What the entry point `encrypted-email` names."""
