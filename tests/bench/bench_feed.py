"""Outcomes put out, answered by the reference receiver, and reconciled, on SQLite; and what memory that takes: 2,500
and 25,000 of them, or as many as `FEED_TRANSACTIONS` says (`make feed-flat`: up to 250,000).

Each size has a process of its own; what fills the ledger and the receiver are processes beside it, so that the peak is
the feed's alone. Beside it: `cryptography` alone signing and encrypting the same octets, batch by batch. Composing the
transactions opens their packages and is part of no figure here (see `package`).
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from gateway.application import contexts
from gateway.application.feed.feed_json import line_of
from gateway.application.intake.decision_json import read_decision
from gateway.application.sealed import DataKey
from gateway.domain.feed import FeedKind, FeedState, Transaction, outcome_line
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.ports.database import Transaction as Writing
from tests.application.feeding import FeedStage
from tests.application.packages import members_of, minimal, raw

A_DISPATCH, AT_ONCE, MOST = 10, 500, 2_500


def main() -> None:
    """The sizes, the smallest first."""
    if len(sys.argv) > 1 and sys.argv[-1].isdigit():
        _measure(int(sys.argv[-1]))
        return
    for count in os.environ.get("FEED_TRANSACTIONS", "2500 25000").split():
        subprocess.run([sys.executable, "-m", "tests.bench.bench_feed", count], check=True)


def _measure(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = FeedStage(Path(folder), near_real_time=True, most=MOST)
        _apart(stage, lambda: _ledger(stage, count))
        _out_and_in(stage, count)
        stage.close()


def _apart(on: FeedStage, work: Callable[[], None]) -> None:
    """Does it in a child, whose memory is its own. No connection of the database crosses over."""
    on.database.close()
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0


def _ledger(on: FeedStage, count: int) -> None:
    """Composed transactions that wait, of many packages. Of these no more is there than the feed looks at."""
    decision, pattern = minimal(), on.decided()
    package = read_decision(raw(decision), members_of(decision))
    with on.database.write() as tx:
        tx.feed.composed(pattern.id, [], [])
    for _ in range(count // A_DISPATCH // AT_ONCE + 1):
        with on.database.write() as tx:
            for _ in range(min(AT_ONCE, (count - _there(tx)) // A_DISPATCH)):
                number = uuid.uuid4()
                key = on.vault.new_key(f"package/{number}")
                tx.registry.add_data_key(key.id, key.wrapped)
                tx.dispatches.add(replace(pattern, id=str(number), package_id=number, data_key=key.id))
                for _ in range(A_DISPATCH):
                    tx.feed.add(_transaction(on, package, str(number), key))


def _there(tx: Writing) -> int:
    return tx.feed.count(set(FeedState))


def _transaction(on: FeedStage, package: DecisionPackage, dispatch: str, key: DataKey) -> Transaction:
    number, now = uuid.uuid4(), on.clock.now()
    line = outcome_line(package, package.persons[0], number, gcms_code="RPD-REJECTED", corrects=None)
    return Transaction(
        id=str(number),
        dispatch=dispatch,
        division=Division.RPD,
        person="p1",
        kind=FeedKind.OUTCOME,
        corrects=None,
        state=FeedState.WAITING,
        code=None,
        told_for=("a1",),
        made_at=now,
        release_at=now,
        sealed=on.vault.seal(key, contexts.feed_line(str(number)), line_of(line)),
    )


def _receive(on: FeedStage) -> None:
    for path in on.gcms.arrived():
        opened = on.gcms.fetch(path)
        assert opened is not None
        on.gcms.answer(opened)


def _out_and_in(on: FeedStage, count: int) -> None:
    before, begun = _peak(), time.perf_counter()
    on.feed()
    out = time.perf_counter() - begun
    octets = [path.stat().st_size for path in on.gcms.arrived()]
    begun = time.perf_counter()
    _apart(on, lambda: _receive(on))
    receiver = time.perf_counter() - begun
    begun = time.perf_counter()
    on.feed()
    report = on.standing.report()
    back = time.perf_counter() - begun
    assert [one.accepted for one in report] == [0, count]
    print(
        f"{count:,} transactions in {len(octets)} batches: out {out:.1f} s, acknowledged and reconciled {back:.1f} s, "
        f"the receiver itself {receiver:.1f} s; peak {_peak()} MB, {_peak() - before} on top; the primitives alone "
        f"{_primitives(on, octets):.2f} s",
        flush=True,
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _primitives(on: FeedStage, octets: list[int]) -> float:
    """Signing and encrypting as many octets by `cryptography` alone."""
    key, begun = on.receiver_key, time.perf_counter()
    for size in octets:
        content = bytes(size)
        signed = (
            PKCS7SignatureBuilder()
            .set_data(content)
            .add_signer(key.certificate, key.private_key, hashes.SHA256())
            .sign(Encoding.DER, [PKCS7Options.Binary])
        )
        builder = PKCS7EnvelopeBuilder().set_data(signed).add_recipient(key.certificate)
        builder.encrypt(Encoding.DER, [PKCS7Options.Binary])
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
