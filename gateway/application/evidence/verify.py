"""Checking evidence that was given out, offline: with the ZIP and the gateway's authority, and nothing else.

What the signature does not vouch for is not parsed: papers and events are looked at only in members whose digest holds.
"""

import base64
import binascii
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gateway.application.evidence.export import SIGNATURE, SUMS
from gateway.application.evidence.ledger_part import EVENTS, NOTE, QUERY, STAMP, checkpoint_name
from gateway.domain.checkpoint import Checkpoint, read_note
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.evidence_checks import CheckedEvidence, EvidenceCheck
from gateway.domain.ledger import BEFORE_THE_FIRST, link
from gateway.domain.merkle import leaf_hash, root_of_proof
from gateway.domain.problem import InputRefused
from gateway.domain.stamps import Stamp
from gateway.ports.ledger import EvidenceVerifier
from gateway.ports.stamps import StampVerifier

Members = Mapping[str, bytes]
_LINE = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)")
_OWN_KEYS = "certificates/evidence-signing.pem"
_MOST_BYTES = 2_000_000_000


class VerifyEvidence:
    """Checks a ZIP."""

    def __init__(self, verifier: EvidenceVerifier, stamps: StampVerifier | None = None) -> None:
        """stamps: what judges time stamps; None: none is looked at."""
        self._verifier = verifier
        self._stamps = stamps

    def __call__(self, raw: bytes) -> Sequence[CheckedEvidence]:
        """Every check, in order. Raises InputRefused (evidence.unreadable): it is no ZIP of evidence."""
        members, doubled = _unpacked(raw)
        signature = self._signature(members)
        listed = _members(members, doubled)
        whole = {} if signature.wrong else {name: members[name] for name in members if name not in listed.wrong}
        entries = _entries(whole)
        return [
            signature,
            listed,
            self._seals(whole),
            *_sent(whole),
            _chains(entries),
            self._checkpoints(whole, entries),
            self._stamped(whole),
        ]

    def _signature(self, members: Members) -> CheckedEvidence:
        wrong = () if _holds(partial(self._verifier.verify, members[SUMS], members[SIGNATURE])) else (SIGNATURE,)
        return CheckedEvidence(check=EvidenceCheck.SIGNATURE, looked_at=1, wrong=wrong)

    def _seals(self, whole: Members) -> CheckedEvidence:
        papers = [name for name in whole if name.endswith(".pdf")]
        wrong = [name for name in papers if not _holds(partial(self._verifier.verify_paper, whole[name]))]
        return CheckedEvidence(check=EvidenceCheck.SEALS, looked_at=len(papers), wrong=tuple(wrong))

    def _checkpoints(self, whole: Members, entries: Sequence[Mapping[str, Any]]) -> CheckedEvidence:
        certificates = whole.get(_OWN_KEYS, b"")
        notes: dict[int, Checkpoint | None] = {}
        for size in {one["checkpoint"] for one in entries if isinstance(one["checkpoint"], int)}:
            note = whole.get(checkpoint_name(size), b"").decode(errors="replace")
            signed = _holds(partial(self._verifier.verify_note, note, certificates))
            notes[size] = read_note(note) if signed else None
        wrong = [
            f"{EVENTS}:{place}"
            for place, one in enumerate(entries, start=1)
            if not _leads_to(one, notes.get(one["checkpoint"]))
        ]
        return CheckedEvidence(check=EvidenceCheck.CHECKPOINTS, looked_at=len(entries), wrong=tuple(wrong))

    def _stamped(self, whole: Members) -> CheckedEvidence:
        if self._stamps is None:
            return CheckedEvidence(check=EvidenceCheck.STAMPS, looked_at=0)
        found = {name: name.removesuffix(STAMP) for name in whole if name.endswith(STAMP)}
        wrong = []
        for name, stem in found.items():
            stamp = Stamp(query=whole.get(stem + QUERY, b""), answer=whole[name])
            try:
                self._stamps.verify(whole.get(stem + NOTE, b""), stamp)
            except InputRefused as problem:
                wrong.append(f"{name} [{problem.code}]")
        return CheckedEvidence(check=EvidenceCheck.STAMPS, looked_at=len(found), wrong=tuple(wrong))


def _unpacked(raw: bytes) -> tuple[Members, Sequence[str]]:
    """The members, and the names of those that are there twice or cannot be read. Nothing in it is compressed, so that
    nothing in it can grow. Raises InputRefused (evidence.unreadable)."""
    members, wrong = dict[str, bytes](), list[str]()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            stored = archive.infolist()
            if any(one.compress_type != zipfile.ZIP_STORED or one.file_size > _MOST_BYTES for one in stored):
                raise InputRefused(Code.EVIDENCE_UNREADABLE)
            counted = Counter(one.filename for one in stored)
            for one in stored:
                try:
                    members[one.filename] = archive.read(one)
                except zipfile.BadZipFile:
                    members[one.filename] = b""
                    wrong.append(one.filename)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise InputRefused(Code.EVIDENCE_UNREADABLE) from None
    if SUMS not in members or SIGNATURE not in members:
        raise InputRefused(Code.EVIDENCE_UNREADABLE)
    return members, [*wrong, *(name for name, count in counted.items() if count > 1)]


def _members(members: Members, doubled: Sequence[str]) -> CheckedEvidence:
    lines = [_LINE.fullmatch(line) for line in members[SUMS].decode(errors="replace").splitlines()]
    listed = {line[2]: line[1] for line in lines if line is not None}
    wrong = set(doubled) | (set(members) - set(listed) - {SUMS, SIGNATURE}) | (set(listed) - set(members))
    wrong |= {
        name for name, digest in listed.items() if name in members and sha256(members[name]) != f"sha256:{digest}"
    }
    if None in lines or len(listed) != len(lines):
        wrong.add(SUMS)
    return CheckedEvidence(check=EvidenceCheck.MEMBERS, looked_at=len(members), wrong=tuple(sorted(wrong)))


def _sent(whole: Members) -> Iterator[CheckedEvidence]:
    """Of each delivery's folder: the bytes sent, where they are there."""
    looked_at, wrong = 0, []
    for digests in (name for name in whole if name.endswith("sent/DIGESTS.txt")):
        folder = digests.removesuffix("sent/DIGESTS.txt")
        for digest, name in (line.split("  ", 1) for line in whole[digests].decode().splitlines()):
            if folder + name in whole:
                looked_at += 1
                wrong += [] if sha256(whole[folder + name]) == f"sha256:{digest}" else [folder + name]
    yield CheckedEvidence(check=EvidenceCheck.SENT, looked_at=looked_at, wrong=tuple(wrong))


def _entries(whole: Members) -> Sequence[Mapping[str, Any]]:
    return [json.loads(line) for line in whole.get(EVENTS, b"").decode().splitlines()]


def _chains(entries: Sequence[Mapping[str, Any]]) -> CheckedEvidence:
    heads, wrong = dict[str, tuple[int, bytes]](), []
    for place, one in enumerate(entries, start=1):
        event = json.loads(one["event"] or "{}")
        chain = str(event.get("chain"))
        sequence, head = heads.get(chain, (0, BEFORE_THE_FIRST))
        made = link(head, (one["event"] or "").encode())
        if made.hex() != one["link"] or event.get("sequence") != sequence + 1:
            wrong.append(f"{EVENTS}:{place}")
        heads[chain] = sequence + 1, bytes.fromhex(one["link"])
    return CheckedEvidence(check=EvidenceCheck.CHAINS, looked_at=len(entries), wrong=tuple(wrong))


def _leads_to(entry: Mapping[str, Any], checkpoint: Checkpoint | None) -> bool:
    if checkpoint is None:
        return False
    try:
        path = [base64.b64decode(one, validate=True) for one in entry["proof"]]
    except binascii.Error:
        return False
    leaf = leaf_hash(bytes.fromhex(entry["link"]))
    return root_of_proof(leaf, entry["leaf"], checkpoint.size, path) == checkpoint.root


def _holds(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except InputRefused:
        return False
    return True
