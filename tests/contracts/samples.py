"""Values to keep. Each call makes a fresh one; every field can be set."""

import datetime as dt
import uuid
from typing import Any

from gateway.domain.delivery import Attempt, Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage, RecipientKind, Role
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.trust import TrustedAnchor
from gateway.ports.database import Database
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.ports.registry import Scope, SealedRecipient, StoredAnchor, Token

NOW = dt.datetime(2026, 11, 20, 15, 4, 5, 678901, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
LEASE = 5 * MINUTE


def name() -> str:
    """An id that was never used."""
    return str(uuid.uuid4())


def a_dispatch(**changes: Any) -> Dispatch:
    """A package that waits to be planned."""
    values: dict[str, Any] = {
        "id": name(),
        "package_id": uuid.uuid4(),
        "digest": "sha256:" + uuid.uuid4().hex * 2,
        "size": 123_456,
        "object_name": uuid.uuid4().hex,
        "division": Division.RPD,
        "office": "toronto",
        "files": ("TC6-12345", "TC6-12346"),
        "signer": "ab" * 32,
        "accepted_at": NOW,
        "submitted_by": "nova",
        "data_key": name(),
        "step": Step.PLAN,
        "next_action_at": NOW,
    }
    return Dispatch(**{**values, **changes})


def a_delivery(dispatch: str, **changes: Any) -> Delivery:
    """A delivery that is ready to go."""
    values: dict[str, Any] = {
        "id": name(),
        "dispatch": dispatch,
        "participant": "m1",
        "roles": (Role.MINISTER_COUNSEL,),
        "recipient": "cbsa-hearings-gta",
        "language": PreferredLanguage.FR,
        "state": DeliveryState.READY,
        "reason": None,
        "plan": ("encrypted-email", "secure-upload"),
        "next_action_at": NOW,
    }
    return Delivery(**{**values, **changes})


def an_attempt(delivery: Delivery, **changes: Any) -> Attempt:
    """The attempt of a delivery that was just claimed."""
    values: dict[str, Any] = {
        "id": name(),
        "delivery": delivery.id,
        "number": 1,
        "channel": delivery.channel or "",
        "fence": delivery.fence,
        "reference": f"<{uuid.uuid4().hex}@tribunal.example>",
        "claimed_at": NOW,
    }
    return Attempt(**{**values, **changes})


def a_document(delivery: str, ordinal: int, **changes: Any) -> RenderedRecord:
    """A rendered document."""
    values: dict[str, Any] = {
        "delivery": delivery,
        "ordinal": ordinal,
        "kind": DocumentKind.REASONS,
        "name": f"TC6-12345-RPD-reasons-{ordinal}.pdf",
        "media_type": "application/pdf",
        "digest": "sha256:" + "cd" * 32,
        "size": 4096,
        "pages": 6,
        "object_name": uuid.uuid4().hex,
        "language": PreferredLanguage.FR,
    }
    return RenderedRecord(**{**values, **changes})


def a_receipt(delivery: str, **changes: Any) -> ReceiptRecord:
    """The carrier's word that it took a message; `at` and `source` go into the receipt itself."""
    receipt = Receipt(
        event=ReceiptEvent.RELAY_TO_NON_ERDS,
        at=changes.pop("at", NOW),
        source=changes.pop("source", "smtp"),
        evidence="sha256:" + "ef" * 32,
    )
    values: dict[str, Any] = {
        "id": name(),
        "delivery": delivery,
        "attempt": None,
        "receipt": receipt,
        "external_id": name(),
        "object_name": None,
    }
    return ReceiptRecord(**{**values, **changes})


def an_event(**changes: Any) -> Event:
    """Something that happened."""
    return Event(**{"name": EventName.PACKAGE_ACCEPTED, "at": NOW, "actor": "gateway", **changes})


def a_recipient(**changes: Any) -> SealedRecipient:
    """A directory entry."""
    values: dict[str, Any] = {
        "id": name(),
        "kind": RecipientKind.MINISTER_COUNSEL,
        "divisions": frozenset({Division.RPD, Division.IAD}),
        "offices": frozenset({"toronto", "montreal"}),
        "sealed": b"\x00sealed\xff",
        "changed_at": NOW,
        "changed_by": "clerk",
    }
    return SealedRecipient(**{**values, **changes})


def an_anchor(**changes: Any) -> StoredAnchor:
    """A trusted anchor; what belongs to the anchor itself goes into it."""
    trusted_at = changes.pop("trusted_at", NOW)
    trusted_by = changes.pop("trusted_by", "clerk")
    values: dict[str, Any] = {
        "certificate": b"\x30\x82",
        "fingerprint": "12" * 32,
        "divisions": frozenset({Division.RPD}),
        "intermediates": (b"\x00one", b"two\xff"),
        "crls": (b"list",),
    }
    return StoredAnchor(anchor=TrustedAnchor(**{**values, **changes}), trusted_at=trusted_at, trusted_by=trusted_by)


def a_token(**changes: Any) -> Token:
    """An API token."""
    values: dict[str, Any] = {
        "id": name(),
        "name": "nova",
        "secret_digest": uuid.uuid4().hex * 2,
        "scopes": frozenset({Scope.SUBMIT, Scope.READ}),
        "created_at": NOW,
        "created_by": "clerk",
    }
    return Token(**{**values, **changes})


def stored_dispatch(database: Database, **changes: Any) -> Dispatch:
    """A dispatch that is in the database."""
    dispatch = a_dispatch(**changes)
    with database.write() as tx:
        tx.dispatches.add(dispatch)
    return dispatch


def stored_deliveries(database: Database, *changes: dict[str, Any]) -> list[Delivery]:
    """Deliveries of one finished dispatch, in the order given."""
    dispatch = stored_dispatch(database, step=Step.DONE, next_action_at=None)
    deliveries = [a_delivery(dispatch.id, **one) for one in changes]
    with database.write() as tx:
        for one in deliveries:
            tx.deliveries.add(one)
    return deliveries
