"""The contract that every channel keeps, and what is the pigeons' own."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pigeon_channel import plugin

from channels.contract import ChannelContract, Scene
from channels.registry import ChannelRegistry
from gateway.domain.failures import Refused
from gateway.domain.parties import PreferredLanguage, RecipientChannel
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import Channel, ChannelParts, Consignment, ProtectedEntity
from gateway.ports.papers import MessageText, RenderedDocument

NAME_OF_A_PERSON = "Zebulon Quackenbush"
CAGE = RecipientChannel(type="pigeon", account="cage7")


class Sealed:
    """Stands in for the house's protector: what it seals shows nothing; the key of `cage13` does not hold."""

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        return Refused(reason=Reason.KEY_EXPIRED) if address.account == "cage13" else None

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        assert NAME_OF_A_PERSON.encode() in entity
        return ProtectedEntity(mime=b"\0" * len(entity))


def pigeon(port: int) -> Channel:
    table = {"port": port, "time_limit": "600ms", "max_message": "10KB"}
    return plugin.build(table, ChannelParts(home=Path(), protector=Sealed()))


@asynccontextmanager
async def loft(scene: Scene) -> AsyncGenerator[int]:
    """One that behaves so; its port."""
    before = {Scene.SAYS_NO: b"NO such cage\n", Scene.NOT_OURS: b"WHO are you\n"}.get(scene, b"GO\n")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if scene is not Scene.ABSENT:
                writer.write(b"READY\n")
                head = await reader.readline()
                writer.write(before)
                if before == b"GO\n":
                    await reader.readexactly(int(head.split()[-1]))
                    if scene is Scene.GOES_SILENT:
                        await reader.read()
                    writer.write(b"HERE\n" if scene is Scene.TAKES else b"\xff?\n")
                await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


class TestPigeon(ChannelContract):
    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        async with loft(scene) as port:
            yield pigeon(port)

    def consignment(self, reference: str) -> Consignment:
        return Consignment(
            reference=reference,
            address=CAGE,
            message=MessageText(subject="Decision", text=f"{NAME_OF_A_PERSON}: see the papers.\n"),
            documents=(
                RenderedDocument(kind=None, name="a.pdf", media_type="application/pdf", content=b"%PDF", pages=1),
            ),
            language=PreferredLanguage.EN,
            at=dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC),
        )

    def spoilt(self) -> dict[Reason, Consignment]:
        good = self.consignment("x")
        (paper,) = good.documents
        return {
            Reason.RECIPIENT_ADDRESS_INVALID: replace(good, address=replace(CAGE, account="a b\n")),
            Reason.DOCUMENT_MEDIA_TYPE: replace(good, documents=(replace(paper, media_type="text/plain"),)),
            Reason.KEY_EXPIRED: replace(good, address=replace(CAGE, account="cage13")),
            Reason.MESSAGE_TOO_LARGE: replace(good, documents=(replace(paper, content=bytes(20_000)),)),
        }


def test_the_gateway_finds_it() -> None:
    assert ChannelRegistry().plugin("pigeon") is plugin
    assert {language for one in plugin.settings() for language in one.comments} == {"en", "fr"}


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ({"prot": 1}, "prot"),
        ({"host": ""}, "host"),
        ({"port": "7117"}, "port"),
        ({"port": 70_000}, "port"),
        ({"time_limit": "soon"}, "time_limit"),
        ({"max_message": 5}, "max_message"),
    ],
)
def test_a_setting_that_is_wrong_is_named(table: dict[str, object], where: str) -> None:
    with pytest.raises(SetupWrong) as wrong:
        plugin.build(table, ChannelParts(home=Path(), protector=Sealed()))
    assert wrong.value.where == f"channels.pigeon.{where}"
