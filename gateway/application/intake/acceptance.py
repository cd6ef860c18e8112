"""The signed acceptance of a package: what a submitter can show to prove that, and when, it was taken in.

A small JSON object in a CAdES signature; `openssl cms -verify -inform DER -CAfile gateway-ca.pem` gives it out.
"""

import base64
import json

from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event
from gateway.ports.own_keys import DocumentSigner

SCHEMA = "package-acceptance/1"
ACCEPTANCE = "acceptance"
"""The fact of the event of acceptance that holds it, in base64: it says nothing that the other facts do not."""


def sign_acceptance(dispatch: Dispatch, signer: DocumentSigner) -> bytes:
    """DER of the signed acceptance. Raises SetupWrong (key.*): then nothing is accepted."""
    statement = {
        "schema": SCHEMA,
        "dispatch": dispatch.id,
        "package_id": str(dispatch.package_id),
        "digest": dispatch.digest,
        "size": dispatch.size,
        "division": dispatch.division.value,
        "signer": dispatch.signer,
        "accepted_at": dispatch.accepted_at.isoformat(),
    }
    return signer.sign(json.dumps(statement, separators=(",", ":")).encode(), dispatch.accepted_at)


def acceptance_in(accepted: Event) -> bytes | None:
    """The signed acceptance as it was recorded; None for a package from before there were any."""
    kept = accepted.facts.get(ACCEPTANCE)
    return base64.b64decode(kept) if isinstance(kept, str) else None
