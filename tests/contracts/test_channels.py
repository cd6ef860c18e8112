"""The channel contract, for every channel and the fake."""

import asyncio
import datetime as dt
import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.domain.failures import Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from gateway.ports.channels import Channel, Consignment
from tests.channels import fax_samples, samples
from tests.contracts.channel_contract import ChannelContract, Scene
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel, Step
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, running

_FAULTS: dict[Scene, tuple[Fault, ...]] = {
    Scene.TAKES: (),
    Scene.ABSENT: (Fault(At.GREETING, Do.DROP),),
    Scene.SAYS_NO: (Fault(At.RCPT, "550 5.1.1 no such user"),),
    Scene.NOT_OURS: (Fault(At.MAIL, "550 5.7.1 not from you"),),
    Scene.GOES_SILENT: (Fault(At.END, Do.TAKE_AND_HANG),),
    Scene.MAKES_NO_SENSE: (Fault(At.END, "\udcff?"),),
}


class TestEncryptedEmail(ChannelContract):
    """Over real sockets."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        async with running(FaultyServer(faults=_FAULTS[scene])) as server:
            channel = samples.channel(port=server.port, time_limit="600ms")
            try:
                yield channel
            finally:
                await channel.close()

    def consignment(self, reference: str) -> Consignment:
        return samples.consignment(reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        return {
            Reason.RECIPIENT_ADDRESS_INVALID: samples.consignment(address="a@x.test, b@y.test"),
            Reason.MESSAGE_TOO_LARGE: samples.consignment(samples.document(bytes(11_000_000))),
        }


class TestFax(ChannelContract):
    """Over real sockets, to the mail server of a service."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        async with running(FaultyServer(faults=_FAULTS[scene])) as server:
            channel = fax_samples.channel(port=server.port, time_limit="600ms")
            try:
                yield channel
            finally:
                await channel.close()

    def consignment(self, reference: str) -> Consignment:
        return fax_samples.consignment(reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        return {
            Reason.RECIPIENT_ADDRESS_INVALID: fax_samples.consignment(number=None),
            Reason.MESSAGE_TOO_LARGE: fax_samples.consignment(samples.document(bytes(11_000_000))),
        }


class TestFakeChannel(ChannelContract):
    """The fake that tests of the application use."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        scripts: dict[Scene, Step] = {
            Scene.TAKES: HANDED_OVER,
            Scene.ABSENT: NotSent(reason=Reason.SMTP_CONNECT),
            Scene.SAYS_NO: Refused(reason=Reason.SMTP_REFUSED),
            Scene.NOT_OURS: Misconfigured(reason=Reason.SMTP_TLS),
            Scene.GOES_SILENT: asyncio.Event(),
            Scene.MAKES_NO_SENSE: ValueError("what"),
        }
        yield FakeChannel(scripts[scene], time_limit=dt.timedelta(milliseconds=400))

    def consignment(self, reference: str) -> Consignment:
        return samples.consignment(reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        return {Reason.RECIPIENT_ADDRESS_INVALID: samples.consignment(address="")}


def test_every_channel_that_the_project_declares_keeps_the_contract() -> None:
    async def name(suite: ChannelContract) -> str:
        async with suite.scene(Scene.ABSENT) as channel:
            return channel.name

    held = {asyncio.run(name(suite)) for suite in (TestEncryptedEmail(), TestFax())}
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert held == set(project["entry-points"]["gateway.channels"])
