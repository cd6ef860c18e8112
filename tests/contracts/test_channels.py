"""The channel contract, for every channel and the fake."""

import asyncio
import datetime as dt
import tempfile
import tomllib
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from channels.contract import EXPECTED, ChannelContract, Scene
from channels.secure_upload.channel import SecureUpload
from channels.secure_upload.clerks_folder import FilesForClerk
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, Gathered, GivenToPerson, HandedOver
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.parties import ChannelName, ExchangeKind, RecipientChannel
from gateway.domain.problem import NoSuchThing, ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import Channel, Consignment, Prepared
from tests.channels import fax_samples, mailing, samples
from tests.channels.exchange import FakeExchange
from tests.channels.sftp_samples import WAY, UploadsInMemory
from tests.channels.sftp_samples import channel as sftp_channel
from tests.channels.sftp_stand_in import Behaviour
from tests.channels.sftp_stand_in import running as running_sftp
from tests.channels.tus_samples import WAY as TO_TUS
from tests.channels.tus_samples import StandIn, standing_in
from tests.channels.tus_samples import channel as tus_channel
from tests.channels.uploads import FolderThatFails, connect, upload_settings
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel, Step
from tests.real.ports import free_port
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, running
from tests.real.time_limits import ending_once

_FAULTS: dict[Scene, tuple[Fault, ...]] = {
    Scene.TAKES: (),
    Scene.ABSENT: (Fault(At.GREETING, Do.DROP),),
    Scene.SAYS_NO: (Fault(At.RCPT, "550 5.1.1 no such user"),),
    Scene.NOT_OURS: (Fault(At.MAIL, "550 5.7.1 not from you"),),
    Scene.GOES_SILENT: (Fault(At.END, Do.TAKE_AND_HANG),),
    Scene.MAKES_NO_SENSE: (Fault(At.END, "\udcff?"),),
}


def _limit(scene: Scene) -> str:
    """Short where all that it can end is a wait for ever."""
    return "600ms" if scene is Scene.GOES_SILENT else "20s"


class OverSmtp:
    """Over real sockets, to a server that is looked at."""

    server: FaultyServer

    async def silent(self) -> None:
        """See `ChannelContract`."""
        while not self.server.hangs:
            await asyncio.sleep(0)

    @contextmanager
    def without_waiting(self, server: FaultyServer) -> Iterator[None]:
        """What is sent to the server while the block runs ends once it hangs."""
        self.server = server
        with ending_once(lambda: server.hangs):
            yield


class TestEncryptedEmail(OverSmtp, ChannelContract):
    """By mail."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        async with running(FaultyServer(faults=_FAULTS[scene])) as server:
            channel = samples.channel(port=server.port)
            try:
                with self.without_waiting(server):
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


class TestFax(OverSmtp, ChannelContract):
    """To the mail server of a service."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        async with running(FaultyServer(faults=_FAULTS[scene])) as server:
            channel = fax_samples.channel(port=server.port)
            try:
                with self.without_waiting(server):
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


class TestCourier(ChannelContract):
    """It has no far end: whatever happens outside, it gathers."""

    expected = dict.fromkeys(Scene, Gathered)
    service = ChannelName.COURIER

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        yield mailing.mail(self.service, max_packet="1MB")

    def consignment(self, reference: str) -> Consignment:
        return mailing.consignment(reference=reference, service=self.service)

    def spoilt(self) -> dict[Reason, Consignment]:
        sound = replace(samples.document(), media_type="audio/mpeg")
        unreadable = replace(mailing.POSTAL, postal_code="D1A 1A1")
        return {
            Reason.RECIPIENT_ADDRESS_INVALID: mailing.consignment(service=self.service, postal=unreadable),
            Reason.DOCUMENT_MEDIA_TYPE: mailing.consignment(sound, service=self.service),
            Reason.MESSAGE_TOO_LARGE: mailing.consignment(samples.document(bytes(1_000_000)), service=self.service),
        }

    def test_what_broke_off_while_it_was_gathered_certainly_did_not_leave_us(self) -> None:
        assert isinstance(mailing.mail(self.service).look_up("012345678901234567890123"), NotSent)


class TestPriorityPost(TestCourier):
    """The same."""

    service = ChannelName.PRIORITY_POST


class TestRegisteredMail(TestCourier):
    """The same."""

    service = ChannelName.REGISTERED_MAIL


class TestRegularMail(TestCourier):
    """The same."""

    service = ChannelName.REGULAR_MAIL


class TestHandDelivery(ChannelContract):
    """What a person hands over: whatever the scene, nothing is spoken to."""

    expected = dict.fromkeys(Scene, GivenToPerson)

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        yield mailing.by_hand(max_packet="1MB")

    def consignment(self, reference: str) -> Consignment:
        return mailing.hand_consignment(reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        sound = replace(samples.document(), media_type="audio/mpeg")
        return {
            Reason.RECIPIENT_ADDRESS_INVALID: replace(mailing.hand_consignment(), cover=None),
            Reason.DOCUMENT_MEDIA_TYPE: mailing.hand_consignment(sound),
            Reason.MESSAGE_TOO_LARGE: mailing.hand_consignment(samples.document(bytes(1_000_000))),
        }

    def test_what_broke_off_while_it_was_laid_ready_certainly_did_not_leave_us(self) -> None:
        assert isinstance(mailing.by_hand().look_up("0" * 32), NotSent)


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

    mail = (TestCourier(), TestPriorityPost(), TestRegisteredMail(), TestRegularMail())
    own = (TestEncryptedEmail(), TestFax(), TestSecureUpload(), TestHandDelivery())
    held = {asyncio.run(name(suite)) for suite in (*own, *mail)}
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert held == set(project["entry-points"]["gateway.channels"])


class TestSecureUpload(ChannelContract):
    """Over an exchange that behaves as the scene asks."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        exchanges = {
            Scene.TAKES: FakeExchange(),
            Scene.ABSENT: FakeExchange(fails=ServiceDown(Code.DATABASE_UNAVAILABLE)),
            Scene.SAYS_NO: FakeExchange(fails=NoSuchThing(Code.EXCHANGE_ACCOUNT_UNKNOWN)),
            Scene.NOT_OURS: FakeExchange(fails=SetupWrong(Code.SEAL_KEY_UNKNOWN)),
            Scene.GOES_SILENT: FakeExchange(silent=True),
            Scene.MAKES_NO_SENSE: FakeExchange(fails=ZeroDivisionError()),
        }
        yield SecureUpload(
            upload_settings(time_limit=_limit(scene), max_message="1MB"), exchanges[scene], connect(FolderThatFails())
        )

    def consignment(self, reference: str) -> Consignment:
        way = RecipientChannel(type="secure-upload", account="counsel-12345p")
        return samples.consignment(address=way, reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        way = RecipientChannel(type="secure-upload", account="counsel-12345p")
        sound = replace(samples.document(), media_type="audio/mpeg")
        return {
            Reason.EXCHANGE_NO_ACCOUNT: samples.consignment(address=RecipientChannel(type="secure-upload")),
            Reason.DOCUMENT_MEDIA_TYPE: samples.consignment(sound, address=way),
            Reason.MESSAGE_TOO_LARGE: samples.consignment(samples.document(bytes(1_000_000)), address=way),
        }

    def test_each_paper_is_left_byte_for_byte_and_the_same_papers_are_the_same_bytes(self) -> None:
        exchange = FakeExchange()
        channel = SecureUpload(upload_settings(), exchange, connect(FolderThatFails()))
        papers = samples.document(b"%PDF one", "TC6-12345 letter.pdf"), samples.document(b"%PDF two", "TC6-12345 é.pdf")
        way = RecipientChannel(type="secure-upload", account="counsel-12345p")
        prepared = [channel.prepare(samples.consignment(*papers, address=way, reference="r1")) for _ in range(2)]
        assert isinstance(prepared[0], Prepared)
        assert prepared[0] == prepared[1]
        assert isinstance(asyncio.run(channel.send(prepared[0])), HandedOver)
        account, left = exchange.left["r1"]
        assert account == "counsel-12345p"
        assert [(one.name, one.content) for one in left] == [(one.name, one.content) for one in papers]


class TestConnect(ChannelContract):
    """The same channel where the directory names Connect: over a folder that behaves as the scene asks.

    A folder says no to nobody, and a clerk takes whatever lies there.
    """

    expected = EXPECTED | {Scene.TAKES: GivenToPerson, Scene.SAYS_NO: GivenToPerson}

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        fails: dict[Scene, Exception] = {
            Scene.ABSENT: ServiceDown(Code.STORAGE_UNAVAILABLE),
            Scene.NOT_OURS: SetupWrong(Code.SETTINGS_INVALID),
            Scene.MAKES_NO_SENSE: ZeroDivisionError(),
        }
        with tempfile.TemporaryDirectory() as home:
            takes = scene in {Scene.TAKES, Scene.SAYS_NO}
            folder = FilesForClerk(Path(home) / "connect") if takes else FolderThatFails(fails.get(scene))
            settings = upload_settings(time_limit=_limit(scene), max_message="2MB")
            yield SecureUpload(settings, FakeExchange(), connect(folder, max_message=1_000_000))

    def consignment(self, reference: str) -> Consignment:
        return samples.consignment(address=_AT_CONNECT, reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        nobody = replace(_AT_CONNECT, account=None)
        return {
            Reason.EXCHANGE_NO_ACCOUNT: samples.consignment(address=nobody),
            Reason.MESSAGE_TOO_LARGE: samples.consignment(samples.document(bytes(1_000_001)), address=_AT_CONNECT),
        }


_AT_CONNECT = RecipientChannel(type="secure-upload", account="counsel-12345p", exchange=ExchangeKind.CONNECT)


class TestSftp(ChannelContract):
    """The same channel where the directory names a recipient's own server, over real sockets."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        behaviour = Behaviour(
            lets_in=scene is not Scene.NOT_OURS,
            refuses=scene is Scene.SAYS_NO,
            renames={Scene.GOES_SILENT: False, Scene.MAKES_NO_SENSE: None}.get(scene, True),
        )
        with tempfile.TemporaryDirectory() as root:
            async with running_sftp(behaviour, Path(root)) as place:
                there = replace(place, port=free_port()) if scene is Scene.ABSENT else place
                self.renaming = behaviour.renaming
                with ending_once(lambda: scene is Scene.GOES_SILENT and behaviour.renaming.is_set()):
                    yield sftp_channel(there, UploadsInMemory(), max_message="1MB")

    def consignment(self, reference: str) -> Consignment:
        return samples.consignment(address=WAY, reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        sound = replace(samples.document(), media_type="audio/mpeg")
        return {
            Reason.EXCHANGE_NO_ACCOUNT: samples.consignment(address=replace(WAY, account="nobody")),
            Reason.DOCUMENT_MEDIA_TYPE: samples.consignment(sound, address=WAY),
            Reason.MESSAGE_TOO_LARGE: samples.consignment(samples.document(bytes(1_000_000)), address=WAY),
        }

    def test_a_cancelled_send_is_not_called_handed_over_or_unsent(self) -> None:
        """Cancelled when the file was to get its name; before that nothing was handed over."""

        async def play() -> AttemptResult:
            async with self.scene(Scene.GOES_SILENT) as channel:
                sending = asyncio.create_task(channel.send(self._prepared(channel)))
                await self.renaming.wait()
                sending.cancel()
                return await sending

        assert isinstance(asyncio.run(play()), MaybeSent)

    def test_what_is_cancelled_before_did_not_leave_us(self) -> None:
        async def play() -> AttemptResult:
            async with self.scene(Scene.TAKES) as channel:
                sending = asyncio.create_task(channel.send(self._prepared(channel)))
                await asyncio.sleep(0)
                sending.cancel()
                return await sending

        assert isinstance(asyncio.run(play()), NotSent)


class TestTus(ChannelContract):
    """The same channel where the directory names a recipient's own exchange by tus, over real sockets."""

    @asynccontextmanager
    async def scene(self, scene: Scene) -> AsyncGenerator[Channel]:
        exchanges = {
            Scene.SAYS_NO: StandIn(fails={"POST": (403, 9)}),
            Scene.NOT_OURS: StandIn(token_status=401),
            Scene.GOES_SILENT: StandIn(hangs=True),
            Scene.MAKES_NO_SENSE: StandIn(fails={"PATCH": (599, 9)}),
        }
        self.exchange = exchanges.get(scene, StandIn())
        with tempfile.TemporaryDirectory() as home:
            async with standing_in(self.exchange, Path(home)) as place:
                nowhere = f"http://127.0.0.1:{free_port()}/files"
                there = replace(place, url=nowhere) if scene is Scene.ABSENT else place
                with ending_once(lambda: scene is Scene.GOES_SILENT and self.exchange.taken.is_set()):
                    yield tus_channel(there, UploadsInMemory(), max_message="1MB")

    def consignment(self, reference: str) -> Consignment:
        return samples.consignment(address=TO_TUS, reference=reference)

    def spoilt(self) -> dict[Reason, Consignment]:
        return {
            Reason.EXCHANGE_NO_ACCOUNT: samples.consignment(address=replace(TO_TUS, account="nobody")),
            Reason.MESSAGE_TOO_LARGE: samples.consignment(samples.document(bytes(1_000_000)), address=TO_TUS),
        }

    def test_a_cancelled_send_is_not_called_handed_over_or_unsent(self) -> None:
        """Cancelled when the last part had come there."""

        async def play() -> AttemptResult:
            async with self.scene(Scene.GOES_SILENT) as channel:
                sending = asyncio.create_task(channel.send(self._prepared(channel)))
                await self.exchange.taken.wait()
                sending.cancel()
                return await sending

        assert isinstance(asyncio.run(play()), MaybeSent)
