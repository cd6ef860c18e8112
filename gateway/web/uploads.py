"""Forms that bring files along, read in memory alone: what they bring is sealed before it touches a disk."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.web.safety import check_form, from_our_own_page

MULTIPART = "multipart/form-data"
FORM_WITHIN = 120.0
"""Seconds in which a form with its file must have come whole: what a line of 1.5 megabits takes for the largest."""
_BESIDES = 65_536
"""Octets of a body beside its file: the other fields, and what stands about each."""
_A_FIELD = 256
"""What stands about a field."""


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a form holds: its fields, and its files as they came."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]
    dropped: Sequence[bytes]
    """Every file that holds something, in the order they came."""


def is_multipart(request: Request) -> bool:
    """Whether the body says that it may bring files."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == MULTIPART


async def form_with_file(request: Request, secret: str, *, most: int, fields: int, files: int = 1) -> Brought:
    """What a posted form of that session holds. most: octets of its files; files: the most of them.

    Raises NoSuchThing (request.not-found) for a form of another site or session, InputRefused (request.invalid) for
    what is no form of ours, (receipt.too-large).
    """
    from_our_own_page(request)
    besides = _BESIDES + fields * _A_FIELD
    parts = _bounded(request, most, besides)
    parser = MultiPartParser(request.headers, parts, max_files=files, max_fields=fields, max_part_size=_BESIDES)
    parser.spool_max_size = most + besides + 1  # at its own limit it would write the rest to a disk, unsealed
    try:
        async with asyncio.timeout(FORM_WITHIN):
            held = await parser.parse()
    except (MultiPartException, TimeoutError):
        raise InputRefused(Code.REQUEST_INVALID, where="body") from None
    try:
        told = {name: value for name, value in held.items() if isinstance(value, str)}
        check_form(told.get("form", "").encode(), secret)
        brought = [(name, await one.read()) for name, one in held.multi_items() if isinstance(one, UploadFile)]
    finally:
        await held.close()
    return Brought(fields=told, files=dict(brought), dropped=[one for _, one in brought if one])


async def _bounded(request: Request, most: int, besides: int) -> AsyncGenerator[bytes, None]:
    """Raises InputRefused (receipt.too-large)."""
    taken = 0
    async for part in request.stream():
        taken += len(part)
        if taken > most + besides:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, where="file", most=most)
        yield part
