"""A thousand mixed reports read, matched and recorded on SQLite, beside the bare parser of the standard library."""

import datetime as dt
import tempfile
import time
import uuid
from email import message_from_bytes
from email.policy import compat32
from pathlib import Path

from channels.encrypted_email.receipts.reader import MailReader
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.ports.incoming import Handling
from tests.application.stage import Stage
from tests.channels.receipts.messages import TOKEN, dsn, mdn
from tests.contracts.fake_channel import FakeChannel
from tests.contracts.samples import an_attempt, stored_deliveries

_REPORTS = 1_000
_ACTIONS = ("failed", "delayed", "relayed", "delivered")
_BATCH = 20


def main() -> None:
    """Prints seconds and milliseconds a report, and the ratio to parsing the same bytes alone."""
    with tempfile.TemporaryDirectory(prefix="gw-bench-") as folder:
        stage = Stage(Path(folder), FakeChannel())
        messages = _messages(stage)
        begun = time.perf_counter()
        for raw in messages:
            stage.keep(raw, source="mail")
        kept = time.perf_counter() - begun
        read, done = stage.reading(MailReader()), 0
        begun = time.perf_counter()
        while made := read(_BATCH):
            done += made
        settled = time.perf_counter() - begun
        _check(stage, done)
        stage.close()
    begun = time.perf_counter()
    for raw in messages:
        message_from_bytes(raw, policy=compat32)
    parsed = time.perf_counter() - begun
    print(f"{_REPORTS} reports (DSN and MDN)".ljust(44) + f"{'s':>8}{'ms each':>10}{'x parser':>10}")
    for label, spent in (("kept sealed", kept), ("read, matched, recorded", settled), ("both", kept + settled)):
        print(f"{label:44}{spent:>8.1f}{spent / _REPORTS * 1000:>10.2f}{spent / parsed:>10.0f}")


def _messages(stage: Stage) -> list[bytes]:
    """A report for each of as many deliveries: in turn the four kinds of a mail system, and a recipient's program's."""
    raws = []
    for number, delivery in enumerate(_handed_over(stage)):
        token = uuid.uuid4().hex
        with stage.database.write() as tx:
            tx.deliveries.add_attempt(an_attempt(delivery, reference=f"<{token}@tribunal.example>"))
        kind = number % (len(_ACTIONS) + 1)
        raw = mdn() if kind == len(_ACTIONS) else dsn(_ACTIONS[kind])
        raws.append(raw.replace(TOKEN.encode(), token.encode()))
    return raws


def _handed_over(stage: Stage) -> tuple[Delivery, ...]:
    return tuple(stored_deliveries(stage.database, *[{"state": DeliveryState.HANDED_OVER}] * _REPORTS))


def _check(stage: Stage, done: int) -> None:
    """Raises AssertionError unless every report found its delivery."""
    stage.clock.move(dt.timedelta(hours=1))
    with stage.database.read() as tx:
        found = tx.incoming.find(handling=None, limit=_REPORTS + 1)
    matched = [one for one in found if one.handling in {Handling.MATCHED, Handling.FOR_PERSON} and one.delivery]
    assert (done, len(matched), len({one.delivery for one in matched})) == (_REPORTS,) * 3


if __name__ == "__main__":
    main()
