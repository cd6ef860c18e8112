"""The evidence of one participant's delivery as a ZIP that a court checks with unzip, sha256sum and openssl alone.

`SHA256SUMS` names every other member, and its detached signature is the whole check; the ledger's part is a second one.
It holds what concerns this participant only: nobody else's address, document or event is in it.
"""

import base64
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence

from gateway.application import contexts
from gateway.application.casework import Case, OpenCase
from gateway.application.checkpoints import MakeCheckpoints
from gateway.application.office_dates import today_at, zone_of
from gateway.application.receive import Read
from gateway.application.sealed import DataKey, Vault
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.ledger import Entry, canonical
from gateway.domain.merkle import inclusion_proof, leaf_hash
from gateway.domain.parties import ChannelName, Language, PreferredLanguage
from gateway.domain.problem import NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.ledger import EvidenceSigner
from gateway.ports.papers import Addressee
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.ports.registry_papers import (
    Concern,
    ProvidedDocument,
    Provision,
    RecordedAttempt,
    RegistryPrinter,
    TransmissionRecord,
)

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.p7s"
Members = dict[str, bytes]


class ExportEvidence:
    """Gathers it. That it was given out is itself an event of the delivery, and stands in what is given."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        open_case: OpenCase,
        raw_receipt: Read,
        checkpoints: MakeCheckpoints,
        printer: RegistryPrinter,
        signer: EvidenceSigner,
        readme: Callable[[Language], str],
        clock: Clock,
    ) -> None:
        """readme: how the ZIP is checked, in a language."""
        self._database = database
        self._vault = vault
        self._open_case = open_case
        self._raw_receipt = raw_receipt
        self._checkpoints = checkpoints
        self._printer = printer
        self._signer = signer
        self._readme = readme
        self._clock = clock

    def __call__(self, dispatch_id: str, participant: str, *, sent_bytes: bool, actor: str) -> bytes:
        """The ZIP; `sent_bytes`: with the exact bytes that were sent, beside their digests.

        Raises NoSuchThing (dispatch.unknown, participant.unknown), SetupWrong (seal.*, key.*), ServiceDown.
        """
        now = self._clock.now()
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
            found = [one for one in tx.deliveries.of_dispatch(dispatch_id) if one.participant == participant]
        if not found:
            raise NoSuchThing(Code.PARTICIPANT_UNKNOWN, participant=participant)
        delivery, case = found[0], self._open_case(dispatch)
        facts: dict[str, str | int | bool] = {"participant": participant, "sent_bytes": sent_bytes}
        with self._database.write() as tx:
            tx.records.append(
                Event(
                    name=EventName.EVIDENCE_EXPORTED,
                    at=now,
                    actor=actor,
                    dispatch=dispatch.id,
                    delivery=delivery.id,
                    facts=facts,
                )
            )
        self._checkpoints.run()
        members = self._members(case, delivery, now, sent_bytes=sent_bytes)
        return _zipped(members | self._signed(members, now), now)

    def _members(self, case: Case, delivery: Delivery, now: dt.datetime, *, sent_bytes: bool) -> Members:
        with self._database.read() as tx:
            attempts = tx.deliveries.attempts_of([delivery.id]).get(delivery.id, ())
            receipts = tx.records.receipts_of([delivery.id])[delivery.id]
            documents = tx.records.documents(delivery.id)
            events = [one for one in tx.records.events(case.dispatch.id) if one.delivery == delivery.id]
        paper = self._printer.draw(_record(case, delivery, attempts, receipts, documents, now))
        return {
            **{f"README.{language.value}.txt": self._readme(language).encode() for language in Language},
            "transmission-record.pdf": paper.content,
            **self._of_attempts(attempts, case.key, sent_bytes=sent_bytes),
            **self._of_receipts(events),
            **{f"certificates/{name}": pem for name, pem in self._signer.certificates().items()},
            **self._of_ledger(delivery),
        }

    def _of_attempts(self, attempts: Sequence[Attempt], key: DataKey, *, sent_bytes: bool) -> Members:
        members: Members = {}
        digests = [(one.sent_digest, f"sent/{one.number:02d}.bin") for one in attempts if one.sent_digest]
        lines = [f"{digest.removeprefix('sha256:')}  {name}\n" for digest, name in digests]
        members["sent/DIGESTS.txt"] = "".join(lines).encode()
        for one in attempts:
            if one.words:
                words = self._vault.open(key, contexts.words(one.id), one.words)
                members[f"receipts/attempt-{one.number:02d}-reply.txt"] = words
            if sent_bytes and one.sent_object:
                members[f"sent/{one.number:02d}.bin"] = self._vault.get(key, contexts.sent(one.id), one.sent_object)
        return members

    def _of_receipts(self, events: Sequence[Event]) -> Members:
        """Everything that came back for the delivery, as it came."""
        ids = dict.fromkeys(str(one.facts["incoming"]) for one in events if "incoming" in one.facts)
        return {f"receipts/{number:02d}.eml": self._raw_receipt.raw(one)[1] for number, one in enumerate(ids, start=1)}

    def _of_ledger(self, delivery: Delivery) -> Members:
        with self._database.read() as tx:
            newest = tx.ledger.newest_checkpoint()
            entries = list(tx.ledger.chain(delivery.id))
            leaves = [leaf_hash(one) for one in tx.ledger.links(newest.size)] if newest else []
        members = {"ledger/checkpoint.txt": newest.note.encode()} if newest else {}
        lines = [json.dumps(_proved(one, leaves), separators=(",", ":")) + "\n" for one in entries]
        return members | {"ledger/events.jsonl": "".join(lines).encode()}

    def _signed(self, members: Members, now: dt.datetime) -> Members:
        lines = [f"{sha256(content).removeprefix('sha256:')}  {name}\n" for name, content in sorted(members.items())]
        sums = "".join(lines).encode()
        return {SUMS: sums, SIGNATURE: self._signer.sign(sums, now)}


def _record(  # noqa: PLR0917
    case: Case,
    delivery: Delivery,
    attempts: Sequence[Attempt],
    receipts: Sequence[ReceiptRecord],
    documents: Sequence[RenderedRecord],
    now: dt.datetime,
) -> TransmissionRecord:
    dispatch, language = case.dispatch, _language(delivery)
    person = next((one for one in case.decision.participants if one.id == delivery.participant), None)
    addressee = Addressee(
        name=person.name if person else None,
        organization=person.organization if person else delivery.recipient,
        reference=person.reference if person else None,
    )
    provided = [
        ProvidedDocument(kind=one.kind, language=language, pages=one.pages, digest=one.digest)
        for one in documents
        if one.kind is not None
    ]
    return TransmissionRecord(
        concern=Concern(
            division=dispatch.division,
            office=dispatch.office,
            zone=zone_of(dispatch.office),
            files=dispatch.files,
            delivery=delivery.id,
            language=language,
            made_on=today_at(dispatch.office, now),
        ),
        provision=Provision(to=addressee, role=delivery.roles[0], documents=tuple(provided)),
        attempts=tuple(
            RecordedAttempt(
                channel=ChannelName(one.channel),
                started_at=one.started_at,
                result=one.result,
                reference=one.reference,
            )
            for one in attempts
            if one.started_at is not None and one.result is not None
        ),
        receipts=tuple(one.receipt for one in receipts),
    )


def _language(delivery: Delivery) -> Language:
    return Language.FR if delivery.language is PreferredLanguage.FR else Language.EN


def _proved(entry: Entry, leaves: Sequence[bytes]) -> Mapping[str, object]:
    """An event's canonical bytes as they are hashed, its link, and its path to the checkpoint's root."""
    content = canonical(entry.event, entry.chain, entry.sequence).decode() if entry.event else None
    proof = inclusion_proof(leaves, entry.leaf) if entry.leaf is not None and entry.leaf < len(leaves) else []
    return {
        "event": content,
        "link": entry.link.hex(),
        "leaf": entry.leaf,
        "proof": [base64.b64encode(one).decode() for one in proof],
    }


def _zipped(members: Members, now: dt.datetime) -> bytes:
    """Stored, not compressed: whoever looks for a document in damaged media finds it whole."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), content)
    return made.getvalue()
