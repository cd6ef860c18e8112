"""Verifying the ledger, and the word of when it was last verified."""

from collections.abc import Callable

from gateway.application.ledger.verify import LedgerReport
from gateway.domain.events import Event, EventName
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class LedgerChecks:
    """Each verification is recorded, whatever it found."""

    def __init__(self, *, database: Database, verify: Callable[[], LedgerReport], clock: Clock) -> None:
        self._database = database
        self._verify = verify
        self._clock = clock

    def __call__(self) -> LedgerReport:
        """The report. Raises as `VerifyLedger`."""
        report = self._verify()
        facts = {"events": report.events, "covered": report.covered, "findings": len(report.findings)}
        done = Event(name=EventName.LEDGER_VERIFIED, at=self._clock.now(), actor="gateway", facts=facts)
        with self._database.write() as tx:
            tx.records.append(done)
        return report

    def last(self) -> Event | None:
        """The last verification; None where there was none."""
        with self._database.look_up() as tx:
            return tx.records.newest_besides(EventName.LEDGER_VERIFIED)
