"""Uploads to a recipient's own exchange by tus 1.0: against its reference server, and what that one never does."""

import asyncio
import datetime as dt
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels.secure_upload.others_file import read_others
from channels.tus.check import check_tus
from channels.tus.settings import TusPlace
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.problem import Problem, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Prepared
from tests.channels import samples
from tests.channels.sftp_samples import UploadsInMemory
from tests.channels.tus_samples import WAY, StandIn, channel, place, standing_in
from tests.real import tus
from tests.real.certificates import Authority
from tests.real.ports import free_port

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def uploads() -> UploadsInMemory:
    return UploadsInMemory()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tus.TusServer]:
    with tus.running(tmp_path / "tus" / "files") as running:
        yield running


def prepared(size: int = 2000) -> Prepared:
    paper = samples.document(b"%PDF-1.7 " + bytes(size), "TC6-12345_RPD_Decision_2026-11-20.pdf")
    nobody = replace(place_nowhere(), chunk=1)
    ready = channel(nobody, UploadsInMemory()).prepare(samples.consignment(paper, address=WAY, reference=TOKEN))
    assert isinstance(ready, Prepared)
    return ready


def place_nowhere() -> TusPlace:
    return TusPlace(url=f"http://127.0.0.1:{free_port()}/files", tls=ssl.create_default_context(), grant=None, chunk=1)


def told(result: AttemptResult) -> tuple[type[AttemptResult], Reason | None]:
    return type(result), getattr(result, "reason", None)


def play(stand_in: StandIn, home: Path, act: Callable[[TusPlace], Awaitable[Any]], **changes: object) -> Any:
    """What comes of an act with the stand-in."""

    async def run() -> Any:
        async with standing_in(stand_in, home, **changes) as at:
            return await act(at)

    return asyncio.run(run())


# against the reference server


@pytest.mark.real
def test_a_server_killed_in_the_middle_gets_the_rest_when_it_is_back(
    server: tus.TusServer, uploads: UploadsInMemory, tmp_path: Path
) -> None:
    """The upload's own address, kept before any content went there, tells what lies there."""
    ready = prepared(40_000_000)

    async def kill_in_the_middle() -> None:
        while not (server.lying and server.lying[0].stat().st_size > 1_500_000):
            await asyncio.sleep(0.001)
        server.kill()

    async def act(at: TusPlace) -> list[AttemptResult]:
        sending = channel(replace(at, url=server.url), uploads)
        killing = asyncio.create_task(kill_in_the_middle())
        results = [await sending.send(ready)]
        await asyncio.wait_for(killing, 60)
        results.append(await sending.send(ready))
        begun = server.lying[0].stat().st_size
        assert 0 < begun < len(ready.payload)
        server.start()
        assert isinstance(await asyncio.to_thread(sending.look_up, TOKEN), NotSent)
        results += [await sending.send(ready), await sending.send(ready)]
        assert isinstance(await asyncio.to_thread(sending.look_up, TOKEN), HandedOver)
        return results

    cut, away, whole, again = play(StandIn(), tmp_path, act, chunk="1MB")
    assert told(cut) == (NotSent, Reason.EXCHANGE_CUT)
    assert told(away) == (NotSent, Reason.EXCHANGE_UNREACHABLE)
    assert isinstance(whole, HandedOver)
    assert isinstance(again, HandedOver)
    assert server.digests == [hashlib.sha256(ready.payload).hexdigest()], "one upload, byte for byte"


@pytest.mark.real
def test_what_lies_there_is_ended_and_what_is_gone_or_away_is_told_as_that(
    server: tus.TusServer, uploads: UploadsInMemory, tmp_path: Path
) -> None:
    ready = prepared()

    async def act(at: TusPlace) -> list[TakenBack]:
        sending = channel(replace(at, url=server.url), uploads)
        assert isinstance(await sending.send(ready), HandedOver)
        assert server.lying
        found = [await asyncio.to_thread(sending.take_back, TOKEN)]
        assert not server.lying
        found += [await asyncio.to_thread(sending.take_back, one) for one in (TOKEN, "f" * 32)]
        server.kill()
        return [*found, await asyncio.to_thread(sending.take_back, TOKEN)]

    told_of = play(StandIn(), tmp_path, act)
    assert told_of == [TakenBack.REMOVED, TakenBack.NOT_THERE, TakenBack.BEYOND, TakenBack.UNANSWERED]


def test_a_server_that_lets_nothing_be_ended_is_not_asked_to(uploads: UploadsInMemory, tmp_path: Path) -> None:
    ready = prepared()

    async def act(at: TusPlace) -> TakenBack:
        sending = channel(at, uploads)
        assert isinstance(await sending.send(ready), HandedOver)
        return await asyncio.to_thread(sending.take_back, TOKEN)

    assert play(StandIn(), tmp_path, act) is TakenBack.BEYOND


@pytest.mark.real
def test_an_upload_that_expired_there_is_begun_anew(uploads: UploadsInMemory, tmp_path: Path) -> None:
    ready = prepared(3_000_000)
    with tus.running(tmp_path / "tus" / "files", expires=1) as server:

        async def act(at: TusPlace) -> list[AttemptResult]:
            sending = channel(replace(at, url=server.url), uploads)
            results = [await sending.send(ready)]
            server.kill()
            server.expires = 0
            server.start()
            uploads.keep(replace(uploads.kept[TOKEN], place=f"{server.url}/0123456789abcdef0123456789abcdef"))
            return [*results, await sending.send(ready)]

        expired, anew = play(StandIn(), tmp_path, act)
        assert told(expired) == (NotSent, Reason.EXCHANGE_EXPIRED)
        assert isinstance(anew, HandedOver)
        assert hashlib.sha256(ready.payload).hexdigest() in server.digests


# against a stand-in


@pytest.mark.parametrize("ahead", [dt.timedelta(), dt.timedelta(days=-2), dt.timedelta(days=2)])
def test_an_upload_whose_time_is_over_begins_again_under_the_same_name(
    uploads: UploadsInMemory, tmp_path: Path, ahead: dt.timedelta
) -> None:
    """By the server's clock, whatever ours says; without a question that it would refuse, and in the same attempt."""
    exchange, ready = StandIn(lives={"u0": 0, "u1": 3600}, ahead=ahead), prepared(2_500_000)
    assert isinstance(play(exchange, tmp_path, lambda at: channel(at, uploads).send(ready), chunk="1MB"), HandedOver)
    assert exchange.asked == ["OPTIONS", "POST", "POST", "PATCH", "PATCH", "PATCH"]
    assert (bytes(exchange.uploads["u0"]), bytes(exchange.uploads["u1"])) == (b"", ready.payload)
    assert len(set(exchange.told)) == 1, "both under one name"
    assert uploads.kept[TOKEN].place.endswith("/files/u1")


def test_one_that_is_over_again_and_again_is_left_for_the_next_try(uploads: UploadsInMemory, tmp_path: Path) -> None:
    exchange = StandIn(lives={"u0": 0, "u1": 0})
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()))
    assert (told(result), exchange.asked) == ((NotSent, Reason.EXCHANGE_EXPIRED), ["OPTIONS", "POST", "POST"])


def test_what_is_gone_once_its_last_part_was_on_its_way_may_be_taken_and_is_not_sent_again(
    uploads: UploadsInMemory, tmp_path: Path
) -> None:
    exchange = StandIn(repeated=True)
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()))
    assert told(result) == (MaybeSent, Reason.EXCHANGE_UNCERTAIN)
    assert exchange.asked == ["OPTIONS", "POST", "PATCH"]


def test_the_papers_are_uploaded_in_checked_parts_under_a_name_of_the_board(
    uploads: UploadsInMemory, tmp_path: Path
) -> None:
    exchange, ready = StandIn(), prepared(2_500_000)
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(ready), chunk="1MB")
    assert isinstance(result, HandedOver)
    assert bytes(exchange.uploads["u0"]) == ready.payload
    assert exchange.asked == ["OPTIONS", "POST", "PATCH", "PATCH", "PATCH"]
    assert uploads.kept[TOKEN].place.endswith("/files/u0")


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        ("OPTIONS", 401, (Misconfigured, Reason.EXCHANGE_AUTHENTICATION)),
        ("POST", 403, (Refused, Reason.EXCHANGE_REFUSED)),
        ("POST", 404, (Refused, Reason.EXCHANGE_REFUSED)),
        ("POST", 412, (Refused, Reason.EXCHANGE_REFUSED)),
        ("POST", 413, (Refused, Reason.MESSAGE_TOO_LARGE)),
        ("POST", 301, (Refused, Reason.EXCHANGE_REFUSED)),
        ("POST", 429, (NotSent, Reason.EXCHANGE_TEMPORARY)),
        ("POST", 503, (NotSent, Reason.EXCHANGE_TEMPORARY)),
        ("POST", 507, (NotSent, Reason.EXCHANGE_FULL)),
        ("PATCH", 401, (Misconfigured, Reason.EXCHANGE_AUTHENTICATION)),
        ("PATCH", 409, (NotSent, Reason.EXCHANGE_TEMPORARY)),
        ("PATCH", 410, (NotSent, Reason.EXCHANGE_EXPIRED)),
        ("PATCH", 412, (Refused, Reason.EXCHANGE_REFUSED)),
        ("PATCH", 423, (NotSent, Reason.EXCHANGE_TEMPORARY)),
        ("PATCH", 460, (NotSent, Reason.EXCHANGE_TEMPORARY)),
        ("PATCH", 503, (NotSent, Reason.EXCHANGE_TEMPORARY)),
        ("PATCH", 507, (NotSent, Reason.EXCHANGE_FULL)),
    ],
)
def test_each_answer_gets_its_own_word(
    uploads: UploadsInMemory,
    tmp_path: Path,
    method: str,
    status: int,
    expected: tuple[type[AttemptResult], Reason],
) -> None:
    """Of a part before the last; nothing was handed over."""
    exchange = StandIn(fails={method: (status, 99)})
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared(5000)), chunk="1KB")
    assert told(result) == expected


@pytest.mark.parametrize("status", [500, 503])
def test_a_fault_of_the_server_at_the_last_part_leaves_it_open(
    uploads: UploadsInMemory, tmp_path: Path, status: int
) -> None:
    exchange = StandIn(fails={"PATCH": (status, 1)})
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()))
    assert told(result) == (MaybeSent, Reason.EXCHANGE_UNCERTAIN)


def test_a_last_part_that_may_have_come_twice_leaves_it_open_where_the_server_does_not_say(
    uploads: UploadsInMemory, tmp_path: Path
) -> None:
    """A 409 may answer a request that something on the way repeated."""
    exchange = StandIn(fails={"PATCH": (409, 1), "HEAD": (500, 1)})
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()))
    assert told(result) == (MaybeSent, Reason.EXCHANGE_UNCERTAIN)


@pytest.mark.parametrize("status", [409, 460])
def test_what_was_not_taken_once_is_sent_again_from_where_the_server_says(
    uploads: UploadsInMemory, tmp_path: Path, status: int
) -> None:
    exchange, ready = StandIn(fails={"PATCH": (status, 1)}), prepared(5000)
    assert isinstance(play(exchange, tmp_path, lambda at: channel(at, uploads).send(ready), chunk="2KB"), HandedOver)
    assert bytes(exchange.uploads["u0"]) == ready.payload


def test_a_token_that_expires_on_the_way_is_renewed_once(uploads: UploadsInMemory, tmp_path: Path) -> None:
    exchange, ready = StandIn(fails={"PATCH": (401, 1)}), prepared()
    assert isinstance(play(exchange, tmp_path, lambda at: channel(at, uploads).send(ready)), HandedOver)
    assert exchange.tokens == 2
    assert bytes(exchange.uploads["u0"]) == ready.payload


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, (Misconfigured, Reason.EXCHANGE_AUTHENTICATION)),
        (400, (Misconfigured, Reason.EXCHANGE_AUTHENTICATION)),
        (503, (NotSent, Reason.EXCHANGE_UNREACHABLE)),
    ],
)
def test_where_nobody_gives_a_token_nothing_is_asked_of_the_exchange(
    uploads: UploadsInMemory, tmp_path: Path, status: int, expected: tuple[type[AttemptResult], Reason]
) -> None:
    exchange = StandIn(token_status=status)
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()))
    assert told(result) == expected
    assert exchange.asked == []


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.test/files/u0", "//elsewhere.test/u0", "http://127.0.0.1/u0"])
def test_content_goes_to_no_other_server_than_the_one_that_is_set(
    uploads: UploadsInMemory, tmp_path: Path, elsewhere: str
) -> None:
    exchange = StandIn(elsewhere=elsewhere)
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()))
    assert told(result) == (NotSent, Reason.EXCHANGE_TEMPORARY)
    assert "PATCH" not in exchange.asked
    assert uploads.kept == {}


def test_an_unknown_end_is_settled_by_what_lies_at_the_uploads_own_address(
    uploads: UploadsInMemory, tmp_path: Path
) -> None:
    exchange = StandIn(hangs=True)

    async def act(at: TusPlace) -> None:
        sending = channel(at, uploads, time_limit="1s")
        assert told(await sending.send(prepared()))[0] is MaybeSent
        assert isinstance(await asyncio.to_thread(sending.look_up, TOKEN), HandedOver)
        exchange.uploads.clear()
        assert await asyncio.to_thread(sending.look_up, TOKEN) is None, "it may have been taken"

    play(exchange, tmp_path, act)


def test_other_papers_under_the_same_reference_begin_an_upload_of_their_own(
    uploads: UploadsInMemory, tmp_path: Path
) -> None:
    exchange, other = StandIn(), prepared(3000)

    async def act(at: TusPlace) -> None:
        for ready in (prepared(), other):
            assert isinstance(await channel(at, uploads).send(ready), HandedOver)

    play(exchange, tmp_path, act)
    assert bytes(exchange.uploads["u1"]) == other.payload


@pytest.fixture
def authority() -> Authority:
    return Authority.root()


@pytest.fixture
def tls(authority: Authority, tmp_path: Path) -> ssl.SSLContext:
    """Of a server that lets in whom the authority vouches for."""
    certificate, key = authority.server("localhost").write(tmp_path, "server")
    authority.issuing("tribunal").own.write(tmp_path, "own")
    (tmp_path / "ca.pem").write_bytes(authority.own.pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


_OURS = {"ca": "ca.pem", "certificate": "own.pem", "key_file": "own.key"}


def test_a_certificate_of_ours_lets_us_in(tls: ssl.SSLContext, uploads: UploadsInMemory, tmp_path: Path) -> None:
    exchange, ready = StandIn(tls=tls), prepared()
    assert isinstance(play(exchange, tmp_path, lambda at: channel(at, uploads).send(ready), **_OURS), HandedOver)
    assert bytes(exchange.uploads["u0"]) == ready.payload


def test_a_server_with_a_certificate_that_is_not_trusted_is_told_nothing(
    tls: ssl.SSLContext, uploads: UploadsInMemory, tmp_path: Path
) -> None:
    exchange = StandIn(tls=tls)
    (tmp_path / "another.pem").write_bytes(Authority.root("Another").own.pem)
    changed = _OURS | {"ca": "another.pem"}
    result = play(exchange, tmp_path, lambda at: channel(at, uploads).send(prepared()), **changed)
    assert told(result) == (Refused, Reason.EXCHANGE_CERTIFICATE)
    assert exchange.asked == []


# settings, doctor


@pytest.mark.parametrize(
    ("exchange", "code"),
    [
        (StandIn(), None),
        (StandIn(token_status=401), Code.TUS_LOGIN),
        (StandIn(fails={"OPTIONS": (404, 9)}), Code.TUS_NOT_SPOKEN),
        (StandIn(fails={"OPTIONS": (503, 9)}), Code.TUS_UNAVAILABLE),
    ],
)
def test_an_operator_is_told_how_an_account_stands(exchange: StandIn, code: Code | None, tmp_path: Path) -> None:
    async def act(at: TusPlace) -> Code | None:
        try:
            await asyncio.to_thread(check_tus, "sample", at)
        except Problem as problem:
            return problem.code
        return None

    assert play(exchange, tmp_path, act) is code
    assert "POST" not in exchange.asked


_GOOD = {
    "url": "https://exchange.example/files",
    "token_url": "https://tokens.example/token",
    "client_id": "tribunal",
    "secret_file": "tus-secret",
    "machine": "recipient",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"url": "http://exchange.example/files"},
        {"url": "https://user@exchange.example/files"},
        {"machine": "carrier"},
        {"client_id": ""},
        {"certificate": "own.pem"},
        {"secret_file": "nowhere"},
        {"ca": "nowhere"},
        {"token": "secret"},
    ],
)
def test_the_file_of_exchanges_is_read_strictly(tmp_path: Path, changes: dict[str, str]) -> None:
    place(tmp_path, _GOOD["url"])
    lines = [f'{name} = "{value}"' for name, value in (_GOOD | changes).items()]
    (tmp_path / "exchanges.toml").write_text("\n".join(["[tus.sample]", *lines]))
    if not changes:
        assert read_others(tmp_path, "exchanges.toml").tus["sample"].url == _GOOD["url"]
        return
    with pytest.raises(SetupWrong) as met:
        read_others(tmp_path, "exchanges.toml")
    assert met.value.code is Code.SETTINGS_INVALID


def test_a_secret_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    place(tmp_path, _GOOD["url"])
    (tmp_path / "tus-secret").chmod(0o644)
    with pytest.raises(SetupWrong) as met:
        place(tmp_path, _GOOD["url"])
    assert met.value.code is Code.SEAL_KEY_PERMISSIONS
