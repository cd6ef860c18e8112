"""A send's turn at its destination: whoever waits for one has not begun, and a crash leaves nothing to settle."""

import asyncio
from asyncio import AbstractEventLoop, Semaphore
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from gateway.domain.far_end import channel_to
from gateway.ports.channels import Channel


class Turns:
    """So many turns at a time at each destination within one event loop, which the channel's connections belong to."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._by_loop: WeakKeyDictionary[AbstractEventLoop, dict[str, Semaphore]] = WeakKeyDictionary()

    def of(self, destination: str) -> Semaphore:
        """The turns at the destination in the running loop."""
        turns = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        if destination not in turns:
            turns[destination] = Semaphore(self._channels[channel_to(destination)].capabilities.side_by_side)
        return turns[destination]
