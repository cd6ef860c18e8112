"""A PDF file as objects: numbered, packed into object streams, with a cross-reference stream (ISO 32000-1, 7.5).

The bytes depend on what is added alone, and so does the file identifier.
"""

import hashlib
import zlib

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_END = b"\r\nendstream"
"""Both signs of a line's end, so that a stream which itself ends with one of them is still as long as it says."""
_OBJECTS_IN_STREAM = 200
_IN_FILE, _IN_STREAM = 1, 2


class PdfFile:
    """Collects objects. Dictionaries and arrays are given as text, which may refer to numbers reserved before."""

    def __init__(self) -> None:
        self._texts: dict[int, bytes] = {}
        self._streams: dict[int, bytes] = {}
        self._packed: dict[int, tuple[int, int, int]] = {}
        self._last = 0

    def copy(self) -> "PdfFile":
        """Another file that begins with the same objects."""
        other = PdfFile()
        other._texts, other._streams, other._packed = dict(self._texts), dict(self._streams), dict(self._packed)
        other._last = self._last
        return other

    def reserve(self, count: int = 1) -> int:
        """The first of `count` new object numbers."""
        first = self._last + 1
        self._last += count
        return first

    def set(self, number: int, body: str) -> None:
        """Gives a reserved number its object."""
        self._texts[number] = body.encode("latin-1")

    def add(self, body: str) -> int:
        """A new object; its number."""
        number = self.reserve()
        self.set(number, body)
        return number

    def add_stream(self, content: bytes, entries: str = "", *, packed: bool = False, plain: bool = False) -> int:
        """A new stream; its number. `packed` content is deflated already; `plain` stays readable, as XMP must."""
        number = self.reserve()
        self._streams[number] = _stream(content if packed or plain else deflated(content), entries, packed=not plain)
        return number

    def pack(self) -> None:
        """Packs what was set so far into object streams: none of it changes any more."""
        numbers = sorted(self._texts)
        for first in range(0, len(numbers), _OBJECTS_IN_STREAM):
            self._pack(numbers[first : first + _OBJECTS_IN_STREAM])
        self._texts.clear()

    def finish(self, root: int, info: int) -> bytes:
        """The file."""
        self.pack()
        parts = [_HEADER]
        offset = len(_HEADER)
        places = {0: (0, 0, 65535), **self._packed}
        for number, body in self._streams.items():
            places[number] = (_IN_FILE, offset, 0)
            parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
            offset += len(parts[-1])
        number = self.reserve()
        places[number] = (_IN_FILE, offset, 0)
        identity = hashlib.sha256(b"".join(parts)).hexdigest()[:32].upper()
        entries = f"/Type/XRef/Size {number + 1}/W[1 4 2]/Root {root} 0 R/Info {info} 0 R/ID[<{identity}><{identity}>]"
        table = b"".join(
            kind.to_bytes(1, "big") + place.to_bytes(4, "big") + index.to_bytes(2, "big")
            for kind, place, index in (places[one] for one in range(number + 1))
        )
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, _stream(deflated(table), entries)))
        parts.append(b"startxref\n%d\n%%%%EOF\n" % offset)
        return b"".join(parts)

    def _pack(self, numbers: list[int]) -> None:
        """Packs objects into an object stream and notes where each is."""
        index, bodies, at = [], [], 0
        for number in numbers:
            index.append(f"{number} {at}")
            bodies.append(self._texts[number])
            at += len(self._texts[number]) + 1
        head = (" ".join(index) + "\n").encode()
        entries = f"/Type/ObjStm/N {len(numbers)}/First {len(head)}"
        holder = self.add_stream(head + b"\n".join(bodies), entries)
        for place, number in enumerate(numbers):
            self._packed[number] = (_IN_STREAM, holder, place)


def deflated(content: bytes) -> bytes:
    """The content as /FlateDecode unpacks it."""
    return zlib.compress(content)


def _stream(content: bytes, entries: str, *, packed: bool = True) -> bytes:
    filtered = "/Filter/FlateDecode" if packed else ""
    return f"<<{entries}{filtered}/Length {len(content)}>>\nstream\n".encode("latin-1") + content + _END


def text_string(text: str) -> str:
    """A text string object (ISO 32000-1, 7.9.2.2): UTF-16, written in hexadecimal."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"
