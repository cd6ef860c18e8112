"""Uploads to a recipient's own server by SFTP, against the real server of OpenSSH."""

import asyncio
import hashlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from channels.secure_upload.channel import SecureUpload
from channels.secure_upload.receipt_files import ReceiptFiles
from channels.sftp.mailbox import SftpMailbox
from channels.sftp.settings import SftpPlace
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import Misconfigured, NotSent, Refused
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Prepared
from tests.channels import samples
from tests.channels.sftp_samples import ACCOUNT, WAY, UploadsInMemory, channel, others
from tests.real import need, sshd
from tests.real.small_disk import small_disk

pytestmark = pytest.mark.real

TOKEN = "0123456789abcdef0123456789abcdef"
NAME = f"TC6-12345_RPD_Decision_2026-11-20_{TOKEN}.zip"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path / "sshd") as running:
        (running.home / "inbox").mkdir()
        (running.home / "receipts").mkdir()
        yield running


@pytest.fixture
def uploads() -> UploadsInMemory:
    return UploadsInMemory()


@pytest.fixture
def sending(server: sshd.Sshd, uploads: UploadsInMemory, tmp_path: Path) -> SecureUpload:
    return channel(others(tmp_path, server).sftp[ACCOUNT], uploads)


def prepared(sending: SecureUpload, size: int = 2000, way: RecipientChannel = WAY) -> Prepared:
    paper = samples.document(b"%PDF-1.7 " + bytes(size), "TC6-12345_RPD_Decision_2026-11-20.pdf")
    ready = sending.prepare(samples.consignment(paper, address=way, reference=TOKEN))
    assert isinstance(ready, Prepared)
    return ready


def send(sending: SecureUpload, ready: Prepared) -> AttemptResult:
    return asyncio.run(sending.send(ready))


def lying(server: sshd.Sshd) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (server.home / "inbox").iterdir()}


def test_the_papers_lie_there_whole_under_a_name_of_the_board_beside_their_checksum(
    server: sshd.Sshd, sending: SecureUpload, uploads: UploadsInMemory
) -> None:
    ready = prepared(sending)
    assert isinstance(send(sending, ready), HandedOver)
    assert lying(server).keys() == {NAME, f"{NAME}.sha256"}
    assert lying(server)[NAME] == ready.payload
    assert all(samples.PERSON not in name for name in lying(server))
    checked = subprocess.run(
        [need.program("sha256sum", "coreutils"), "-c", f"{NAME}.sha256"], cwd=server.home / "inbox", check=False
    )
    assert checked.returncode == 0
    assert uploads.kept[TOKEN].account == ACCOUNT


def test_the_same_again_uploads_nothing_and_is_shown_to_lie_there(server: sshd.Sshd, sending: SecureUpload) -> None:
    ready = prepared(sending)
    send(sending, ready)
    left = server.home / "inbox" / NAME
    before = left.stat()
    assert isinstance(send(sending, ready), HandedOver)
    assert (left.stat().st_ino, left.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert isinstance(sending.look_up(TOKEN), HandedOver)


def test_a_server_killed_in_the_middle_gets_the_rest_when_it_is_back(server: sshd.Sshd, sending: SecureUpload) -> None:
    """It keeps what came so far; the next try reads that back and goes on from there."""
    ready, part = prepared(sending, 60_000_000), server.home / "inbox" / f"{NAME}.part"

    def kill_in_the_middle() -> None:
        ends = time.monotonic() + 60
        while not (part.exists() and part.stat().st_size > 1_000_000):
            assert time.monotonic() < ends, "the upload never began"
            time.sleep(0.001)
        server.kill()

    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    cut = send(sending, ready)
    killer.join()
    assert cut == NotSent(reason=Reason.EXCHANGE_CUT, words=cut.words)
    begun = part.stat()
    assert 0 < begun.st_size < len(ready.payload)
    assert send(sending, ready) == NotSent(reason=Reason.EXCHANGE_UNREACHABLE, words=send(sending, ready).words)
    assert sending.look_up(TOKEN) is None, "a server that is away tells nothing"
    server.start()
    assert isinstance(sending.look_up(TOKEN), NotSent)
    assert isinstance(send(sending, ready), HandedOver)
    whole = server.home / "inbox" / NAME
    assert whole.stat().st_ino == begun.st_ino, "it was begun anew"
    assert hashlib.sha256(whole.read_bytes()).digest() == hashlib.sha256(ready.payload).digest()
    assert not part.exists()


@pytest.mark.parametrize("there", [b"not ours at all", b"", b"x" * 100_000])
def test_what_lies_under_the_temporary_name_is_compared_and_never_trusted(
    server: sshd.Sshd, sending: SecureUpload, there: bytes
) -> None:
    (server.home / "inbox" / f"{NAME}.part").write_bytes(there)
    ready = prepared(sending)
    assert isinstance(send(sending, ready), HandedOver)
    assert lying(server)[NAME] == ready.payload


def test_what_lies_under_our_own_name_is_never_overwritten(server: sshd.Sshd, sending: SecureUpload) -> None:
    (server.home / "inbox" / NAME).write_bytes(b"somebody else's")
    assert send(sending, prepared(sending)) == Refused(reason=Reason.EXCHANGE_DIFFERS)
    assert lying(server)[NAME] == b"somebody else's"


def test_a_changed_host_key_is_told_apart_and_nothing_is_sent(
    server: sshd.Sshd, sending: SecureUpload, uploads: UploadsInMemory, tmp_path: Path
) -> None:
    server.kill()
    server.become_another()
    server.start()
    result = send(sending, prepared(sending))
    assert isinstance(result, Refused)
    assert result.reason is Reason.EXCHANGE_HOST_KEY
    assert lying(server) == {}
    assert "Accepted" not in (server.folder / "log").read_text(), "our key was shown to another machine"
    found = others(tmp_path, server).sftp[ACCOUNT]
    with pytest.raises(SetupWrong) as met, SftpMailbox(ACCOUNT, found).visit():
        pass
    assert met.value.code is Code.SFTP_HOST_KEY
    another_kind = channel(replace(found, host_keys=(_rsa(tmp_path),)), uploads)
    assert getattr(send(another_kind, prepared(sending)), "reason", None) is Reason.EXCHANGE_HOST_KEY


def _rsa(folder: Path) -> asyncssh.SSHKey:
    return asyncssh.import_public_key(sshd.new_key(folder / "another", "rsa"))


def test_a_key_that_is_not_let_in_is_our_fault(server: sshd.Sshd, sending: SecureUpload) -> None:
    (server.folder / "authorized").write_text("")
    result = send(sending, prepared(sending))
    assert isinstance(result, Misconfigured)
    assert result.reason is Reason.EXCHANGE_AUTHENTICATION


def test_a_folder_that_is_missing_is_a_refusal(server: sshd.Sshd, sending: SecureUpload) -> None:
    (server.home / "inbox").rmdir()
    result = send(sending, prepared(sending))
    assert isinstance(result, Refused)
    assert result.reason is Reason.EXCHANGE_REFUSED


def test_a_full_disk_is_told_and_when_there_is_room_again_the_file_is_whole(
    tmp_path: Path, uploads: UploadsInMemory
) -> None:
    with small_disk(tmp_path / "disk") as disk, sshd.running(tmp_path / "sshd", disk.path) as server:
        (disk.path / "inbox").mkdir()
        sending = channel(others(tmp_path, server).sftp[ACCOUNT], uploads)
        ready = prepared(sending, 3_000_000)
        disk.leave(1_000_000)
        result = send(sending, ready)
        assert (type(result), result.reason) == (NotSent, Reason.EXCHANGE_FULL)  # type: ignore[union-attr]
        assert NAME not in lying(server)
        disk.empty()
        assert isinstance(send(sending, ready), HandedOver)
        assert lying(server)[NAME] == ready.payload
        server.kill()


def test_what_was_there_and_is_gone_may_have_been_taken_and_nobody_says_it_was_not(
    server: sshd.Sshd, sending: SecureUpload
) -> None:
    send(sending, prepared(sending))
    (server.home / "inbox" / NAME).unlink()
    assert sending.look_up(TOKEN) is None


def test_nothing_left_us_before_the_upload_was_kept(sending: SecureUpload) -> None:
    assert isinstance(sending.look_up(TOKEN), NotSent)


def test_receipt_files_are_taken_in_and_let_go_of(
    server: sshd.Sshd, sending: SecureUpload, uploads: UploadsInMemory, tmp_path: Path
) -> None:
    ready = prepared(sending)
    send(sending, ready)
    told = {"reference": TOKEN, "sha256": hashlib.sha256(ready.payload).hexdigest(), "at": "2026-11-23T13:00:00-05:00"}
    for number, receipt in enumerate(("stored", "taken")):
        (server.home / "receipts" / f"{number}.json").write_text(json.dumps(told | {"receipt": receipt}))
    (server.home / "receipts" / "2.json.part").write_text("{")
    os.mkfifo(server.home / "receipts" / "3.json")
    place = others(tmp_path, server).receipts[ACCOUNT]
    assert isinstance(place, SftpPlace)
    mailbox = SftpMailbox("receipts", place)
    with mailbox.visit() as visit:
        arrivals = visit.arrivals()
        raw = [visit.read(one, 10_000) for one in arrivals]
        assert visit.read(arrivals[0], 3) == (raw[0] or b"")[:4]
        visit.let_go(arrivals[0])
        visit.let_go(arrivals[0])
        assert visit.read(arrivals[0], 10) is None
    assert not (server.home / "receipts" / "0.json").exists()
    readings = [ReceiptFiles(ACCOUNT, uploads).read(one or b"") for one in raw]
    assert [one.reports[0].finding for one in readings] == [Finding.LEFT, Finding.TAKEN]
    assert {one.tokens for one in readings} == {(TOKEN,)}
    another = ReceiptFiles("another", uploads).read(raw[1] or b"")
    assert (another.reports[0].finding, another.tokens) == (Finding.OTHER_CONTENT, ())


def test_a_receipt_of_other_bytes_proves_nothing(uploads: UploadsInMemory, sending: SecureUpload) -> None:
    send(sending, prepared(sending))
    told = {"receipt": "taken", "reference": TOKEN, "sha256": "0" * 64, "at": "2026-11-23T13:00:00-05:00"}
    reading = ReceiptFiles(ACCOUNT, uploads).read(json.dumps(told).encode())
    assert reading.reports[0].finding is Finding.OTHER_CONTENT


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b"[" * 20_000, b'{"receipt": "taken"}'])
def test_what_is_no_receipt_is_for_a_person(uploads: UploadsInMemory, raw: bytes) -> None:
    assert ReceiptFiles(ACCOUNT, uploads).read(raw).reports[0].finding is Finding.UNREADABLE


def test_a_server_that_is_away_is_a_service_down(server: sshd.Sshd, tmp_path: Path) -> None:
    place = others(tmp_path, server).sftp[ACCOUNT]
    server.kill()
    with pytest.raises(ServiceDown), SftpMailbox(ACCOUNT, place).visit():
        pass


@pytest.mark.parametrize(
    "changes",
    [
        {"host_keys": []},
        {"host_keys": ["ssh-ed25519 AAAA"]},
        {"machine": "carrier"},
        {"machine": None},
        {"password": "secret"},
        {"key_file": "nowhere"},
        {"folder": ""},
    ],
)
def test_the_file_of_exchanges_is_read_strictly(server: sshd.Sshd, tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(SetupWrong) as met:
        others(tmp_path, server, **changes)
    assert met.value.code is Code.SETTINGS_INVALID
    assert "secret" not in str(met.value)


def test_a_key_that_others_may_read_is_not_used(server: sshd.Sshd, tmp_path: Path) -> None:
    server.client_key.chmod(0o640)
    with pytest.raises(Problem) as met:
        others(tmp_path, server)
    assert met.value.code is Code.SEAL_KEY_PERMISSIONS


def test_an_account_that_the_file_does_not_name_is_refused_before_anything_is_made(sending: SecureUpload) -> None:
    nobody = replace(WAY, account="somebody-else")
    assert sending.prepare(samples.consignment(address=nobody)) == Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)


def test_what_lies_there_is_taken_back_whole_or_not_and_what_is_gone_is_told_as_that(
    server: sshd.Sshd, sending: SecureUpload
) -> None:
    ready = prepared(sending)
    send(sending, ready)
    assert sending.take_back(TOKEN) is TakenBack.REMOVED
    assert lying(server) == {}
    assert sending.take_back(TOKEN) is TakenBack.NOT_THERE
    (server.home / "inbox" / f"{NAME}.part").write_bytes(b"PK")
    assert (sending.take_back(TOKEN), lying(server)) == (TakenBack.REMOVED, {})
    assert sending.take_back("f" * 32) is TakenBack.BEYOND, "nothing of ours ever went there"


def test_what_cannot_be_taken_back_now_is_asked_again_and_what_never_can_is_not(
    server: sshd.Sshd, sending: SecureUpload
) -> None:
    send(sending, prepared(sending))
    inbox = server.home / "inbox"
    inbox.chmod(0o555)
    refused = sending.take_back(TOKEN)
    inbox.chmod(0o755)
    assert refused in ({TakenBack.REMOVED} if os.geteuid() == 0 else {TakenBack.BEYOND})
    server.kill()
    assert sending.take_back(TOKEN) is TakenBack.UNANSWERED
