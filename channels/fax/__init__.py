"""Fax by way of a service that takes e-mail: T.37's form of address (RFC 3192) or the services' own.

From the outside in: `channel` prepares and sends; `compose` makes the message; `results` reads the mails in which the
service says what became of a fax; `settings` says whom to hand it to.
"""

from collections.abc import Mapping, Sequence

from channels.fax.channel import Fax
from channels.fax.settings import FaxSettings
from channels.mail.settings import setting_texts
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import ChannelParts, ChannelPlugin, SettingText


class _FaxPlugin:
    """See `ChannelPlugin`."""

    @property
    def name(self) -> str:
        return ChannelName.FAX.value

    def settings(self) -> Sequence[SettingText]:
        return setting_texts(__package__)

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> Fax:
        settings = FaxSettings.read(table)
        if parts.rasterizer is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=settings.table)
        return Fax(settings, settings.server(parts.home), parts.rasterizer)


plugin: ChannelPlugin = _FaxPlugin()
"""What the entry point `fax` names."""
