"""Scans taken in: the file is kept whole as evidence, and each scan moves its delivery once, or waits for a person.

Some hundred at a time are one transaction. What breaks off in between is taken in again by the same file: what stands
already is passed over.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.mail_room.scan_batch import ScanBatch, ScanFile
from gateway.application.mail_room.taken import RecordTaken
from gateway.application.people.own_offices import check_office, offices_of
from gateway.application.rounds import Round
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from gateway.domain.report import Finding
from gateway.domain.scan import HOURS_BEFORE_CLOSING, Scan, ScanMeaning
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import Handling, Incoming
from gateway.ports.scans import ScanReader, ScanRecord

SOURCE = "scans"
"""Whose word a file of scans is, among what came back."""
ACTOR = "gateway"
MOST_OCTETS = 50_000_000
EVERY = dt.timedelta(minutes=5)
_NAME = "late-scans"
_AT_A_TIME = 250


@dataclass(frozen=True, kw_only=True)
class ImportedScans:
    """What came of a file. receipt: as which it is kept; new: scans by what they mean; repeats: known before; faulty:
    those of this file that wait for a person."""

    receipt: str
    scans: int
    new: Counter[ScanMeaning]
    repeats: int
    faulty: Sequence[ScanRecord]


class ImportScans:
    """Takes in files of scans."""

    def __init__(
        self, *, database: Database, vault: Vault, readers: Sequence[ScanReader], record: RecordTaken, clock: Clock
    ) -> None:
        """readers: of each form of file, the first that recognizes one reads it."""
        self._database = database
        self._vault = vault
        self._readers = readers
        self._take = record
        self._clock = clock

    def __call__(self, raw: bytes, *, actor: str, seen: Callable[[], None] = lambda: None) -> ImportedScans:
        """seen: called for each scan that was taken in.

        Raises InputRefused (receipt.too-large, scans.file-unknown, scans.file-invalid), NotAllowed
        (account.other-office: an envelope of it is another office's): then nothing of it was kept.
        """
        # Earliest first: an envelope is taken before it is delivered, whatever the order of the file.
        scans = sorted(self._read(raw), key=lambda one: one.at)
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
            _check_offices(tx, scans, actor)
        kept = self._keep(raw, key)
        file = ScanFile(digest=kept.digest, key=key, actor=actor)
        new = self._take_in(scans, file, seen)
        self._end(kept)
        self.found_late(actor=actor)
        with self._database.read() as tx:
            faulty = tx.scans.faulty(file=kept.digest, limit=MOST_SHOWN)
        return ImportedScans(
            receipt=kept.id, scans=len(scans), new=new, repeats=len(scans) - new.total(), faulty=faulty
        )

    def found_late(self, *, actor: str) -> int:
        """How many scans that no item was known for are matched, now that there is one: a carrier may tell of an
        envelope before the mail room, or the carrier's own service, told us its number."""
        matched, done = 0, set[str]()
        while late := self._late_files() - done:
            for digest in sorted(late):
                matched += self._again(digest, actor)
            done |= late
        return matched

    def _late_files(self) -> frozenset[str]:
        with self._database.read() as tx:
            return frozenset(tx.scans.files_found_late(before=dt.timedelta(hours=HOURS_BEFORE_CLOSING)))

    def _again(self, digest: str, actor: str) -> int:
        with self._database.read() as tx:
            kept, key = tx.incoming.same(SOURCE, digest), data_key(tx.registry, contexts.EVIDENCE_KEY)
        if kept is None:
            return 0  # it was kept long enough
        raw = self._vault.get(key, contexts.incoming(kept.id), kept.object_name)
        scans = sorted(self._read(raw), key=lambda one: one.at)
        found = self._take_in(scans, ScanFile(digest=digest, key=key, actor=actor), lambda: None)
        self._end(kept)
        return found.total()

    def _take_in(self, scans: Sequence[Scan], file: ScanFile, seen: Callable[[], None]) -> Counter[ScanMeaning]:
        new: Counter[ScanMeaning] = Counter()
        for start in range(0, len(scans), _AT_A_TIME):
            some = scans[start : start + _AT_A_TIME]
            with self._database.write() as tx:
                batch = ScanBatch(tx, file, vault=self._vault, record=self._take, now=self._clock.now())
                new.update(one.meaning for one in batch.record(some))
            for _ in some:
                seen()
        return new

    def _read(self, raw: bytes) -> Sequence[Scan]:
        if len(raw) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)
        reader = next((one for one in self._readers if one.recognizes(raw)), None)
        if reader is None:
            raise InputRefused(Code.SCANS_FILE_UNKNOWN)
        return reader.read(raw)

    def _keep(self, raw: bytes, key: DataKey) -> Incoming:
        """The file as it is kept; the one that is kept already, when the same bytes came before."""
        digest, file_id = sha256(raw), str(uuid.uuid4())
        with self._database.read() as tx:
            before = tx.incoming.same(SOURCE, digest)
        if before is not None:
            return before
        with self._vault.keeping() as put:
            made = Incoming(
                id=file_id,
                source=SOURCE,
                digest=digest,
                size=len(raw),
                received_at=self._clock.now(),
                object_name=put(key, contexts.incoming(file_id), raw),
            )
            with self._database.write() as tx:
                new = tx.incoming.add(made)
        if new:
            return made
        self._vault.delete(made.object_name)
        return self._keep(raw, key)

    def _end(self, kept: Incoming) -> None:
        """Says of the file whether a person must look at some of it; what they closed stays closed."""
        with self._database.write() as tx:
            faulty = tx.scans.faulty(file=kept.digest, limit=1)
            before = tx.incoming.get(kept.id, lock=True)
            handling, finding = (Handling.FOR_PERSON, Finding.SCANS_UNMATCHED) if faulty else (Handling.MATCHED, None)
            if before.handling is not Handling.CLOSED:
                tx.incoming.save(replace(before, handling=handling, finding=finding))


def _check_offices(tx: Transaction, scans: Sequence[Scan], actor: str) -> None:
    """Raises NotAllowed (account.other-office): a scan moves its delivery, as whoever acts on it does."""
    if offices_of(tx, actor) is None:
        return
    codes = {one.item for one in scans} | {one.tracking for one in scans} - {""}
    for office in sorted({item.office for found in tx.manifests.by_codes(codes).values() for item in found}):
        check_office(tx, office, actor)


MOST_SHOWN = 1000


class MatchLateScans:
    """Looks every few minutes for scans that found no item and would now. Safe to run anywhere."""

    def __init__(self, *, database: Database, scans: ImportScans, clock: Clock) -> None:
        self._round = Round(database, _NAME, every=EVERY)
        self._scans = scans
        self._clock = clock

    def __call__(self, limit: int) -> int:  # noqa: ARG002  (a file is taken in whole)
        """How many were matched."""
        if not self._round.begins(self._clock.now()):
            return 0
        return self._scans.found_late(actor=ACTOR)
