"""By hand: a packet is printed for the member or a bailiff, who hands it over and brings back what was signed.

`channel` puts the packet together. What became of it a person records (`gateway resolve … record-service`), or confirms
of the page that came back (`gateway receipts confirm`).
"""

from collections.abc import Mapping, Sequence

from channels.hand_delivery.channel import HandDelivery
from channels.hand_delivery.settings import HandDeliverySettings
from channels.mail.settings import setting_texts
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import ChannelParts, ChannelPlugin, SettingText


class _HandDeliveryPlugin:
    """See `ChannelPlugin`."""

    @property
    def name(self) -> str:
        return ChannelName.HAND_DELIVERY.value

    def settings(self) -> Sequence[SettingText]:
        return setting_texts(__package__)

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> HandDelivery:
        settings = HandDeliverySettings.read(table)
        if parts.packets is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{self.name}")
        return HandDelivery(settings, parts.packets)


plugin: ChannelPlugin = _HandDeliveryPlugin()
"""What the entry point `hand-delivery` names."""
