"""What every channel of the house starts from: a `send` that nothing escapes."""

import asyncio
import datetime as dt
import logging
import traceback
from abc import ABC, abstractmethod

from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import AttemptFailure, MaybeSent
from gateway.domain.reasons import Reason
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Answer, Capabilities, Consignment, Prepared
from gateway.ports.incoming import ReceiptReader

_log = logging.getLogger(__name__)


class BaseChannel(ABC):
    """A channel whose public `send` closes the set of results (DESIGN.md §4). See `gateway.ports.channels.Channel`.

    time_limit: how long one `send` may take, all in all.
    """

    def __init__(self, *, time_limit: dt.timedelta) -> None:
        self._time_limit = time_limit

    @property
    @abstractmethod
    def name(self) -> str:
        """See `Channel`."""

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """See `Channel`."""

    @abstractmethod
    def mint_reference(self) -> str:
        """See `Channel`."""

    @abstractmethod
    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """See `Channel`."""

    @abstractmethod
    async def close(self) -> None:
        """See `Channel`."""

    @abstractmethod
    async def _send(self, prepared: Prepared) -> AttemptResult:
        """Sends once, under the time limit.

        What it raises becomes `MaybeSent`: it returns whatever it knows better. The end of the time limit and a
        cancellation both reach it as `asyncio.CancelledError`; a channel that can tell that nothing was handed over
        yet catches it and returns `NotSent`.
        """

    @property
    def receipt_reader(self) -> ReceiptReader | None:
        """See `Channel`: a carrier calls nobody back unless its channel says otherwise."""
        return None

    def look_up(self, reference: str) -> Answer:  # noqa: ARG002  (the port's signature)
        """See `Channel`: nobody is asked unless the channel says that its carrier can be."""
        return None

    def take_back(self, reference: str) -> TakenBack:  # noqa: ARG002  (the port's signature)
        """See `Channel`: nothing comes back unless the channel says that it can."""
        return TakenBack.BEYOND

    async def send(self, prepared: Prepared) -> AttemptResult:
        """Sends once. Returns, and never raises.

        A cancelled `send` returns too: what is known of a send that began is worth more than the cancellation, and
        the worker that is shutting down waits for it and records it. Only a task cancelled before its first step
        raises, and then nothing was begun.
        """
        try:
            async with asyncio.timeout(self._time_limit.total_seconds()):
                return await self._send(prepared)
        except (TimeoutError, asyncio.CancelledError):
            return MaybeSent(reason=Reason.UNFORESEEN)
        except Exception as error:  # noqa: BLE001  the one guard of DESIGN.md §4
            # Not the exception's text: it may quote an address. It is sealed with the words.
            _log.error(
                "channel.unforeseen channel=%s reference=%s error=%s at=%s",
                self.name,
                prepared.reference,
                type(error).__name__,
                _place(error),
            )
            return MaybeSent(reason=Reason.UNFORESEEN, words="".join(traceback.format_exception_only(error)))


def _place(error: Exception) -> str:
    """Where in the code the error was raised: function and line, nothing of the data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.name}:{frame.lineno}"
