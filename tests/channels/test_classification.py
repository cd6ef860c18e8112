"""The whole table of what an end means: every stage with every kind of reply and every kind of break."""

import asyncio
import ssl

import aiosmtplib
import pytest

from channels.mail.classification import Break, NotOffered, Reply, Stage, of_break, of_error, of_reply
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason

BEFORE_THE_DOT = [stage for stage in Stage if stage is not Stage.END]


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", [400, 421, 450, 451, 452, 454, 499])
def test_a_4yz_reply_means_that_nothing_was_accepted(stage: Stage, code: int) -> None:
    assert of_reply(stage, Reply(code, "x")) == NotSent(reason=Reason.SMTP_TEMPORARY, words=f"{code} x")


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", [500, 501, 502, 503, 504, 530, 534, 535, 550, 551, 552, 553, 554, 555, 599])
def test_a_5yz_reply_is_never_sent_again_by_itself(stage: Stage, code: int) -> None:
    assert isinstance(of_reply(stage, Reply(code, "x")), Refused | Misconfigured)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", [0, 25, 99, 100, 199, 200, 250, 299, 300, 354, 399, 600, 999, -1])
def test_a_reply_that_does_not_fit_is_uncertain_only_after_the_dot(stage: Stage, code: int) -> None:
    failure = of_reply(stage, Reply(code, "x"))
    assert isinstance(failure, MaybeSent if stage is Stage.END else NotSent)


@pytest.mark.parametrize("end", list(Break))
def test_after_the_dot_every_break_is_uncertain(end: Break) -> None:
    assert of_break(Stage.END, end) == MaybeSent(reason=Reason.SMTP_UNCERTAIN)


@pytest.mark.parametrize("stage", BEFORE_THE_DOT)
@pytest.mark.parametrize("end", list(Break))
def test_before_the_dot_no_break_is_uncertain(stage: Stage, end: Break) -> None:
    assert isinstance(of_break(stage, end), NotSent | Misconfigured)


ERRORS = [
    (aiosmtplib.SMTPServerDisconnected("x"), Break.LOST),
    (aiosmtplib.SMTPConnectError("x"), Break.LOST),
    (ConnectionRefusedError(), Break.LOST),
    (OSError(), Break.LOST),
    (aiosmtplib.SMTPReadTimeoutError("x"), Break.SILENT),
    (aiosmtplib.SMTPConnectTimeoutError("x"), Break.SILENT),
    (TimeoutError(), Break.SILENT),
    (asyncio.CancelledError(), Break.SILENT),
    (ssl.SSLCertVerificationError("x"), Break.UNTRUSTED),
    (ssl.SSLError("x"), Break.UNTRUSTED),
    (aiosmtplib.SMTPResponseException(-1, "x"), Break.GARBLED),
    (aiosmtplib.SMTPException("x"), Break.GARBLED),
    (NotOffered("x"), Break.NOT_OFFERED),
]


@pytest.mark.parametrize(("error", "end"), ERRORS, ids=repr)
@pytest.mark.parametrize("stage", list(Stage))
def test_every_exception_of_the_library_has_its_meaning(
    stage: Stage, error: aiosmtplib.SMTPException | OSError, end: Break
) -> None:
    found = of_error(stage, error)
    expected = of_break(stage, end)
    assert (type(found), found.reason) == (type(expected), expected.reason)


def _every_subclass(of: type[Exception]) -> set[type[Exception]]:
    return {of}.union(*(_every_subclass(each) for each in of.__subclasses__()))


def test_no_exception_of_the_library_is_outside_what_a_send_catches() -> None:
    exported = {getattr(aiosmtplib, name) for name in aiosmtplib.__all__ if name.startswith("SMTP")}
    exceptions = {each for each in exported if isinstance(each, type) and issubclass(each, Exception)}
    assert exceptions <= _every_subclass(aiosmtplib.SMTPException)
    assert len(exceptions) > 10


def test_words_are_bounded_and_printable() -> None:
    words = Reply(550, "a\x00\x1b[31m" + "b" * 5000 + "\udce9").words
    assert len(words) <= 2000
    assert words.encode("utf-8").startswith("550 a\N{REPLACEMENT CHARACTER}".encode())
