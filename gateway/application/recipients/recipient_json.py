"""A directory entry as bytes, as it is sealed."""

from gateway.application.kept_json import from_kept, to_kept
from gateway.domain.parties import Recipient


def recipient_to_json(recipient: Recipient) -> bytes:
    """The entry as JSON, the same bytes for the same entry; keys and certificates in base64url."""
    return to_kept(recipient)


def recipient_from_json(raw: bytes) -> Recipient:
    """The entry again. Raises SetupWrong (seal.broken) when this was never written by `recipient_to_json`."""
    return from_kept(Recipient, raw, where="recipient")
