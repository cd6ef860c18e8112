"""ASiCManifest.xml: what is signed lists the members and their digests (ETSI EN 319 162-1 Annex A.4)."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.asice_names import shown

MANIFEST = "META-INF/ASiCManifest.xml"
SIGNATURE = "META-INF/signature.p7s"

_ASIC, _DS = "http://uri.etsi.org/02918/v1.2.1#", "http://www.w3.org/2000/09/xmldsig#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_SIGNATURE_TYPES = (None, "application/pkcs7-signature", "application/x-pkcs7-signature")

_DIGESTS: Mapping[str, Callable[[bytes], bytes]] = {
    _SHA256: lambda content: hashlib.sha256(content).digest(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": lambda content: hashlib.sha384(content).digest(),
    "http://www.w3.org/2001/04/xmlenc#sha512": lambda content: hashlib.sha512(content).digest(),
}
"""The digests that are taken, by their identifiers (RFC 9231)."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One member as the manifest lists it."""

    name: str
    algorithm: str
    digest: bytes

    def check(self, content: bytes) -> None:
        """Whether `content` is what was listed. Raises InputRefused (package.digest-mismatch)."""
        if _DIGESTS[self.algorithm](content) != self.digest:
            raise InputRefused(Code.PACKAGE_DIGEST_MISMATCH, where=shown(self.name))


def read_manifest(raw: bytes) -> Mapping[str, Listed]:
    """What the manifest lists, by member name, percent-decoded.

    Nothing but the elements and attributes of the format is taken: no document type, no entities, no extensions.
    Raises InputRefused: package.manifest-invalid, package.digest-algorithm.
    """
    root = _parsed(raw)
    _check_element(root, f"{{{_ASIC}}}ASiCManifest", attributes=set())
    signature, *references = _children(root)
    _check_signature_reference(signature)
    listed: dict[str, Listed] = {}
    for reference in references:
        found = _listed(reference)
        if found.name in listed:
            raise _invalid(found.name)
        listed[found.name] = found
    if not listed:
        raise _invalid()
    return listed


def write_manifest(members: Mapping[str, tuple[str, bytes]]) -> bytes:
    """The manifest of the members, given by name with media type and content; digests are SHA-256."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<asic:ASiCManifest xmlns:asic="{_ASIC}" xmlns:ds="{_DS}">',
        f'  <asic:SigReference URI="{SIGNATURE}" MimeType="application/pkcs7-signature"/>',
        *(_reference(name, media_type, content) for name, (media_type, content) in members.items()),
        "</asic:ASiCManifest>",
        "",
    ]
    return "\n".join(lines).encode()


def _reference(name: str, media_type: str, content: bytes) -> str:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return (
        f"  <asic:DataObjectReference URI={quoteattr(quote(name))} MimeType={quoteattr(media_type)}>\n"
        f'    <ds:DigestMethod Algorithm="{_SHA256}"/><ds:DigestValue>{digest}</ds:DigestValue>\n'
        "  </asic:DataObjectReference>"
    )


def _parsed(raw: bytes) -> Element:
    """UTF-8 only: handed over as text, so that no declaration inside chooses another reading."""
    try:
        text = raw.decode("utf-8-sig")
        root: Element = fromstring(text, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError) as error:
        raise _invalid() from error
    return root


def _children(parent: Element) -> list[Element]:
    """The child elements, at least one; between them only white space."""
    children = list(parent)
    texts = [parent.text, *(child.tail for child in children)]
    if not children or any(text and text.strip() for text in texts):
        raise _invalid()
    return children


def _check_element(element: Element, tag: str, *, attributes: Iterable[str]) -> None:
    if element.tag != tag or not set(element.attrib) <= set(attributes):
        raise _invalid()


def _check_signature_reference(element: Element) -> None:
    _check_element(element, f"{{{_ASIC}}}SigReference", attributes={"URI", "MimeType"})
    empty = len(element) == 0 and not (element.text or "").strip()
    if not empty or element.get("URI") != SIGNATURE or element.get("MimeType") not in _SIGNATURE_TYPES:
        raise _invalid(SIGNATURE)


def _listed(reference: Element) -> Listed:
    _check_element(reference, f"{{{_ASIC}}}DataObjectReference", attributes={"URI", "MimeType", "Rootfile"})
    name = _member_name(reference.get("URI"))
    match _children(reference):
        case [method, value]:
            _check_element(method, f"{{{_DS}}}DigestMethod", attributes={"Algorithm"})
            _check_element(value, f"{{{_DS}}}DigestValue", attributes=set())
        case _:
            raise _invalid(name)
    algorithm = method.get("Algorithm", "")
    if len(method) or len(value) or (method.text or "").strip():
        raise _invalid(name)
    if algorithm not in _DIGESTS:
        raise InputRefused(Code.PACKAGE_DIGEST_ALGORITHM, where=shown(name))
    return Listed(name=name, algorithm=algorithm, digest=_decoded(value.text or "", name))


def _member_name(uri: str | None) -> str:
    """The member that a relative reference names (RFC 3986 §2.1)."""
    try:
        name = unquote(uri or "", errors="strict")
    except UnicodeDecodeError as error:
        raise _invalid() from error
    if not name:
        raise _invalid()
    return name


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid(name) from error


def _invalid(name: str | None = None) -> InputRefused:
    where = MANIFEST if name is None else f"{MANIFEST}#{shown(name)}"
    return InputRefused(Code.PACKAGE_MANIFEST_INVALID, where=where)
