"""Finds the channels that are installed and builds those that are asked for.

A channel is named by an entry point of the group `gateway.channels`: `NAME = "package.module:plugin"`, where the
object is a `gateway.ports.channels.ChannelPlugin` of the same name. A third party's channel is found the same way.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import Channel, ChannelParts, ChannelPlugin

GROUP = "gateway.channels"
"""The entry point group."""


class ChannelRegistry:
    """The installed channels by name. Two of the same name are fatal: nobody could say which one sends.

    Raises SetupWrong (settings.invalid) with `channels.NAME` as `where`.
    """

    def __init__(self, found: Iterable[EntryPoint] | None = None) -> None:
        self._entries: dict[str, EntryPoint] = {}
        for entry in entry_points(group=GROUP) if found is None else found:
            if entry.name in self._entries:
                raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{entry.name}")
            self._entries[entry.name] = entry

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all installed channels, sorted."""
        return tuple(sorted(self._entries))

    def plugin(self, name: str) -> ChannelPlugin:
        """The plugin of that name; its module is imported only now.

        Raises SetupWrong when there is none, when it cannot be imported, or when it calls itself otherwise.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{name}")
        try:
            plugin: ChannelPlugin = entry.load()
        except (ImportError, AttributeError) as error:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{name}") from error
        if plugin.name != name:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{name}")
        return plugin

    def build(self, tables: Mapping[str, Mapping[str, object]], parts: ChannelParts) -> Mapping[str, Channel]:
        """A channel for each settings table `[channels.NAME]`, and no other."""
        return {name: self.plugin(name).build(table, parts) for name, table in tables.items()}
