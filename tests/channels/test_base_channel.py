"""The guard around every channel's `send`: nothing escapes, and what is not known is never called unsent."""

import asyncio
import contextlib
import datetime as dt
import logging

import pytest

from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import MaybeSent, NotSent
from gateway.domain.reasons import Reason
from tests.channels import samples
from tests.contracts.fake_channel import FakeChannel

SECRET = samples.PERSON


@pytest.mark.parametrize("error", [ValueError(SECRET), OSError(SECRET), ExceptionGroup(SECRET, [KeyError(SECRET)])])
def test_anything_unforeseen_may_have_been_sent(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    result = asyncio.run(FakeChannel(error).send(samples.prepared()))
    assert isinstance(result, MaybeSent)
    assert result.reason is Reason.UNFORESEEN
    assert SECRET in result.words, "the sealed words say what happened"
    assert type(error).__name__ in caplog.text
    assert SECRET not in caplog.text


def test_a_channel_that_does_not_end_is_ended() -> None:
    channel = FakeChannel(asyncio.Event(), time_limit=dt.timedelta(milliseconds=50))
    assert asyncio.run(channel.send(samples.prepared())) == MaybeSent(reason=Reason.UNFORESEEN)


def test_a_cancelled_send_that_began_returns_and_does_not_look_unsent() -> None:
    async def cancel() -> AttemptResult:
        sending = asyncio.create_task(FakeChannel(asyncio.Event()).send(samples.prepared()))
        await asyncio.sleep(0)
        sending.cancel()
        return await sending

    assert asyncio.run(cancel()) == MaybeSent(reason=Reason.UNFORESEEN)


def test_a_channel_that_knows_better_at_the_time_limit_is_believed() -> None:
    class Knowing(FakeChannel):
        async def _send(self, prepared: object) -> AttemptResult:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return NotSent(reason=Reason.SMTP_CONNECT)

    channel = Knowing(time_limit=dt.timedelta(milliseconds=50))
    assert asyncio.run(channel.send(samples.prepared())) == NotSent(reason=Reason.SMTP_CONNECT)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_process_is_not_held_up(stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        asyncio.run(FakeChannel(stop()).send(samples.prepared()))
