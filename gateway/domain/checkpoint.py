"""A checkpoint: how many events there were and the root of the tree over them, signed (C2SP tlog-checkpoint)."""

import base64
import binascii
import re
from dataclasses import dataclass

from gateway.domain.merkle import HASH_BYTES

_NOTE = re.compile(
    r"(?P<body>(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/=]+)\n(?:[^\n]+\n)*)\n"
    r"(?P<signatures>(?:\u2014 [^ \n]+ [A-Za-z0-9+/=]+\n)+)"
)
_SIGNATURE = re.compile(r"\u2014 [^ \n]+ ([A-Za-z0-9+/=]+)\n")
_KEY_ID_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a note says. `signatures`: each a key's id (4 bytes) and its signature over `body`."""

    origin: str
    size: int
    root: bytes
    body: bytes
    signatures: tuple[tuple[bytes, bytes], ...]


def body_of(origin: str, size: int, root: bytes) -> bytes:
    """What is signed: three lines."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def note_of(body: bytes, key_name: str, key_id: bytes, signature: bytes) -> str:
    """The signed note: the body, an empty line, and the signature in a line."""
    return f"{body.decode()}\n\u2014 {key_name} {base64.b64encode(key_id + signature).decode()}\n"


def read_note(note: str) -> Checkpoint | None:
    """What a note says; None when it is none."""
    found = _NOTE.fullmatch(note)
    if found is None:
        return None
    try:
        root = base64.b64decode(found["root"], validate=True)
        signed = [base64.b64decode(one, validate=True) for one in _SIGNATURE.findall(found["signatures"])]
    except binascii.Error:
        return None
    if len(root) != HASH_BYTES:
        return None
    return Checkpoint(
        origin=found["origin"],
        size=int(found["size"]),
        root=root,
        body=found["body"].encode(),
        signatures=tuple((one[:_KEY_ID_BYTES], one[_KEY_ID_BYTES:]) for one in signed),
    )
