"""Papers as one stored ZIP: the exact bytes of each, and their names. The same papers are the same bytes."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from gateway.ports.exchange import PaperToLeave

GROWTH = 1.05
"""A stored ZIP adds its directory: some 250 bytes a file, and nothing to what is in them."""
PDF = "application/pdf"
_TEXT = "text/plain"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP can name."""


def packed(papers: Sequence[PaperToLeave]) -> bytes:
    """The ZIP."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for paper in papers:
            archive.writestr(zipfile.ZipInfo(paper.name, _EPOCH), paper.content)
    return made.getvalue()


def unpacked(payload: bytes) -> list[PaperToLeave]:
    """What is in it, in order."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return [
            PaperToLeave(name=one.filename, media_type=_media_type(one.filename), content=archive.read(one))
            for one in archive.infolist()
        ]


def file_name(payload: bytes, token: str) -> str:
    """By the Board's convention, as its first document, and the token by which a repeat and a receipt are known."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return f"{PurePosixPath(archive.infolist()[0].filename).stem}_{token}.zip"


def _media_type(name: str) -> str:
    return _TEXT if name.endswith(".txt") else PDF
