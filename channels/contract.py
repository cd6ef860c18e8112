"""What every channel, and every fake of one, promises to its users (`gateway.ports.channels.Channel`).

Inherit `ChannelContract` in a class whose name begins with `Test` and fill in the three methods at its head. It is
installed with the gateway for those who make channels; it needs pytest, and nothing of the gateway imports it.
"""

import asyncio
import datetime as dt
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from enum import StrEnum
from typing import ClassVar, get_args

import pytest

from gateway import event_loop
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Reading
from gateway.ports.channels import Channel, Consignment, Prepared


class Scene(StrEnum):
    """How the other side behaves."""

    TAKES = "takes"
    ABSENT = "absent"
    SAYS_NO = "says-no"
    NOT_OURS = "not-ours"
    """It turns us away, whoever the recipient is."""
    GOES_SILENT = "goes-silent"
    """After it may have taken everything."""
    MAKES_NO_SENSE = "makes-no-sense"
    """After it may have taken everything."""


EXPECTED: dict[Scene, type[AttemptResult]] = {
    Scene.TAKES: HandedOver,
    Scene.ABSENT: NotSent,
    Scene.SAYS_NO: Refused,
    Scene.NOT_OURS: Misconfigured,
    Scene.GOES_SILENT: MaybeSent,
    Scene.MAKES_NO_SENSE: MaybeSent,
}


class ChannelContract(ABC):
    """The promises. Each test builds its own channel."""

    expected: ClassVar[Mapping[Scene, type[AttemptResult]]] = EXPECTED
    """What comes of each scene."""

    @abstractmethod
    def scene(self, scene: Scene) -> AbstractAsyncContextManager[Channel]:
        """A channel whose other side behaves so, with a time limit short enough to wait for."""

    @abstractmethod
    def consignment(self, reference: str) -> Consignment:
        """A good consignment, with personal names in its text."""

    @abstractmethod
    def spoilt(self) -> dict[Reason, Consignment]:
        """Consignments that `prepare` must refuse, by the reason. At least one."""

    async def silent(self) -> None:
        """Returns when the other side of `Scene.GOES_SILENT` has what was sent and says nothing: after a moment, unless
        the suite can look at its other side."""
        await asyncio.sleep(0.15)

    def run(self, scene: Scene) -> AttemptResult:
        """One consignment prepared and sent."""

        async def play() -> AttemptResult:
            async with self.scene(scene) as channel:
                return await channel.send(self._prepared(channel))

        return event_loop.run(play())

    def _prepared(self, channel: Channel) -> Prepared:
        prepared = channel.prepare(self.consignment(channel.mint_reference()))
        assert isinstance(prepared, Prepared)
        return prepared

    @pytest.fixture
    def quiet(self) -> Channel:
        """A channel that is never sent through."""

        async def build() -> Channel:
            async with self.scene(Scene.ABSENT) as channel:
                return channel

        return event_loop.run(build())

    @pytest.mark.parametrize("scene", list(Scene))
    def test_send_returns_what_is_known_and_never_raises(self, scene: Scene) -> None:
        result = self.run(scene)
        assert type(result) is self.expected[scene]
        assert type(result) in get_args(AttemptResult)

    @pytest.mark.parametrize("raw", [b"", b"\xff\x00" * 100, b"{", b"[" * 10_000, b"-" * 10_000])
    def test_what_reads_its_carriers_reports_breaks_on_nothing(self, quiet: Channel, raw: bytes) -> None:
        if quiet.receipt_reader is not None:
            assert isinstance(quiet.receipt_reader.read(raw), Reading)

    def test_every_result_has_a_scene(self) -> None:
        assert set(EXPECTED.values()) == {*get_args(AttemptFailure), HandedOver}

    @pytest.mark.parametrize("scene", list(Scene))
    def test_a_carriers_words_can_be_stored(self, scene: Scene) -> None:
        assert isinstance(self.run(scene).words.encode("utf-8"), bytes)

    def test_a_cancelled_send_is_not_called_handed_over_or_unsent(self) -> None:
        async def play() -> AttemptResult:
            async with self.scene(Scene.GOES_SILENT) as channel:
                sending = asyncio.create_task(channel.send(self._prepared(channel)))
                await self.silent()
                sending.cancel()
                return await sending

        assert isinstance(event_loop.run(play()), self.expected[Scene.GOES_SILENT])

    def test_closing_twice_does_no_harm_and_a_closed_channel_sends_again(self) -> None:
        async def play() -> list[AttemptResult]:
            async with self.scene(Scene.TAKES) as channel:
                first = await channel.send(self._prepared(channel))
                await channel.close()
                await channel.close()
                return [first, await channel.send(self._prepared(channel))]

        assert all(isinstance(result, self.expected[Scene.TAKES]) for result in event_loop.run(play()))

    def test_the_name_is_stable_and_plain(self, quiet: Channel) -> None:
        assert re.fullmatch(r"[a-z][a-z-]{1,40}", quiet.name)
        assert quiet.name == quiet.name

    def test_capabilities_are_coherent(self, quiet: Channel) -> None:
        able = quiet.capabilities
        assert able.max_bytes > 0
        assert able.growth >= 1
        assert able.receipt in ReceiptEvent
        assert re.fullmatch(r"[a-z-]{1,40}", able.source)
        assert dt.timedelta() < able.time_limit < dt.timedelta(hours=1)
        assert able.media_types
        assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", media_type) for media_type in able.media_types)

    def test_references_are_unique_and_mean_nothing(self, quiet: Channel) -> None:
        minted = [quiet.mint_reference() for _ in range(500)]
        assert len(set(minted)) == len(minted)
        starts = {reference[:12] for reference in minted}
        assert len(starts) > 490, "references that count or tell the time can be guessed"
        assert all(reference.isascii() and reference.isprintable() and len(reference) <= 250 for reference in minted)
        assert all(" " not in reference for reference in minted)

    def test_prepare_touches_no_network(self, quiet: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
        def forbidden(*_: object, **__: object) -> None:
            raise AssertionError("prepare opened a socket or asked for an address")

        monkeypatch.setattr(socket, "socket", forbidden)
        monkeypatch.setattr(socket, "getaddrinfo", forbidden)
        self._prepared(quiet)

    def test_what_is_prepared_carries_the_reference_and_only_to_the_pinned_address(self, quiet: Channel) -> None:
        consignment = self.consignment(quiet.mint_reference())
        prepared = quiet.prepare(consignment)
        assert isinstance(prepared, Prepared)
        assert prepared.reference == consignment.reference
        assert prepared.destination in {
            getattr(consignment.address, field.name) for field in fields(consignment.address)
        }
        assert prepared.payload
        assert len(prepared.payload) <= quiet.capabilities.max_bytes

    def test_what_cannot_be_sent_is_refused_before_sending(self, quiet: Channel) -> None:
        spoilt = self.spoilt()
        assert spoilt
        for reason, consignment in spoilt.items():
            refused = quiet.prepare(consignment)
            assert isinstance(refused, Refused)
            assert refused.reason is reason
