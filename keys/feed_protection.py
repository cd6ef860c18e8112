"""What the outcome feed's batches are wrapped in: signed by us, encrypted to the receiver; and their signed answers.

Signed inside, encrypted outside, DER of RFC 5652: `openssl cms -decrypt` and `-verify` open it. See
`gateway.ports.feed.FeedProtection`.
"""

import datetime as dt
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import ChannelName, Protection, RecipientChannel
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.ports.own_keys import DocumentSigner
from keys import enveloped
from keys.cades_verify import check_claimed_time, verify_over
from keys.cms.reading import read_signed_data
from keys.recipient_certificates import check_recipient_certificate

Check = Callable[[RecipientChannel, dt.datetime], Refused | None]


class FeedEnvelopes:
    """The house's `FeedProtection`. receiver, acknowledger: the pinned certificates, DER."""

    def __init__(self, *, signer: DocumentSigner, check: Check, receiver: bytes, acknowledger: bytes) -> None:
        """check: whether a certificate holds at a moment, revocation included."""
        self._signer = signer
        self._check = check
        self._address = RecipientChannel(
            type=ChannelName.OUTCOME_FEED.value, protection=Protection.SMIME, certificate=receiver
        )
        self._acknowledger = acknowledger

    def protect(self, content: bytes, at: dt.datetime) -> bytes:
        """See `FeedProtection`."""
        refused = self._check(self._address, at)
        if refused is not None:
            raise SetupWrong(Code.FEED_RECEIVER_KEY, where="feed.receiver", reason=refused.reason.value)
        signed = self._signer.sign(content, at)
        certificate = check_recipient_certificate(self._address.certificate or b"", at)
        return enveloped.encrypt(signed, certificate=certificate, key_transport=self._address.key_transport)

    def acknowledgement(self, raw: bytes, at: dt.datetime) -> bytes:
        """See `FeedProtection`."""
        signed = read_signed_data(raw)
        if signed.content is None:
            raise InputRefused(Code.SIGNATURE_UNREADABLE)
        signature = verify_over(signed.content, signed, bound=False)
        if signature.certificate.public_bytes(Encoding.DER) != self._acknowledger:
            raise InputRefused(Code.FEED_SIGNER)
        check_claimed_time(signature, at)
        return signed.content
