"""What a folder holds, read from a multistatus answer (RFC 4918 §13)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels.http.dates import read_date

_D = "{DAV:}"
ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<propfind xmlns="DAV:"><prop><resourcetype/><getlastmodified/><getcontentlength/></prop></propfind>'
)
"""The properties that are asked for."""


@dataclass(frozen=True, kw_only=True)
class DavFile:
    """A file, and when it was last written to by the server's clock. size: in bytes; 0: the server does not say."""

    name: str
    modified: dt.datetime
    size: int = 0


def read_listing(content: bytes) -> Sequence[DavFile]:
    """The plain files of a folder, by name. Raises ValueError for what is no such answer."""
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException):
        raise ValueError("no multistatus") from None
    if root.tag != f"{_D}multistatus":
        raise ValueError("no multistatus")
    found = [_file(one) for one in root.iter(f"{_D}response")]
    return sorted((one for one in found if one is not None), key=lambda one: one.name)


def _file(response: Element) -> DavFile | None:
    """None for a folder, and for what tells no time."""
    path, modified = response.findtext(f"{_D}href", ""), response.findtext(f".//{_D}getlastmodified")
    is_folder = response.find(f".//{_D}resourcetype/{_D}collection") is not None
    name = unquote(urlsplit(path).path.rpartition("/")[2])
    if is_folder or modified is None or not name or "/" in name:
        return None
    size = response.findtext(f".//{_D}getcontentlength") or ""
    return DavFile(name=name, modified=read_date(modified), size=int(size) if size.isascii() and size.isdigit() else 0)
