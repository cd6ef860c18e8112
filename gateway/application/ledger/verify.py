"""Whether the ledger holds: every chain, the tree over all events, every checkpoint, here and where they are kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.domain.checkpoint import Checkpoint, read_note
from gateway.domain.ledger import BEFORE_THE_FIRST, Entry, LedgerFault, LedgerFinding, canonical, link
from gateway.domain.merkle import Frontier
from gateway.domain.problem import InputRefused
from gateway.domain.stamps import Stamp
from gateway.ports.database import Database
from gateway.ports.ledger import CheckpointPlace, CheckpointSigner, KeptCheckpoint
from gateway.ports.stamps import StampVerifier


@dataclass(frozen=True, kw_only=True)
class LedgerReport:
    """What was looked at, and what was found. `covered`: how many events the newest checkpoint covers; `stamps`: how
    many time stamps were looked at: none where no authority is configured to judge them by."""

    events: int
    chains: int
    covered: int
    checkpoints: int
    stamps: int
    findings: tuple[LedgerFinding, ...]


@dataclass
class _Seen:
    """What a walk over the chains and the stamps gathers."""

    events: int = 0
    chains: int = 0
    stamps: int = 0
    leaves: dict[int, bytes] = field(default_factory=dict)


class VerifyLedger:
    """Reads everything once. What came after the newest checkpoint is held by its chain alone."""

    def __init__(
        self,
        *,
        database: Database,
        signer: CheckpointSigner,
        place: CheckpointPlace | None,
        stamps: StampVerifier | None = None,
    ) -> None:
        """stamps: what judges time stamps; None where no authority is configured."""
        self._stamps = stamps
        self._database = database
        self._signer = signer
        self._place = place

    def __call__(self) -> LedgerReport:
        """The report. Raises ServiceDown (storage.unavailable) when the kept checkpoints cannot be read; SetupWrong
        (key.*) when the time stamp authority's certificates cannot."""
        elsewhere = [note for _, note in self._place.kept()] if self._place else []
        seen = _Seen()
        with self._database.read() as tx:
            notes = [one.note for one in tx.ledger.checkpoints()]
            own = max((one.size for one in tx.ledger.checkpoints()), default=0)
            findings = list(_chains(tx.ledger.entries(), seen))
            unfit = list(_unstamped(tx.ledger.stamps(), self._stamps, seen)) if self._stamps else []
        read = [self._read(note) for note in dict.fromkeys([*notes, *elsewhere])]
        findings += [LedgerFinding(fault=LedgerFault.NOT_SIGNED) for one in read if one is None]
        checkpoints = sorted((one for one in read if one is not None), key=lambda one: one.size)
        findings += _tree(seen.leaves, checkpoints, own)
        findings += unfit
        return LedgerReport(
            events=seen.events,
            chains=seen.chains,
            covered=max((one.size for one in checkpoints), default=0),
            checkpoints=len(checkpoints),
            stamps=seen.stamps,
            findings=tuple(findings),
        )

    def _read(self, note: str) -> Checkpoint | None:
        return read_note(note) if self._signer.is_signed(note) else None


def _chains(entries: Iterable[Entry], seen: _Seen) -> Iterator[LedgerFinding]:
    chain, sequence, head, leaf = "", 0, BEFORE_THE_FIRST, -1
    for entry in entries:
        if entry.chain != chain or not seen.events:
            chain, sequence, head, leaf = entry.chain, 0, BEFORE_THE_FIRST, -1
            seen.chains += 1
        seen.events += 1
        if entry.sequence != sequence + 1:
            yield LedgerFinding(fault=LedgerFault.MISSING, chain=chain, place=sequence + 1)
        elif entry.event is None:
            yield LedgerFinding(fault=LedgerFault.UNREADABLE, chain=chain, place=entry.sequence)
        elif link(head, canonical(entry.event, chain, entry.sequence)) != entry.link:
            yield LedgerFinding(fault=LedgerFault.CHANGED, chain=chain, place=entry.sequence)
        if entry.leaf is not None:
            seen.leaves[entry.leaf] = entry.link
            if entry.leaf < leaf:
                yield LedgerFinding(fault=LedgerFault.OUT_OF_ORDER, chain=chain, place=entry.sequence)
            leaf = max(leaf, entry.leaf)
        sequence, head = entry.sequence, entry.link


def _tree(leaves: dict[int, bytes], checkpoints: list[Checkpoint], own: int) -> Iterator[LedgerFinding]:
    """The first place that is empty, and the first checkpoint that does not fit: what follows cannot fit either."""
    if leaves and max(leaves) >= own:
        yield LedgerFinding(fault=LedgerFault.UNCOVERED, place=max(leaves) + 1)
    tree, there = Frontier(), next(place for place in range(len(leaves) + 1) if place not in leaves)
    if there < len(leaves):
        yield LedgerFinding(fault=LedgerFault.MISSING, place=there + 1)
    for one in checkpoints:
        if one.size > there:
            yield LedgerFinding(fault=LedgerFault.FEWER, place=one.size)
            return
        tree = tree.with_leaves(leaves[place] for place in range(tree.size, one.size))
        if tree.root() != one.root:
            yield LedgerFinding(fault=LedgerFault.OTHER_ROOT, place=one.size)
            return


def _unstamped(
    stamped: Iterable[tuple[KeptCheckpoint, Stamp]], stamps: StampVerifier, seen: _Seen
) -> Iterator[LedgerFinding]:
    for checkpoint, stamp in stamped:
        seen.stamps += 1
        try:
            stamps.verify(checkpoint.note.encode(), stamp)
        except InputRefused as problem:
            yield LedgerFinding(fault=LedgerFault.STAMP, place=checkpoint.size, code=problem.code)
