"""The other side of the outcome feed, as a reference: it opens batches with its own key, checks what it can, keeps a
ledger and answers, and can be told to reject, repeat and answer in part. A stand-in for GCMS, whose interface is not
public.
"""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from gateway.application.schemas import schema
from keys import cades, enveloped
from keys.cades import SigningKey
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data

Judge = Callable[[dict[str, Any]], str | None]
"""The code with which a line is rejected; None accepts it."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A batch as it was read. A batch is known by its number: the same again must be the same octets."""

    control: dict[str, Any]
    lines: Sequence[dict[str, Any]]


@cache
def _validator(name: str) -> Any:
    return Draft202012Validator(schema(name))


def accept_all(_: dict[str, Any]) -> None:
    """Nothing is rejected."""


@dataclass
class CaseSystem:
    """key: what it decrypts and signs with. sender: whom it takes batches from; None: whoever signed the first."""

    folder: Path
    key: SigningKey
    sender: x509.Certificate | None = None
    judge: Judge = accept_all
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ledger: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """What it answered to each transaction."""
    raw: dict[str, bytes] = field(default_factory=dict)
    """Each line as it came, by its transaction."""
    octets: dict[str, str] = field(default_factory=dict)
    """The digest of each batch, as it came, by its number."""
    repeats: int = 0
    questions: int = 0
    answers: int = 0

    def arrived(self) -> list[Path]:
        """What lies there and was not fetched."""
        return sorted((self.folder / "outcomes").glob("*.p7m"))

    def fetch(self, path: Path) -> Opened | None:
        """Reads a batch, enters its lines in the ledger and lets go of the file; None for a question."""
        raw = path.read_bytes()
        path.unlink()
        lines = self.open(raw).splitlines(keepends=True)
        head = json.loads(lines[0])
        if head["schema"] == "outcome-question/1":
            self.questions += 1
            return None
        self._check(head, lines[1:], raw)
        opened = Opened(control=head, lines=[json.loads(one) for one in lines[1:]])
        for one, line in zip(opened.lines, lines[1:], strict=True):
            _validator("outcome").validate(one)
            known = self.raw.setdefault(one["transaction"], line)
            assert known == line, "a transaction came with other content"
            code = self.judge(one)
            self.ledger.setdefault(one["transaction"], ("rejected" if code else "accepted", code))
        return opened

    def open(self, raw: bytes) -> bytes:
        """What was encrypted to it and signed by the sender."""
        signed = enveloped.decrypt(raw, key=self.key.private_key, certificate=self.key.certificate)
        read = read_signed_data(signed)
        assert read.content is not None
        signature = verify_over(read.content, read)
        self.sender = self.sender or signature.certificate
        assert signature.certificate == self.sender
        return read.content

    def in_force(self) -> dict[str, dict[str, Any]]:
        """What stands there: what it accepted, and no correction or withdrawal that it accepted ended."""
        accepted = {
            name: json.loads(self.raw[name]) for name, (result, _) in self.ledger.items() if result == "accepted"
        }
        ended = {one["corrects"] for one in accepted.values() if "corrects" in one}
        assert ended <= accepted.keys() | {name for name, (result, _) in self.ledger.items() if result == "rejected"}
        return {name: one for name, one in accepted.items() if name not in ended and one["kind"] != "withdrawal"}

    def answer(self, opened: Opened, *, only: Sequence[str] | None = None, name: str | None = None) -> Path:
        """Puts a signed acknowledgement: of all lines, or of those transactions alone."""
        told = [one["transaction"] for one in opened.lines if only is None or one["transaction"] in only]
        lines = [
            {"transaction": one, "result": self.ledger[one][0]}
            | ({"code": self.ledger[one][1]} if self.ledger[one][1] else {})
            for one in told
        ]
        said = {
            "schema": "outcome-acknowledgement/1",
            "batch": opened.control["batch"],
            "digest": opened.control["digest"],
            "lines": lines,
        }
        return self.say(said, name=name)

    def say(self, said: dict[str, Any], *, name: str | None = None) -> Path:
        """Signs and puts whatever that is."""
        signed = cades.sign(json.dumps(said).encode(), signer=self.key, at=self.clock(), detached=False)
        return self.put(signed, name=name)

    def put(self, raw: bytes, *, name: str | None = None) -> Path:
        """Writes under another name, then renames; long enough ago to be taken at once."""
        self.answers += 1
        place = self.folder / "in" / (name or f"answer-{self.answers:06d}.p7s")
        place.parent.mkdir(exist_ok=True)
        part = place.with_name(f"{place.name}.part")
        part.write_bytes(raw)
        os.utime(part, (0, 0))
        part.rename(place)
        return place

    def _check(self, head: dict[str, Any], lines: Sequence[bytes], raw: bytes) -> None:
        _validator("outcome-batch").validate(head)
        assert head["count"] == len(lines)
        assert head["digest"] == f"sha256:{hashlib.sha256(b''.join(lines)).hexdigest()}"
        digest = hashlib.sha256(raw).hexdigest()
        self.repeats += head["batch"] in self.octets
        assert self.octets.setdefault(head["batch"], digest) == digest, "the same batch came as other octets"
