"""A posted form with a file in it (RFC 7578), read whole: it is small, and no library of ours reads it."""

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP

from fastapi import Request

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.web.safety import body_of, check_form

MOST = 64_000
"""Bytes: a certificate with its chain, or an OpenPGP key with many signatures."""


async def uploaded(request: Request, secret: str) -> Mapping[str, bytes]:
    """The fields of a form of that session, by name.

    Raises NoSuchThing (request.not-found) for a form of another site or session, InputRefused (request.invalid)
    for what is no such form.
    """
    raw = await body_of(request, most=MOST)
    kind = request.headers.get("content-type", "")
    message = message_from_bytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + raw, policy=HTTP)
    if message.get_content_type() != "multipart/form-data" or message.defects or not message.is_multipart():
        raise InputRefused(Code.REQUEST_INVALID, where="body")
    fields: dict[str, bytes] = {}
    for part in message.iter_parts():
        name, content = part.get_param("name", "", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise InputRefused(Code.REQUEST_INVALID, where="body")
        fields[name] = content
    check_form(fields.get("form", b""), secret)
    return fields
