"""What remains of a package whose key was destroyed: its last status and the reasons people gave, as evidence.

Both are sealed under the package's key, in part, until it expires; then they are kept once more, whole, under the
evidence key.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.ports.database import Transaction

View = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Expired:
    """That a package expired, and the key under which its remains are."""

    event: Event
    key: DataKey


def expiry_of(tx: Transaction, dispatch: Dispatch) -> Expired | None:
    """Its expiry; None while its content can be opened."""
    if tx.registry.has_data_key(dispatch.data_key):
        return None
    found = [one for one in tx.records.events(dispatch.id) if one.name is EventName.PACKAGE_EXPIRED]
    return Expired(event=found[-1], key=data_key(tx.registry, contexts.EVIDENCE_KEY)) if found else None


def remains_of(vault: Vault, dispatch: Dispatch, events: Sequence[Event], key: DataKey, status: View) -> bytes:
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
    return json.dumps({"status": status, "reasons": reasons}, ensure_ascii=False).encode()


def open_remains(vault: Vault, expired: Expired) -> View:
    """The status as it last stood, and when it expired. Raises SetupWrong (seal.*), NoSuchThing."""
    event = expired.event
    raw = vault.get(expired.key, contexts.remains(event.dispatch or ""), str(event.facts["remains"]))
    status: View = json.loads(raw)["status"]
    return status | {"expired_at": event.at.isoformat()}
