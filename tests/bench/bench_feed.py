"""Outcomes put out, answered by the reference receiver, and reconciled, on SQLite; and what memory that takes: 2,500
and 25,000 of them, or as many as `FEED_TRANSACTIONS` says (`make feed-flat`: up to 250,000).

Beside it: `cryptography` alone signing and encrypting the same octets, batch by batch. Composing the transactions opens
their packages and is part of no figure here (see `package`).
"""

import os
import resource
import tempfile
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from gateway.application import contexts
from gateway.application.decision_json import read_decision
from gateway.application.feed.feed_json import line_of
from gateway.domain.feed import FeedKind, FeedState, Transaction, outcome_line
from gateway.domain.outcomes import Division
from tests.application.feeding import FeedStage
from tests.application.packages import members_of, minimal, raw

TRANSACTIONS = [int(one) for one in os.environ.get("FEED_TRANSACTIONS", "2500 25000").split()]
A_DISPATCH, MOST = 10, 5_000


def main() -> None:
    """Each size in this process, the smallest first: the peak of a larger one is seen beside it."""
    for count in TRANSACTIONS:
        with tempfile.TemporaryDirectory() as folder:
            stage = FeedStage(Path(folder), near_real_time=True, most=MOST)
            _ledger(stage, count)
            _out_and_in(stage, count)
            stage.close()


def _ledger(on: FeedStage, count: int) -> None:
    """Composed transactions that wait."""
    decision = minimal()
    package, now = read_decision(raw(decision), members_of(decision)), on.clock.now()
    (person,) = package.persons
    for _ in range(count // A_DISPATCH):
        dispatch = on.decided()
        with on.database.write() as tx:
            tx.feed.composed(dispatch.id, [], [])
            key = on.vault.new_key("unused")
            key = type(key)(id=dispatch.data_key, wrapped=tx.registry.data_key(dispatch.data_key))
            for _ in range(A_DISPATCH):
                number = uuid.uuid4()
                line = outcome_line(package, person, number, gcms_code="RPD-REJECTED", corrects=None)
                tx.feed.add(
                    Transaction(
                        id=str(number),
                        dispatch=dispatch.id,
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
                )


def _out_and_in(on: FeedStage, count: int) -> None:
    begun = time.perf_counter()
    on.feed()
    out = time.perf_counter() - begun
    begun = time.perf_counter()
    octets = []
    for path in on.gcms.arrived():
        octets.append(len(path.read_bytes()))
        opened = on.gcms.fetch(path)
        assert opened is not None
        on.gcms.answer(opened)
    receiver = time.perf_counter() - begun
    begun = time.perf_counter()
    on.feed()
    report = on.standing.report()
    back = time.perf_counter() - begun
    assert [one.accepted for one in report] == [0, count]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{count:,} transactions in {len(octets)} batches: out {out:.1f} s, acknowledged and reconciled {back:.1f} s, "
        f"the receiver itself {receiver:.1f} s; peak {peak} MB; the primitives alone {_primitives(on, octets):.2f} s"
    )


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
