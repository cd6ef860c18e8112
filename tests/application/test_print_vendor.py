"""A print and mail vendor over a real SFTP server: sealed for its key, put once, accounted for item by item."""

import datetime as dt
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from channels.print_vendor.by_sftp import SftpPrintVendor
from channels.print_vendor.vendor_file import VendorFile, read_vendor
from gateway.application import contexts
from gateway.application.evidence.printing import PrintingMembers
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.mail_room.vendor import OrderPrinting
from gateway.application.mail_room.vendor_answers import TakeVendorAnswers
from gateway.application.mail_room.vendor_withdrawals import WithdrawFromVendor
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState, needs_person
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.manifest import BatchedItem
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import Language
from gateway.domain.print_order import PrintEvent, PrintOrder, PrintOutcome, PrintState, reconciled
from gateway.domain.problem import InputRefused, ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling
from gateway.ports.printing import SignedAnswers
from keys import enveloped
from keys.cades import SigningKey, sign
from keys.cms.reading import read_signed_data
from keys.document_signer import CadesSigner
from keys.feed_protection import FeedEnvelopes
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.application.test_mail_room_at_random import Failing, PowerFailed
from tests.channels.scan_samples import carrier_list
from tests.keys.pki import Authority, Order, rsa_key
from tests.real import sshd

pytestmark = pytest.mark.real

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TABLE = """
host = "127.0.0.1"
port = {port}
username = "{user}"
key_file = "{key}"
host_keys = ["{host_key}"]
folder = "batches"
answers = "answers"
certificate = "vendor.pem"
channels = ["courier"]
"""


@dataclass
class Shop:
    """The vendor's side, and ours."""

    on: MailRoomStage
    server: sshd.Sshd
    file: VendorFile
    key: SigningKey

    @property
    def order(self) -> OrderPrinting:
        """Ours."""
        return self.order_by(SftpPrintVendor(self.file))

    def order_by(self, vendor: SftpPrintVendor) -> OrderPrinting:
        """The same by that line to the vendor."""
        return OrderPrinting(
            database=self.on.database,
            vault=self.on.vault,
            files=self.on.files,
            protection=FeedEnvelopes(signer=self.ours, check=lambda *_: None, receiver=self.der, acknowledger=self.der),
            vendor=vendor,
            language=Language.EN,
            clock=self.on.clock,
        )

    @property
    def answers(self) -> TakeVendorAnswers:
        """Ours."""
        return self.answers_by(
            FeedEnvelopes(signer=self.ours, check=lambda *_: None, receiver=b"", acknowledger=self.der)
        )

    @property
    def der(self) -> bytes:
        """The vendor's certificate."""
        return self.key.certificate.public_bytes(Encoding.DER)

    @property
    def ours(self) -> CadesSigner:
        """Our signature."""
        return CadesSigner(OwnKeyName.PACKAGE_ACCEPTANCE, lambda: self.on.acceptance)

    def answers_by(self, signed: SignedAnswers | None) -> TakeVendorAnswers:
        """The same, of a vendor that signs so, or nothing."""
        take_out = TakeOut(database=self.on.database, vault=self.on.vault, clock=self.on.clock)
        vendor = SftpPrintVendor(self.file)
        withdraw = WithdrawFromVendor(
            database=self.on.database, vault=self.on.vault, vendor=vendor, clock=self.on.clock
        )
        return TakeVendorAnswers(
            database=self.on.database,
            vault=self.on.vault,
            vendor=vendor,
            take_out=take_out,
            signed=signed,
            withdraw=withdraw,
            clock=self.on.clock,
        )

    @property
    def batches(self) -> Path:
        """The folder we put things into."""
        return self.server.home / "batches"

    def closed(self, count: int) -> list[BatchedItem]:
        """Items on a manifest that the vendor is to make."""
        self.on.gather(count)
        return list(self.on.close_items())

    def standing(self, item: BatchedItem) -> PrintOrder:
        """How the order stands."""
        with self.on.database.read() as tx:
            order = tx.print_orders.get(item.manifest or "")
        assert order is not None
        return order

    def fetch(self) -> dict[str, bytes]:
        """The vendor takes away what the slip names, checks it, and opens it with its own key."""
        found: dict[str, bytes] = {}
        for slip in list(self.batches.glob("*-slip.json")):
            for one in json.loads(slip.read_text())["volumes"]:
                volume = self.batches / one["name"]
                content = volume.read_bytes()
                assert sha256(content) == one["digest"]
                signed = read_signed_data(
                    enveloped.decrypt(content, key=self.key.private_key, certificate=self.key.certificate)
                )
                with zipfile.ZipFile(io.BytesIO(signed.content or b"")) as archive:
                    found |= {name: archive.read(name) for name in archive.namelist()}
            for one in self.batches.glob(f"{slip.name.removesuffix('-slip.json')}*"):
                one.unlink()  # nothing before its slip is there
        return found

    def answer(
        self,
        items: Sequence[BatchedItem],
        *events: tuple[int, str],
        name: str = "answer.p7m",
        key: SigningKey | None = None,
        signed: bool = True,
    ) -> None:
        """What the vendor, or whoever has that key, says of items by their places in the list."""
        lines = [f"{items[place].manifest},{items[place].piece},{event}" for place, event in events]
        told = "\n".join(["manifest,piece,event", *lines, ""]).encode()
        file = self.server.home / "answers" / name
        file.write_bytes(self.signed(told, key) if signed else told)

    def signed(self, told: bytes, key: SigningKey | None = None) -> bytes:
        """As the vendor signs."""
        return sign(told, signer=key or self.key, at=self.on.clock.now(), detached=False)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    key = Authority.root().signer(
        Order(name="Print vendor", uses=("digital_signature", "key_encipherment")), rsa_key("print", 2048)
    )
    with sshd.running(tmp_path / "sshd") as server:
        (server.home / "batches").mkdir()
        (server.home / "answers").mkdir()
        (tmp_path / "vendor.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
        table = TABLE.format(port=server.port, user=server.user, key=server.client_key, host_key=server.host_key)
        (tmp_path / "vendor.toml").write_text(table)
        on = MailRoomStage(tmp_path)
        on.terms[on.service] = replace(on.terms[on.service], printed_by_vendor=True)
        yield Shop(on=on, server=server, file=read_vendor(tmp_path, "vendor.toml"), key=key)
        on.close()


def test_a_closed_manifest_is_sealed_for_the_vendor_and_its_slip_comes_last(shop: Shop) -> None:
    items = shop.closed(2)
    assert shop.order().done == 1
    assert shop.standing(items[0]).state is PrintState.PUT
    number = items[0].manifest
    assert {one.name for one in shop.batches.iterdir() if one.suffix != ".sha256"} == {
        f"{number}-001.p7m",
        f"{number}-slip.json",
    }
    everything = b"".join(one.read_bytes() for one in shop.batches.iterdir())
    assert items[0].reference.encode() not in everything, "sealed"
    files = shop.fetch()
    assert {f"{number}.pdf", f"{number}.csv", f"{number}-0001.pdf", f"{number}-0002.pdf"} <= set(files)
    assert items[0].reference.encode() in files[f"{number}-0001.pdf"]
    assert shop.order().done == 0, "and not again"
    assert {shop.on.delivery(one.delivery).state for one in items} == {DeliveryState.BATCHED}


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("at", range(1, 6))
def test_after_a_crash_at_any_commit_the_vendor_prints_it_once(shop: Shop, at: int, committed: bool) -> None:
    items = shop.closed(2)
    real = shop.on.database
    shop.on.database = Failing(real, at=at, committed=committed)  # type: ignore[assignment]
    try:
        shop.order()
    except PowerFailed:
        pass
    finally:
        shop.on.database = real
    fetched = [shop.fetch()]  # whatever lies there by then
    for _ in range(4):
        shop.on.clock.move(HOUR)
        shop.order()
        fetched.append(shop.fetch())
    printed = Counter(name for one in fetched for name in one)
    assert printed[f"{items[0].manifest}-0001.pdf"] == 1
    assert shop.standing(items[0]).state is PrintState.PUT


def test_a_slip_that_broke_off_is_put_again_only_when_nobody_fetched_for_an_hour(shop: Shop) -> None:
    (item,) = shop.closed(1)
    shop.order()
    slip = shop.batches / f"{item.manifest}-slip.json"
    slip.unlink()
    with shop.on.database.write() as tx:
        order = tx.print_orders.get(item.manifest or "", lock=True)
        assert order is not None
        tx.print_orders.save(replace(order, state=PrintState.ASKED, next_at=shop.on.clock.now()))
    shop.order()
    assert not slip.exists()
    shop.on.clock.move(HOUR)
    shop.order()
    assert slip.exists()


def test_a_server_that_is_away_or_another_is_told_and_nothing_is_lost(shop: Shop) -> None:
    (item,) = shop.closed(1)
    shop.server.kill()
    assert isinstance(shop.order().stopped, ServiceDown)
    shop.server.start()
    shop.on.clock.move(HOUR)
    assert shop.order().done == 1
    assert shop.standing(item).state is PrintState.PUT


class SlowVendor(SftpPrintVendor):
    """Something happens while a volume is being put."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def put(self, name: str, content: bytes) -> None:
        """See `PrintVendor`."""
        super().put(name, content)
        happens, self.meanwhile = self.meanwhile, lambda: None
        happens()


def volumes(shop: Shop) -> set[str]:
    return {one.name for one in shop.batches.iterdir() if one.suffix == ".p7m"}


def taken_out(shop: Shop, item: BatchedItem) -> None:
    shop.on.resolve(item.delivery, Action.CANCEL, actor="clerk", reason="It was issued by mistake.")


def test_what_is_taken_out_while_the_line_is_down_is_not_in_what_the_vendor_gets(shop: Shop) -> None:
    gone, kept = shop.closed(2)
    shop.server.kill()
    assert isinstance(shop.order().stopped, ServiceDown)
    taken_out(shop, gone)
    shop.server.start()
    shop.on.clock.move(HOUR)
    assert shop.order().done == 1
    assert volumes(shop) == {f"{kept.manifest}-002.p7m"}
    files = shop.fetch()
    assert f"{kept.manifest}-0002.pdf" in files
    assert f"{kept.manifest}-0001.pdf" not in files
    assert gone.reference.encode() not in files[f"{kept.manifest}.json"]


def test_what_is_taken_out_while_volumes_are_put_leaves_the_vendors_folder_before_a_slip_names_it(shop: Shop) -> None:
    gone, kept = shop.closed(2)
    vendor = SlowVendor(shop.file)
    vendor.meanwhile = lambda: taken_out(shop, gone)
    order = shop.order_by(vendor)
    order()
    assert not list(shop.batches.glob("*-slip.json"))
    order()
    assert volumes(shop) == {f"{kept.manifest}-002.p7m"}
    assert f"{kept.manifest}-0001.pdf" not in shop.fetch()
    assert shop.standing(kept).state is PrintState.PUT


def test_of_a_manifest_from_which_everything_was_taken_out_the_vendor_gets_nothing(shop: Shop) -> None:
    (item,) = shop.closed(1)
    taken_out(shop, item)
    shop.order()
    assert list(shop.batches.iterdir()) == []
    assert shop.standing(item).state is PrintState.ANSWERED


def test_what_is_taken_out_once_the_vendor_has_it_calls_a_person_and_tells_the_vendor_once(shop: Shop) -> None:
    gone, kept = shop.closed(2)
    shop.order()
    assert shop.answers() == Counter()
    taken_out(shop, gone)
    for _ in range(2):
        shop.answers()
    told = shop.batches / f"{gone.manifest}-withdraw-0001.json"
    assert json.loads(told.read_text()) == {
        "schema": "volume-withdrawal/1",
        "manifest": gone.manifest,
        "place": 1,
    }
    with shop.on.database.read() as tx:
        (waiting,) = tx.incoming.find(handling=Handling.FOR_PERSON, limit=10)
    assert (waiting.finding, waiting.delivery) == (Finding.PRINT_WITHDRAWN, gone.delivery)
    shop.answer([gone, kept], (0, "printed"), (1, "printed"))
    shop.answers()
    assert shop.standing(kept).state is PrintState.ANSWERED


def test_a_person_is_called_while_the_vendor_is_away(shop: Shop) -> None:
    (item,) = shop.closed(1)
    shop.order()
    taken_out(shop, item)
    shop.server.kill()
    with pytest.raises(ServiceDown):
        shop.answers()
    with shop.on.database.read() as tx:
        assert len(tx.incoming.find(handling=Handling.FOR_PERSON, limit=10)) == 1


def test_who_takes_longer_than_their_lease_puts_nothing_more(shop: Shop) -> None:
    items = shop.closed(2)
    fetched = []

    def another_goes_on() -> None:
        shop.on.clock.move(HOUR)
        assert shop.order().done == 1
        fetched.append(shop.fetch())

    vendor = SlowVendor(shop.file)
    vendor.meanwhile = another_goes_on
    assert shop.order_by(vendor)().done == 0
    fetched.append(shop.fetch())
    printed = Counter(name for one in fetched for name in one)
    assert printed[f"{items[0].manifest}-0001.pdf"] == 1
    assert not list(shop.batches.glob("*-slip.json"))
    assert shop.standing(items[0]).state is PrintState.PUT


def test_the_answer_is_reconciled_item_by_item(shop: Shop) -> None:
    items = shop.closed(5)
    shop.order()
    kept = shop.on.objects()
    shop.answer(items, (0, "printed"), (1, "spoiled"), (2, "printed"), (2, "printed"), (4, "spoiled"), (4, "printed"))
    assert shop.answers() == {
        PrintOutcome.PRINTED: 2,
        PrintOutcome.SPOILED: 1,
        PrintOutcome.TWICE: 1,
        PrintOutcome.MISSING: 1,
    }
    after = [shop.on.delivery(one.delivery) for one in items]
    assert [(one.state, one.reason) for one in after] == [
        (DeliveryState.BATCHED, None),
        (DeliveryState.READY, Reason.MAIL_UNFIT),
        (DeliveryState.BATCHED, Reason.MAIL_PRINT_DOUBTED),
        (DeliveryState.BATCHED, Reason.MAIL_PRINT_DOUBTED),
        (DeliveryState.BATCHED, None),
    ]
    assert [needs_person(one) for one in after] == [False, False, True, True, False]
    assert shop.on.objects() <= kept, "what was put there is kept no longer; the account is, as it came and as it reads"
    assert list((shop.server.home / "answers").iterdir()) == []
    shop.on.deliver()
    (again,) = shop.on.waiting()
    assert (again.delivery, again.reference != items[1].reference) == (items[1].delivery, True)


def test_the_account_is_kept_as_it_came_and_each_delivery_has_its_line_of_it(shop: Shop) -> None:
    items = shop.closed(2)
    shop.order()
    shop.answer(items, (0, "printed"), (1, "spoiled"), (1, "printed"))
    came = (shop.server.home / "answers" / "answer.p7m").read_bytes()
    shop.answers()
    order = shop.standing(items[0])
    with shop.on.database.read() as tx:
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        (event,) = tx.records.events_besides(EventName.PRINTING_ANSWERED)
    assert shop.on.vault.get(key, contexts.print_account(order.manifest), order.account or "") == came
    assert (event.facts["account"], event.facts["answer"]) == (sha256(came), order.answer)
    members = PrintingMembers(database=shop.on.database, vault=shop.on.vault)
    for item, told in zip(items, (["printed"], ["spoiled", "printed"]), strict=True):
        attempts = shop.on.attempts(item.delivery)
        own = members(attempts, everybody=False)
        line = json.loads(own["receipts/printed-01.json"])
        assert list(own) == ["receipts/printed-01.json"], "the account itself tells of the other envelope"
        assert (line["piece"], line["events"], line["account"], line["signed"]) == (
            item.piece,
            told,
            sha256(came),
            True,
        )
        assert members(attempts, everybody=True)["receipts/printed-01.p7m"] == came


def test_the_same_answer_again_changes_nothing_and_another_waits_for_a_person(shop: Shop) -> None:
    items = shop.closed(2)
    shop.order()
    shop.answer(items, (0, "printed"), (1, "printed"))
    shop.answers()
    shop.answer(items, (0, "printed"), (1, "printed"))
    assert shop.answers() == Counter()
    shop.answer(items, (0, "printed"))
    with pytest.raises(InputRefused):
        shop.answers()
    assert len(list((shop.server.home / "answers").iterdir())) == 1
    assert not needs_person(shop.on.delivery(items[1].delivery))


@pytest.mark.parametrize("text", ["", "manifest,piece,event\n", "manifest,piece,event\nM1,P1,lost\n", "a,b\nc,d\n"])
def test_an_answer_that_cannot_be_read_holds_no_other_up(shop: Shop, text: str) -> None:
    items = shop.closed(1)
    shop.order()
    (shop.server.home / "answers" / "a-broken.csv").write_bytes(shop.signed(text.encode()))
    shop.answer(items, (0, "printed"), name="b.csv")
    with pytest.raises(InputRefused):
        shop.answers()
    assert shop.standing(items[0]).state is PrintState.ANSWERED
    assert [one.name for one in (shop.server.home / "answers").iterdir()] == ["a-broken.csv"]


def test_what_left_already_and_is_said_to_be_spoiled_calls_a_person(shop: Shop) -> None:
    items = shop.closed(1)
    shop.order()
    shop.on.hand_over(items[0].manifest or "", at=shop.on.clock.now(), signed=SIGNED, actor="clerk")
    shop.answer(items, (0, "spoiled"))
    shop.answers()
    after = shop.on.delivery(items[0].delivery)
    assert (after.state, after.reason) == (DeliveryState.HANDED_OVER, Reason.MAIL_PRINT_DOUBTED)


def test_an_account_that_another_or_nobody_signed_lies_there_and_moves_nothing(shop: Shop) -> None:
    items = shop.closed(1)
    shop.order()
    other = Authority.root().signer(Order(name="Another", uses=("digital_signature",)), rsa_key("print", 2048))
    for how in ({"key": other}, {"signed": False}):
        shop.answer(items, (0, "spoiled"), **how)
        with pytest.raises(InputRefused):
            shop.answers()
    assert shop.standing(items[0]).state is PrintState.PUT
    assert shop.on.delivery(items[0].delivery).state is DeliveryState.BATCHED


def test_nothing_is_printed_anew_on_the_word_of_a_vendor_that_signs_nothing(shop: Shop) -> None:
    items = shop.closed(2)
    shop.order()
    shop.answer(items, (0, "printed"), (1, "spoiled"), signed=False)
    assert shop.answers_by(None)() == {PrintOutcome.PRINTED: 1, PrintOutcome.SPOILED: 1}
    after = shop.on.delivery(items[1].delivery)
    assert (after.state, after.reason) == (DeliveryState.BATCHED, Reason.MAIL_PRINT_DOUBTED)
    assert len(shop.on.attempts(items[1].delivery)) == 1


def test_what_was_spoiled_is_made_anew_only_once_the_vendor_was_told_not_to_mail_it(shop: Shop) -> None:
    items = shop.closed(1)
    shop.order()
    shop.answer(items, (0, "spoiled"))
    raw = next((shop.server.home / "answers").iterdir()).read_bytes()
    shop.server.kill()
    with pytest.raises(ServiceDown):
        shop.answers.take(raw)
    assert shop.on.delivery(items[0].delivery).state is DeliveryState.BATCHED
    shop.server.start()
    shop.answers()
    assert (shop.batches / f"{items[0].manifest}-withdraw-0001.json").exists()
    assert shop.on.delivery(items[0].delivery).state is DeliveryState.READY


def test_what_a_carrier_was_seen_to_have_is_not_made_anew(shop: Shop) -> None:
    items = shop.closed(1)
    shop.order()
    seen = (shop.on.clock.now() - MINUTE).isoformat()
    shop.on.import_scans(carrier_list([items[0].piece or "", "never heard of", seen]), actor="clerk")
    assert shop.on.delivery(items[0].delivery).state is DeliveryState.BATCHED, "a code that nobody knows moves nothing"
    shop.answer(items, (0, "spoiled"))
    shop.answers()
    after = shop.on.delivery(items[0].delivery)
    assert (after.state, after.reason) == (DeliveryState.BATCHED, Reason.MAIL_PRINT_DOUBTED)


def test_no_vendor_accounts_for_what_no_slip_names(shop: Shop) -> None:
    items = shop.closed(1)
    shop.answer(items, (0, "spoiled"))
    with pytest.raises(InputRefused):
        shop.answers()
    assert shop.on.delivery(items[0].delivery).state is DeliveryState.BATCHED


def test_the_vendors_folders_are_looked_into_and_nothing_is_taken(shop: Shop) -> None:
    items = shop.closed(1)
    shop.order()
    shop.answer(items, (0, "printed"))
    shop.answers.check()
    assert len(list((shop.server.home / "answers").iterdir())) == 1
    assert shop.standing(items[0]).state is PrintState.PUT
    shop.server.kill()
    with pytest.raises(ServiceDown):
        shop.answers.check()


def test_a_stranger_piece_moves_nothing() -> None:
    outcomes, strangers = reconciled(["a"], [("a", PrintEvent.PRINTED), ("b", PrintEvent.PRINTED)])
    assert (outcomes, strangers) == ({"a": PrintOutcome.PRINTED}, ["b"])


@pytest.mark.parametrize(
    ("change", "where"),
    [('channels = ["courier"]', "channels = []"), ('channels = ["courier"]', 'channels = ["fax"]'), ("folder", "fldr")],
)
def test_a_wrong_file_of_the_vendor_is_refused_with_its_place(
    shop: Shop, tmp_path: Path, change: str, where: str
) -> None:
    wrong = (tmp_path / "vendor.toml").read_text().replace(change, where)
    (tmp_path / "wrong.toml").write_text(wrong)
    with pytest.raises((SetupWrong, ValueError)):
        read_vendor(tmp_path, "wrong.toml")
