"""What the evidence holds of one delivery: its record, what came back as it came, and what was sent by its digests."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from gateway.application import contexts
from gateway.application.evidence.handovers import HandoverMembers, picture_ending
from gateway.application.evidence.keys import sealing_key
from gateway.application.evidence.printing import PrintingMembers
from gateway.application.evidence.proof_papers import ProofDesk, SignedPaper
from gateway.application.evidence.records import DeliveryRecord, paper_language, transmission_record
from gateway.application.papers.paper_seal import SealPapers
from gateway.application.retention.remains import ProofFacts, View
from gateway.application.returns.receive import Read
from gateway.application.sealed import Vault, data_key
from gateway.application.sending.unconfirmed import ASKED
from gateway.domain.digest import sha256
from gateway.domain.events import Event
from gateway.domain.parties import Language
from gateway.domain.receipt import BY_A_PERSON, NOTICES, ReceiptEvent
from gateway.ports.database import Database
from gateway.ports.incoming import BY_MAIL, Incoming
from gateway.ports.records import ReceiptRecord
from gateway.ports.registry_papers import Dossier, EvidenceFile

Members = dict[str, bytes]
Words = Callable[[str, Language], str]
"""A text of the evidence by its key."""

RECORD, DATA, DOSSIER = "transmission-record.pdf", "evidence.json", "dossier.pdf"
_MEDIA = {".json": "application/json", ".eml": "message/rfc822", ".pdf": "application/pdf"}
_MEDIA |= {".csv": "text/csv", ".p7m": "application/pkcs7-mime"}
_MEDIA |= {".bin": "application/octet-stream", ".jpg": "image/jpeg", ".png": "image/png", ".tif": "image/tiff"}
_WHAT = {"evidence.json": "record", "receipts/attempt": "reply", "receipts/service": "service"}
_WHAT |= {
    "receipts/taken": "taken",
    "receipts/asked": "asked",
    "receipts/notice": "notice",
    "receipts/uncollected": "uncollected",
    "receipts/withdrawn": "withdrawn",
    "receipts/scan": "scan",
    "receipts/handover": "handover",
    "receipts/printed": "printed",
    "receipts/certificate": "certificate",
    "receipts/": "receipt",
}
_SUPERSEDED = "papers/superseded/"
_WHAT |= {"sent/": "digests", "ledger/": "events", _SUPERSEDED: "superseded", "papers/": "paper"}
"""What a member is, by how its name begins."""
_MOST_SCANS = 10_000


class _Kind(NamedTuple):
    """How a kind of receipt is named here, and what it is sealed to."""

    name: str
    end: str
    context: Callable[[str], str]


_SERVICE = _Kind("service", ".eml", contexts.service_record)
_TAKEN = _Kind("taken", ".json", contexts.taken)
_NOTICE = _Kind("notice", ".json", contexts.taken)
_UNCOLLECTED = _Kind("uncollected", ".json", contexts.taken)
_ASKED = _Kind("asked", ".txt", contexts.incoming)
_WITHDRAWN = _Kind("withdrawn", ".json", contexts.recalled)
"""Sealed to its dispatch: one statement is the evidence of all that a recall withdrew."""
_SEEN = dict.fromkeys(NOTICES, _NOTICE) | {ReceiptEvent.CONTENT_HANDOVER_FAILURE: _UNCOLLECTED}


class DeliveryMembers:
    """Gathers the members of one delivery."""

    def __init__(
        self, *, database: Database, vault: Vault, raw_receipt: Read, papers: ProofDesk, seal: SealPapers, words: Words
    ) -> None:
        self._database = database
        self._vault = vault
        self._raw_receipt = raw_receipt
        self._papers = papers
        self._seal = seal
        self._words = words
        self._handovers = HandoverMembers(database=database, vault=vault)
        self._printing = PrintingMembers(database=database, vault=vault)

    def __call__(
        self,
        record: DeliveryRecord,
        facts: ProofFacts,
        events: Sequence[Event],
        now: dt.datetime,
        *,
        sent_bytes: bool,
        everybody: bool,
    ) -> Members:
        """The members by their names. sent_bytes: with the exact bytes that were sent, while they can be opened;
        everybody: with what also tells of others.

        Raises SetupWrong (seal.*, key.*), InputRefused (document.missing-glyph).
        """
        view = _view_of(facts, record.delivery.id)
        paper = transmission_record(record, facts, now)
        papers = self._papers.signed(record.delivery.id)
        return {
            RECORD: self._seal(paper, paper_language(record.delivery), at=now),
            DATA: _data(facts, view, papers),
            **{_name_of(one): one.content for one in papers},
            **_replies(view),
            **self._receipts(events),
            **self._kept(record),
            **self._handovers(record.attempts, everybody=everybody),
            **self._printing(record.attempts, everybody=everybody),
            **self._scans(record),
            **self._sent(record, sent_bytes=sent_bytes and facts.expired_at is None),
        }

    def dossier(self, record: DeliveryRecord, facts: ProofFacts, files: Members, now: dt.datetime) -> bytes:
        """The record with those files attached, sealed."""
        language = paper_language(record.delivery)
        attached = [self._attached(name, content, language) for name, content in sorted(files.items())]
        dossier = Dossier(record=transmission_record(record, facts, now), files=tuple(attached))
        return self._seal(dossier, language, at=now)

    def _attached(self, name: str, content: bytes, language: Language) -> EvidenceFile:
        what = next(key for start, key in _WHAT.items() if name.startswith(start))
        return EvidenceFile(
            name=name.replace("/", "-"),
            media_type=next((media for end, media in _MEDIA.items() if name.endswith(end)), "text/plain"),
            content=content,
            digest=sha256(content),
            what=self._words(f"what.{what}", language),
        )

    def _receipts(self, events: Sequence[Event]) -> Members:
        """Everything that came back for the delivery, as it came."""
        ids = dict.fromkeys(str(one.facts["incoming"]) for one in events if "incoming" in one.facts)
        came = (self._raw_receipt.raw(one) for one in ids)
        return {f"receipts/{number:02d}{_end(*one)}": one[1] for number, one in enumerate(came, start=1)}

    def _kept(self, record: DeliveryRecord) -> Members:
        """What did not come in as a message: services by hand with their proof, what the exchange saw, and what a
        carrier said when it was asked."""
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        members, counted = Members(), Counter[str]()
        for one in record.receipts:
            kind = _kind_of(one)
            if kind is not None and one.object_name is not None:
                counted[kind.name] += 1
                name = f"receipts/{kind.name}-{counted[kind.name]:02d}{kind.end}"
                members[name] = self._vault.get(
                    key, kind.context(record.dispatch.id if kind is _WITHDRAWN else one.id), one.object_name
                )
        return members

    def _scans(self, record: DeliveryRecord) -> Members:
        """Every scan of its envelopes, the earliest first, as it stood in the list it came in."""
        with self._database.read() as tx:
            found = tx.scans.find(limit=_MOST_SCANS, delivery=record.delivery.id)
            keys = {name: sealing_key(tx, name) for name in {one.data_key for one in found}}
        opened = (
            self._vault.open(keys[one.data_key], contexts.scan(one.digest), one.extract) for one in reversed(found)
        )
        return {f"receipts/scan-{number:02d}.txt": extract for number, extract in enumerate(opened, start=1)}

    def _sent(self, record: DeliveryRecord, *, sent_bytes: bool) -> Members:
        digests = [(one.sent_digest, f"sent/{one.number:02d}.bin") for one in record.attempts if one.sent_digest]
        lines = [f"{digest.removeprefix('sha256:')}  {name}\n" for digest, name in digests]
        members = {"sent/DIGESTS.txt": "".join(lines).encode()}
        if sent_bytes:
            with self._database.read() as tx:
                key = data_key(tx.registry, record.dispatch.data_key)
            for one in record.attempts:
                if one.sent_object:
                    members[f"sent/{one.number:02d}.bin"] = self._vault.get(key, contexts.sent(one.id), one.sent_object)
        return members


def _kind_of(record: ReceiptRecord) -> _Kind | None:
    """None of what came in as a message, and of a carrier's first word, which stands with its attempt."""
    if record.external_id == f"{record.attempt}{ASKED}":
        return _ASKED
    if record.receipt.source == BY_A_PERSON:
        return _SERVICE
    if record.external_id == record.id:  # what our exchange saw itself
        return _SEEN.get(record.receipt.event, _TAKEN)
    return _WITHDRAWN if record.receipt.event is ReceiptEvent.CONTENT_HANDOVER_FAILURE else None


def _view_of(facts: ProofFacts, delivery: str) -> View:
    views = cast("Sequence[View]", facts.status["deliveries"])
    return next(one for one in views if one["delivery"] == delivery)


def _end(incoming: Incoming, raw: bytes) -> str:
    """How the name of something that came ends: by what it is, whoever sent it."""
    picture = picture_ending(raw)
    if picture is not None:
        return picture
    if incoming.source == BY_MAIL:
        return ".eml"
    try:
        json.loads(raw)
    except ValueError:  # of what is no text as well
        return ".bin"
    return ".json"


def _name_of(paper: SignedPaper) -> str:
    """A paper that no longer stands lies apart, so that nobody takes it for one that does."""
    return f"papers/{paper.name}" if paper.stands else f"{_SUPERSEDED}{paper.name}"


def _index_of(paper: SignedPaper) -> View:
    signed_at = paper.paper.signed_at
    return {
        "file": _name_of(paper),
        "kind": paper.paper.kind.value,
        "digest": paper.paper.digest,
        "signed_at": signed_at.isoformat() if signed_at else None,
        "stands": paper.stands,
        "came_since": [{"event": one.event, "at": one.at.isoformat()} for one in paper.came_since],
    }


def _data(facts: ProofFacts, view: View, papers: Sequence[SignedPaper]) -> bytes:
    """The record for programs: the delivery as the interface shows it, of the dispatch what concerns it, and which
    paper of proof stands."""
    about = {
        name: facts.status.get(name)
        for name in ("dispatch", "package_id", "division", "files", "accepted_at", "signer", "sealed", "expired_at")
    }
    told = {"schema": "delivery-evidence/1", **about, "delivery": view, "papers": [_index_of(one) for one in papers]}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _replies(view: View) -> Members:
    """What carriers answered to each attempt."""
    attempts = cast("Sequence[View]", view["attempts"])
    return {
        f"receipts/attempt-{number:02d}-reply.txt": str(one["detail"]).encode()
        for number, one in enumerate(attempts, start=1)
        if one["detail"]
    }
