"""How a file of ours that qpdf changed is written: the same bytes for the same content, its streams as they are."""

from io import BytesIO
from typing import Final

from pikepdf import ObjectStreamMode, Pdf, StreamDecodeLevel, settings

_VERSION = "1.7"
"""What others' pages are drawn with may be of any version up to this one."""

_QUICKLY: Final = 1
"""Of zlib's levels. What is packed here are our own objects; content comes packed."""
settings.set_flate_compression_level(_QUICKLY)


def written(file: Pdf) -> bytes:
    """The file."""
    target = BytesIO()
    file.save(
        target,
        force_version=_VERSION,
        fix_metadata_version=False,
        stream_decode_level=StreamDecodeLevel.none,
        object_stream_mode=ObjectStreamMode.generate,
        deterministic_id=True,
    )
    return target.getvalue()
