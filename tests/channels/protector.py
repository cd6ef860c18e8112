"""A stand-in for the real protector: it protects nothing, and says so in what it makes.

For tests of composing and sending only. `tests/channels/test_encrypted_email_end_to_end.py` uses the real one.
"""

import datetime as dt
import zlib
from dataclasses import dataclass

from gateway.domain.base64_body import base64_body
from gateway.domain.failures import Refused
from gateway.domain.parties import RecipientChannel
from gateway.ports.channels import ProtectedEntity

MARK = b"NOT ENCRYPTED: a stand-in for tests\n"
HEADERS = (
    b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
    b'Content-Disposition: attachment; filename="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n"
)


@dataclass
class StandInProtector:
    """Wraps the entity recognisably (compressed, so that nothing of it shows by accident). Refuses on demand."""

    refusal: Refused | None = None
    protected: int = 0

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """What the test wants."""
        return self.refusal

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """The mark, then the entity compressed."""
        self.protected += 1
        return ProtectedEntity(mime=base64_body(MARK + zlib.compress(entity, 1), head=HEADERS))


def unwrap(wrapped: bytes) -> bytes:
    """The entity again."""
    assert wrapped.startswith(MARK)
    return zlib.decompress(wrapped[len(MARK) :])
