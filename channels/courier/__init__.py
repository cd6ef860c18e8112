"""Couriers and the post: papers are gathered into a batch, and a carrier takes them away by a manifest.

`channel` puts an envelope's papers together; `settings` say who the carrier is and until when it takes things. What
becomes of the batch is the mail room's (`gateway manifest`). One channel for each service, each with its own table.
"""

from collections.abc import Mapping, Sequence

from channels.courier.channel import Mail
from channels.courier.settings import MailSettings, RegisteredSettings, settings_of
from channels.mail.settings import setting_texts
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import ChannelParts, ChannelPlugin, SettingText


class _MailPlugin:
    """See `ChannelPlugin`."""

    def __init__(self, name: ChannelName) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name.value

    def settings(self) -> Sequence[SettingText]:
        known = settings_of(self._name).model_fields
        return [one for one in setting_texts(__package__) if one.name in known]

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> Mail:
        settings = settings_of(self._name).read_for(self._name, table)
        if parts.packets is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{self._name}")
        return Mail(self._name, settings, parts.packets)


regular_mail: ChannelPlugin = _MailPlugin(ChannelName.REGULAR_MAIL)
registered_mail: ChannelPlugin = _MailPlugin(ChannelName.REGISTERED_MAIL)
priority_post: ChannelPlugin = _MailPlugin(ChannelName.PRIORITY_POST)
courier: ChannelPlugin = _MailPlugin(ChannelName.COURIER)
"""What the entry points name."""

__all__ = ["MailSettings", "RegisteredSettings", "courier", "priority_post", "registered_mail", "regular_mail"]
