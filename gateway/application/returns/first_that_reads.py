"""Several readers of one mailbox."""

from collections.abc import Sequence

from gateway.domain.report import Finding, Reading
from gateway.ports.incoming import ReceiptReader


class FirstThatReads:
    """The reading of the first reader that can read it; the last one's word stands. See `ReceiptReader`."""

    def __init__(self, readers: Sequence[ReceiptReader]) -> None:
        *self._earlier, self._last = readers

    def read(self, raw: bytes) -> Reading:
        """Never raises for what a sender can send."""
        for reader in self._earlier:
            reading = reader.read(raw)
            if any(one.finding is not Finding.UNREADABLE for one in reading.reports):
                return reading
        return self._last.read(raw)
