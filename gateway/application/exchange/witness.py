"""What our exchange itself saw or did, kept as evidence: an act, sealed, beside the receipt that names it."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.domain.digest import sha256
from gateway.domain.exchange import Entry
from gateway.domain.receipt import Receipt
from gateway.ports.database import Database
from gateway.ports.records import ReceiptRecord


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is kept of an act: the receipt's id, the evidence's digest, and the object that holds it."""

    receipt: str
    digest: str
    kept_as: str

    def record(self, entry: Entry, receipt: Receipt) -> ReceiptRecord:
        """The receipt as a row of the entry's delivery."""
        return ReceiptRecord(
            id=self.receipt,
            delivery=entry.delivery,
            attempt=entry.attempt,
            receipt=receipt,
            external_id=self.receipt,
            object_name=self.kept_as,
        )


@contextmanager
def witnessed(database: Database, vault: Vault, act: Mapping[str, object]) -> Iterator[Seen]:
    """The evidence of an act, kept before the transaction that names it and removed again where the block raises.

    act: who, what and when; nothing of the content."""
    raw, receipt_id = json.dumps(act, sort_keys=True, ensure_ascii=False).encode(), str(uuid.uuid4())
    with database.look_up() as tx:
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    with vault.keeping() as put:
        kept_as = put(key, contexts.taken(receipt_id), raw)
        yield Seen(receipt=receipt_id, digest=sha256(raw), kept_as=kept_as)
