"""Sealed messages to a loft of carrier pigeons: an example of a third party's channel."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.domain.quantities import duration, size
from gateway.ports.channels import ChannelParts, ChannelPlugin, SettingText
from pigeon_channel.channel import NAME, Loft, Pigeon

_DEFAULTS = {"host": "127.0.0.1", "port": 7117, "time_limit": "30s", "max_message": "1MB"}


class _PigeonPlugin:
    """See `ChannelPlugin`."""

    @property
    def name(self) -> str:
        return NAME

    def settings(self) -> Sequence[SettingText]:
        table = tomllib.loads(files(__package__).joinpath("settings.toml").read_text(encoding="utf-8"))
        return [
            SettingText(name=one["name"], default=one["default"], comments={"en": one["en"], "fr": one["fr"]})
            for one in table["setting"]
        ]

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> Pigeon:
        """Raises SetupWrong (settings.invalid) with the setting as `where`: nothing is guessed or passed over."""
        for name in table:
            if name not in _DEFAULTS:
                raise _wrong(name)
        given = _DEFAULTS | dict(table)
        if not isinstance(given["host"], str) or not given["host"]:
            raise _wrong("host")
        if type(given["port"]) is not int or not 1 <= given["port"] <= 65535:  # noqa: PLR2004  (a port)
            raise _wrong("port")
        try:
            limit = duration(given["time_limit"])
        except ValueError:
            raise _wrong("time_limit") from None
        try:
            most = size(given["max_message"])
        except ValueError:
            raise _wrong("max_message") from None
        return Pigeon(Loft(given["host"], given["port"]), parts.protector, max_message=most, time_limit=limit)


def _wrong(setting: str) -> SetupWrong:
    return SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{NAME}.{setting}")


plugin: ChannelPlugin = _PigeonPlugin()
"""What the entry point `pigeon` names."""
