"""The evidence of one participant's delivery as a ZIP that a court checks with unzip, sha256sum and openssl alone.

`SHA256SUMS` names every other member, and its detached signature is the whole check; the ledger's part is a second one.
It holds what concerns this participant only: nobody else's address, document or event is in it, unless everybody's
evidence is asked for with a reason.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.evidence.ledger_part import EVENTS, STAMP, ledger_members
from gateway.application.evidence.members import DATA, DOSSIER, DeliveryMembers, Members, Words
from gateway.application.evidence.proof_facts import GatherFacts
from gateway.application.evidence.records import DeliveryRecord, read_record
from gateway.application.evidence.trust import TrustMembers
from gateway.application.ledger.checkpoints import MakeCheckpoints
from gateway.application.ledger.stamps import StampCheckpoints
from gateway.application.people.own_offices import check_dispatch
from gateway.application.retention.remains import ProofFacts, expiry_of
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.ledger import EvidenceSigner

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.p7s"
_ATTACHED = ("receipts/", "papers/")


@dataclass(frozen=True, kw_only=True)
class AskedEvidence:
    """What is to be in it besides. `sent_bytes`: the exact bytes that were sent, beside their digests.
    `everybody`: why the other parties' evidence is given too; None: it is withheld."""

    sent_bytes: bool = False
    everybody: str | None = None


class ExportEvidence:
    """Gathers it. That it was given out is itself an event of the delivery, and stands in what is given."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        facts: GatherFacts,
        checkpoints: MakeCheckpoints,
        stamps: StampCheckpoints,
        members: DeliveryMembers,
        trust: TrustMembers,
        signer: EvidenceSigner,
        words: Words,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._facts = facts
        self._checkpoints = checkpoints
        self._stamps = stamps
        self._members = members
        self._trust = trust
        self._signer = signer
        self._words = words
        self._clock = clock

    def __call__(self, dispatch_id: str, participant: str, asked: AskedEvidence, *, actor: str) -> bytes:
        """The ZIP.

        Raises NoSuchThing (dispatch.unknown, participant.unknown), InputRefused (request.invalid: everybody's is asked
        for without a reason), Conflict (retention.evidence-expired), SetupWrong (seal.*, key.*), ServiceDown,
        NotAllowed (account.other-office).
        """
        if asked.everybody is not None and not asked.everybody.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        now = self._clock.now()
        with self._database.read() as tx:
            dispatch = check_dispatch(tx, tx.dispatches.get(dispatch_id), actor)
            expiry_of(tx, dispatch)  # what was destroyed is not given out, and nothing is noted of it
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
        own = next((one for one in deliveries if one.participant == participant), None)
        if own is None:
            known = ", ".join(one.participant for one in deliveries)
            raise NoSuchThing(Code.PARTICIPANT_UNKNOWN, participant=participant, known=known)
        self._note(dispatch, own, asked, now, actor)
        self._checkpoints.run()
        self._stamps()  # an authority that does not answer now is asked again; the evidence goes without
        facts = self._facts(dispatch)
        members = self._of_one(dispatch, own, facts, now, asked)
        others = [one for one in deliveries if one is not own]
        if asked.everybody is not None:
            for other in others:
                members |= self._of_other(dispatch, other, facts, now, asked)
        stamped = any(name.endswith(STAMP) for name in members)
        members |= self._readmes(facts, asked, withheld=len(others), stamped=stamped)
        return _zipped(members | self._signed(members, now), now)

    def _note(self, dispatch: Dispatch, delivery: Delivery, asked: AskedEvidence, now: dt.datetime, actor: str) -> None:
        everybody = asked.everybody is not None
        facts: dict[str, str | int | bool] = {
            "participant": delivery.participant,
            "sent_bytes": asked.sent_bytes,
            "everybody": everybody,
        }
        with self._database.write() as tx:
            tx.records.append(
                Event(
                    name=EventName.EVIDENCE_EXPORTED,
                    at=now,
                    actor=actor,
                    dispatch=dispatch.id,
                    delivery=delivery.id,
                    facts=facts,
                    reason=self._sealed(tx, dispatch, delivery, asked.everybody) if asked.everybody else None,
                )
            )

    def _sealed(self, tx: Transaction, dispatch: Dispatch, delivery: Delivery, reason: str) -> bytes:
        """Under the package's key, that goes with it; of an expired one under that of the evidence."""
        gone = not tx.registry.has_data_key(dispatch.data_key)
        key = data_key(tx.registry, contexts.EVIDENCE_KEY if gone else dispatch.data_key)
        return self._vault.seal(key, contexts.reason(delivery.id), reason.encode())

    def _of_one(
        self, dispatch: Dispatch, delivery: Delivery, facts: ProofFacts, now: dt.datetime, asked: AskedEvidence
    ) -> Members:
        record, events = self._read(dispatch, delivery)
        members = self._members(record, facts, events, now, **_how(asked))
        with self._database.read() as tx:
            members |= ledger_members(tx, [dispatch.id, delivery.id])
        attached = {name: members[name] for name in members if name.startswith(_ATTACHED)}
        attached |= {name: members[name] for name in (DATA, "sent/DIGESTS.txt", EVENTS)}
        members[DOSSIER] = self._members.dossier(record, facts, attached, now)
        own = {f"certificates/{name}": pem for name, pem in self._signer.certificates().items()}
        if any(name.endswith(STAMP) for name in members):
            own["certificates/stamp-authority.pem"] = self._stamps.certificates()
        return members | own | self._trust(facts, events, delivery)

    def _of_other(
        self, dispatch: Dispatch, delivery: Delivery, facts: ProofFacts, now: dt.datetime, asked: AskedEvidence
    ) -> Members:
        record, events = self._read(dispatch, delivery)
        members = self._members(record, facts, events, now, **_how(asked))
        return {f"others/{delivery.participant}/{name}": content for name, content in members.items()}

    def _read(self, dispatch: Dispatch, delivery: Delivery) -> tuple[DeliveryRecord, Sequence[Event]]:
        """The delivery, its own events, and those of the dispatch that belong to no delivery."""
        with self._database.read() as tx:
            events = tx.records.events(dispatch.id)
            return read_record(tx, dispatch, delivery), [one for one in events if one.delivery in {None, delivery.id}]

    def _readmes(self, facts: ProofFacts, asked: AskedEvidence, *, withheld: int, stamped: bool) -> Members:
        keys = ["readme"]
        keys += ["readme-stamped"] if stamped else []
        keys += ["readme-expired"] if facts.expired_at is not None else []
        if withheld:
            keys.append("readme-withheld" if asked.everybody is None else "readme-everybody")
        return {
            f"README.{language.value}.txt": "\n".join(self._words(key, language) for key in keys).encode()
            for language in Language
        }

    def _signed(self, members: Members, now: dt.datetime) -> Members:
        lines = [f"{sha256(content).removeprefix('sha256:')}  {name}\n" for name, content in sorted(members.items())]
        sums = "".join(lines).encode()
        return {SUMS: sums, SIGNATURE: self._signer.sign(sums, now)}


def _how(asked: AskedEvidence) -> dict[str, bool]:
    return {"sent_bytes": asked.sent_bytes, "everybody": asked.everybody is not None}


def _zipped(members: Members, now: dt.datetime) -> bytes:
    """Stored, not compressed: whoever looks for a document in damaged media finds it whole."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), content)
    return made.getvalue()
