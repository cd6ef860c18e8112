"""Signed receipts (RFC 2634 §2.4, RFC 8551 §3.2.2): found here, verified elsewhere."""

from channels.mail.structure import Part, parts_of

_MEDIA_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_KIND = "signed-receipt"


def find(message: Part) -> bytes | None:
    """The CMS of the receipt, as it came; None when the message holds none."""
    for part in parts_of(message):
        if part.get_content_type() in _MEDIA_TYPES and str(part.get_param("smime-type", "")).lower() == _KIND:
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    return None
