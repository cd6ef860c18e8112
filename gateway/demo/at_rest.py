"""What lies on the disk: nothing of a decision may stand there in clear."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.decisions import Written
from gateway.domain.parties import Recipient

_PDF = b"%PDF-"
_PHRASE = 40
_LEAST = 5
"""Bytes a word must have: shorter ones turn up by chance among megabytes of sealed bytes, "Ivo" in one run of five."""


@dataclass(frozen=True, kw_only=True)
class AtRest:
    """How much was looked through, and the names of the files in which something stood in clear."""

    files: int
    size: int
    words: int
    found: Sequence[str]


def look_for(home: Path, words: Sequence[bytes]) -> AtRest:
    """Looks for the words in every file under the home."""
    paths = [path for path in sorted(home.rglob("*")) if path.is_file()]
    contents = {path: path.read_bytes() for path in paths}
    return AtRest(
        files=len(paths),
        size=sum(len(content) for content in contents.values()),
        words=len(words),
        found=[
            path.relative_to(home).as_posix()
            for path, content in contents.items()
            if any(word in content for word in words)
        ],
    )


def secrets_of(decisions: Sequence[Written], directory: Collection[Recipient]) -> Sequence[bytes]:
    """Names and addresses, phrases of the reasons, and the mark every PDF begins with."""
    names = {one.name for one in directory}
    names |= {way.address or "" for one in directory for way in one.channels}
    phrases: set[bytes] = set()
    for written in decisions:
        decision = written.decision
        names |= {one.family_name for one in decision.persons} | {one.given_name or "" for one in decision.persons}
        names |= {one.name for one in decision.decision.members} | {one.name or "" for one in decision.participants}
        texts = (content for path, content in written.documents.items() if path.endswith(".md"))
        phrases |= {line[:_PHRASE] for text in texts for line in text.splitlines() if len(line) > 2 * _PHRASE}
    words = {_PDF, *phrases, *(name.encode() for name in names)}
    return sorted(word for word in words if len(word) >= _LEAST)
