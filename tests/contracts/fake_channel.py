"""A channel for tests of those who use channels: it does what its script says and remembers what it was given."""

import asyncio
import datetime as dt
import uuid

from channels.base import BaseChannel
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import AttemptFailure, Refused
from gateway.domain.parties import ChannelName
from gateway.domain.reasons import Reason
from gateway.domain.receipt import AwaitedReceipt, ReceiptEvent
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Answer, Capabilities, Consignment, Prepared

Step = AttemptResult | BaseException | asyncio.Event
"""What one send does: returns the result, raises the exception, or waits for the event and is then handed over."""

HANDED_OVER = HandedOver(words="250 2.0.0 Ok: faked")


class FakeChannel(BaseChannel):
    """Takes the steps in order, the last one again and again; without any, everything is handed over."""

    def __init__(
        self,
        *script: Step,
        name: str = ChannelName.ENCRYPTED_EMAIL.value,
        refuse_to_prepare: AttemptFailure | None = None,
        max_bytes: int = 10_000_000,
        time_limit: dt.timedelta = dt.timedelta(seconds=5),
        awaited: AwaitedReceipt | None = None,
        answers: list[Answer] | None = None,
        takes_back: list[TakenBack] | None = None,
    ) -> None:
        """answers: what its carrier says of what may have been sent, one by one; None: it cannot be asked. takes_back:
        what becomes of taking back, one by one; None: it cannot be."""
        super().__init__(time_limit=time_limit)
        self._name = name
        self._script = list(script) or [HANDED_OVER]
        self._max_bytes = max_bytes
        self._awaited = awaited
        self._answers = answers
        self._takes_back = takes_back
        self.taken_back: list[str] = []
        self.looked_up: list[str] = []
        self.refuse_to_prepare = refuse_to_prepare
        self.consigned: list[Consignment] = []
        self.sent: list[Prepared] = []

    @property
    def name(self) -> str:
        """As the test named it."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Those of a modest mail channel."""
        return Capabilities(
            media_types=frozenset({"application/pdf"}),
            max_bytes=self._max_bytes,
            growth=1.0,
            receipt=ReceiptEvent.RELAY_TO_NON_ERDS,
            source="fake",
            time_limit=self._time_limit,
            can_look_up=self._answers is not None,
            can_take_back=self._takes_back is not None,
        )

    def look_up(self, reference: str) -> Answer:
        """See `Channel`."""
        self.looked_up.append(reference)
        return self._answers.pop(0) if self._answers else None

    def take_back(self, reference: str) -> TakenBack:
        """See `Channel`."""
        self.taken_back.append(reference)
        return self._takes_back.pop(0) if self._takes_back else TakenBack.BEYOND

    def mint_reference(self) -> str:
        """Shaped like a Message-ID."""
        return f"<{uuid.uuid4().hex}@fake.test>"

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The documents one after another: readable by tests, protected by nothing."""
        self.consigned.append(consignment)
        if self.refuse_to_prepare is not None:
            return self.refuse_to_prepare
        address = consignment.address
        destination = address.number or (" ".join(address.postal.lines) if address.postal else address.address)
        if not destination or any(c.isspace() for c in address.address or ""):
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        payload = b"\n".join(document.content for document in consignment.documents)
        if len(payload) > self._max_bytes:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return Prepared(
            reference=consignment.reference,
            destination=destination,
            payload=payload,
            awaited=self._awaited,
        )

    async def _send(self, prepared: Prepared) -> AttemptResult:
        self.sent.append(prepared)
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, asyncio.Event):
            await step.wait()
            return HANDED_OVER
        return step

    async def close(self) -> None:
        """Nothing is open."""
