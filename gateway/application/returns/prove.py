"""A signed receipt proves something when it is for a message of ours, and by the key pinned to its recipient.

Its signer opened the message, found our signature good, and signed with a key that two people tied to the recipient:
they identified themself and took the content. Anything less is worth nothing, and a person looks at it.
"""

from dataclasses import replace

from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt
from gateway.domain.problem import InputRefused
from gateway.domain.reference import SendingToken
from gateway.domain.report import Finding, Reading, Report
from gateway.domain.return_code import ReturnCode
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import SignedReceipts


class Prove:
    """Judges a reading by the signature in it."""

    def __init__(self, *, database: Database, receipts: SignedReceipts, clock: Clock) -> None:
        self._database = database
        self._receipts = receipts
        self._clock = clock

    def __call__(self, reading: Reading) -> Reading:
        """The reading, with what its signed receipt is worth, or whose page it is. The receipt says for which delivery,
        not its cover; of a page its code does."""
        if reading.code is not None:
            return self._of_page(reading, reading.code)
        if reading.signed is None:
            return reading
        try:
            token = self._proven(reading.signed)
        except InputRefused:
            return replace(reading, reports=(Report(finding=Finding.SIGNED_UNPROVEN),))
        return replace(reading, reports=(Report(finding=Finding.SIGNED),), tokens=(token,))

    def _of_page(self, reading: Reading, code: ReturnCode) -> Reading:
        with self._database.read() as tx:
            token = tx.return_codes.find(code)
        if token is None:
            return replace(reading, reports=(Report(finding=Finding.PAGES_UNKNOWN),), tokens=())
        return replace(reading, tokens=(token,))

    def _proven(self, raw: bytes) -> str:
        """The token of the sending that the recipient signed for. Raises InputRefused."""
        name = self._receipts.content_identifier(raw)
        with self._database.read() as tx:
            asked = tx.awaited.find(name)
            if asked is None:
                raise InputRefused(Code.RECEIPT_NOT_FOR_MESSAGE)
            awaited, token = asked
            attempt = tx.deliveries.by_tokens([SendingToken.parse(token).message])[-1]
            keys = _pinned(tx, attempt)
        signer = self._receipts.verify(raw, awaited, at=self._clock.now())
        if signer.key not in keys:
            raise InputRefused(Code.RECEIPT_NOT_FOR_MESSAGE)
        return token


def _pinned(tx: Transaction, attempt: Attempt) -> frozenset[str]:
    """The keys that are pinned now to whom the attempt was for: one that was replaced may be in other hands."""
    recipient = tx.deliveries.get(attempt.delivery).recipient
    if recipient is None:
        return frozenset()
    return frozenset(
        pin.key for pin in tx.pins.of(recipient) if pin.channel == attempt.channel and pin.ended_at is None
    )
