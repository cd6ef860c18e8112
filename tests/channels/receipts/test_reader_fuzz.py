"""Whatever arrives, the reader comes back with an answer, and with no token that did not arrive."""

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.encrypted_email.receipts.reader import MailReader
from tests.channels.receipts.messages import QMAIL, dsn, letter, mdn
from tests.mutation import times

CORPUS = [dsn(), dsn("delayed", recipients=2), mdn(), QMAIL, letter("Auto-Submitted: auto-replied"), letter()]


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A message of the corpus, cut, doubled, and with bytes of its own put in."""
    raw = draw(st.sampled_from(CORPUS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        until = draw(st.integers(at, min(len(raw), at + 200)))
        new = draw(st.one_of(st.binary(max_size=30), st.just(raw[at:until] * 2), st.just(b"")))
        raw = raw[:at] + new + raw[until:]
    return raw


@settings(max_examples=times(1500), deadline=None)
@given(spoilt())
def test_every_spoilt_message_is_read(raw: bytes) -> None:
    reading = MailReader().read(raw)
    assert reading.reports
    assert all(report.words.isprintable() for report in reading.reports)


@settings(max_examples=times(300), deadline=None)
@given(st.binary(max_size=2000))
def test_noise_belongs_to_nothing_of_ours(raw: bytes) -> None:
    assert MailReader().read(raw).tokens == ()
