"""A send's turn on its channel: whoever waits for one has not begun, and a crash leaves nothing to settle."""

import asyncio
from asyncio import AbstractEventLoop, Semaphore
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from gateway.ports.channels import Channel


class Turns:
    """So many turns at a time for each channel within one event loop, which the channel's connections belong to."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._by_loop: WeakKeyDictionary[AbstractEventLoop, dict[str, Semaphore]] = WeakKeyDictionary()

    def of(self, channel: str) -> Semaphore:
        """The turns of the channel in the running loop."""
        turns = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        if channel not in turns:
            turns[channel] = Semaphore(self._channels[channel].capabilities.side_by_side)
        return turns[channel]
