"""Time stamps by a real `openssl ts`: what is wrong with one has its own code, and nothing wrong is taken."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, ServiceDown
from gateway.domain.stamps import Stamp
from keys.stamp_authority import HttpStampAuthority
from keys.time_stamps import CertifiedStamps, query_for
from tests.keys.pki import Authority, ca_order
from tests.keys.refusals import refused
from tests.real.ports import free_port
from tests.real.stamp_authority import StampAuthority, running

pytestmark = pytest.mark.real

NOTE = b"decision-gateway/ledger\n5\nroot\n"
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[StampAuthority]:
    with running(tmp_path) as started:
        yield started


def judging(authority: StampAuthority) -> CertifiedStamps:
    return CertifiedStamps(lambda: [authority.root.certificate])


def asking(authority: StampAuthority, url: str = "") -> HttpStampAuthority:
    return HttpStampAuthority(
        url or authority.url, trusted=lambda: [authority.root.certificate], time_limit=dt.timedelta(seconds=5)
    )


def stamped(authority: StampAuthority, content: bytes = NOTE) -> Stamp:
    query = query_for(content).as_bytes()
    return Stamp(query=query, answer=authority.stamp(query))


def test_a_stamp_is_asked_for_over_http_and_says_when(authority: StampAuthority) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    stamp = asking(authority).ask(NOTE)
    at = judging(authority).verify(NOTE, stamp)
    assert before <= at <= dt.datetime.now(dt.UTC) + SECOND
    assert authority.answers == [stamp.answer]


def test_no_two_questions_have_the_same_nonce(authority: StampAuthority) -> None:
    assert query_for(NOTE).as_bytes() != query_for(NOTE).as_bytes()
    old, new = stamped(authority), stamped(authority)
    with refused(Code.STAMP_OTHER_NONCE):
        judging(authority).verify(NOTE, Stamp(query=new.query, answer=old.answer))


def test_a_stamp_over_something_else_is_none_over_this(authority: StampAuthority) -> None:
    with refused(Code.STAMP_OTHER_DIGEST):
        judging(authority).verify(NOTE + b"\n", stamped(authority))


def _stranger(authority: StampAuthority) -> None:
    order = ca_order("Stranger")
    order.not_before, order.not_after = dt.datetime.now(dt.UTC) - DAY, dt.datetime.now(dt.UTC) + DAY
    authority.signer("other", Authority.root(order))


def _ran_out(authority: StampAuthority) -> None:
    now = dt.datetime.now(dt.UTC)
    authority.signer("other", not_before=now - 2 * DAY, not_after=now - DAY)


@pytest.mark.parametrize(
    ("make", "code"), [(_stranger, Code.STAMP_SIGNER_UNKNOWN), (_ran_out, Code.STAMP_EXPIRED)], ids=["stranger", "old"]
)
def test_who_may_not_stamp_has_not_stamped(
    make: Callable[[StampAuthority], None], code: Code, authority: StampAuthority
) -> None:
    make(authority)
    authority.signed_by = "other"
    stamp = stamped(authority)
    with refused(code):
        judging(authority).verify(NOTE, stamp)
    with refused(code):
        asking(authority).ask(NOTE)


def test_an_authority_that_gives_none_says_so(authority: StampAuthority) -> None:
    authority.digests = "sha512"
    with refused(Code.STAMP_REFUSED):
        asking(authority).ask(NOTE)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x30\x03\x02\x01\x00"])
def test_what_is_no_answer_is_none(answer: bytes, authority: StampAuthority) -> None:
    stamp = stamped(authority)
    for given in (Stamp(query=stamp.query, answer=answer), Stamp(query=answer, answer=stamp.answer)):
        with refused(Code.STAMP_UNREADABLE):
            judging(authority).verify(NOTE, given)


def test_a_turned_bit_is_found_wherever_it_is(authority: StampAuthority) -> None:
    """One in each octet. CMS signs neither the numbers of its versions nor the name of the signature's algorithm, which
    the key decides: those 10 octets change nothing."""
    stamp, held = stamped(authority), 0
    for place in range(len(stamp.answer)):
        turned = bytearray(stamp.answer)
        turned[place] ^= 1
        try:
            judging(authority).verify(NOTE, Stamp(query=stamp.query, answer=bytes(turned)))
        except InputRefused:
            continue
        held += 1
    assert held <= 10


@pytest.mark.parametrize("how", ["says no", "is not there"])
def test_an_authority_that_is_away_is_away(how: str, authority: StampAuthority) -> None:
    authority.down = True
    url = f"http://127.0.0.1:{free_port()}/" if how == "is not there" else ""
    with pytest.raises(ServiceDown) as away:
        asking(authority, url).ask(NOTE)
    assert away.value.code is Code.STAMP_UNAVAILABLE


def test_a_stamp_holds_after_its_signer_ran_out(authority: StampAuthority) -> None:
    """It is judged at its own moment."""
    for lasts in (2, 10, 60):  # as long as it must for the stamp to be made meanwhile
        now = dt.datetime.now(dt.UTC)
        authority.signer("brief", not_before=now - DAY, not_after=now + lasts * SECOND)
        authority.signed_by = "brief"
        stamp = stamped(authority)
        leaf = x509.load_pem_x509_certificate((authority.folder / "brief.pem").read_bytes())
        if dt.datetime.now(dt.UTC) < leaf.not_valid_after_utc:
            break
    while dt.datetime.now(dt.UTC) <= leaf.not_valid_after_utc:
        time.sleep(0.1)
    judging(authority).verify(NOTE, stamp)
