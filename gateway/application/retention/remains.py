"""What remains of a package whose key was destroyed: its last status, whom it went to, and the reasons people gave.

All of it is sealed under the package's key, in part, until it expires; then it is kept once more, whole, under the
evidence key.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict
from gateway.ports.database import Transaction
from gateway.ports.papers import Addressee

View = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class ProofFacts:
    """What evidence tells of a dispatch beyond its rows.

    `status`: as the interface shows it; `addressees`: by delivery, and `former`: those of its former papers, in the
    order of these; `certificates`: of the package's signature, DER; `expired_at`: since when
    nothing of the package can be opened.
    """

    status: View
    addressees: Mapping[str, Addressee]
    certificates: tuple[bytes, ...]
    former: Mapping[str, tuple[Addressee, ...]] = field(default_factory=dict)
    expired_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Expired:
    """That a package expired, and the key under which its remains are."""

    event: Event
    key: DataKey


def expiry_of(tx: Transaction, dispatch: Dispatch) -> Expired | None:
    """Its expiry; None while its content can be opened. Raises Conflict (retention.evidence-expired)."""
    if tx.registry.has_data_key(dispatch.data_key):
        return None
    events = tx.records.events(dispatch.id)
    found = [one for one in events if one.name is EventName.PACKAGE_EXPIRED]
    if not found:
        return None
    if any(one.name is EventName.EVIDENCE_EXPIRED for one in events):
        raise Conflict(Code.RETENTION_EVIDENCE_EXPIRED, where=dispatch.id)
    # What expired under a release before the last is under the key of all evidence.
    key = str(found[-1].facts.get("key", contexts.EVIDENCE_KEY))
    return Expired(event=found[-1], key=data_key(tx.registry, key))


def remains_of(vault: Vault, dispatch: Dispatch, events: Sequence[Event], key: DataKey, facts: ProofFacts) -> bytes:
    """What is to remain. key: the package's, while it is there. Raises SetupWrong (seal.*)."""
    reasons = [
        {
            "event": one.name.value,
            "at": one.at.isoformat(),
            "actor": one.actor,
            "delivery": one.delivery,
            "reason": vault.open(key, contexts.reason(one.delivery or dispatch.id), one.reason).decode(),
        }
        for one in events
        if one.reason is not None
    ]
    kept = {
        "status": facts.status,
        "addressees": {delivery: asdict(one) for delivery, one in facts.addressees.items()},
        "former": {delivery: [asdict(one) for one in some] for delivery, some in facts.former.items()},
        "certificates": [base64.b64encode(one).decode() for one in facts.certificates],
        "reasons": reasons,
    }
    return json.dumps(kept, ensure_ascii=False).encode()


def open_remains(vault: Vault, expired: Expired) -> ProofFacts:
    """The facts as they last stood, and when it expired. Raises SetupWrong (seal.*), NoSuchThing."""
    event = expired.event
    kept = json.loads(vault.get(expired.key, contexts.remains(event.dispatch or ""), str(event.facts["remains"])))
    # What expired under a release before this one kept its status alone.
    addressees = kept.get("addressees", {}).items()
    return ProofFacts(
        status=kept["status"] | {"expired_at": event.at.isoformat()},
        addressees={delivery: _addressee(one) for delivery, one in addressees},
        former={delivery: tuple(_addressee(one) for one in some) for delivery, some in kept.get("former", {}).items()},
        certificates=tuple(base64.b64decode(one) for one in kept.get("certificates", [])),
        expired_at=event.at,
    )


def _addressee(kept: Mapping[str, Any]) -> Addressee:
    return Addressee(**{**kept, "lines": tuple(kept["lines"])})
