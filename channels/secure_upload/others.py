"""Exchanges of others that a program reaches: what each kind of them can, and what is uploaded there."""

from typing import Protocol

from channels.secure_upload.packing import packed
from gateway.domain.delivery import AttemptResult
from gateway.domain.parties import ExchangeKind
from gateway.ports.channels import Answer, Consignment, Prepared
from gateway.ports.exchange import PaperToLeave
from gateway.ports.uploads import Upload


class OthersExchange(Protocol):
    """All exchanges of one kind. Each account is the recipient's own, named in the file."""

    def knows(self, account: str) -> bool:
        """Whether the file names it."""
        ...

    async def send(self, prepared: Prepared) -> AttemptResult:
        """Uploads once. The same again uploads nothing twice."""
        ...

    def look_up(self, upload: Upload) -> Answer:
        """What became of it. Blocks, within the channel's time limit; never raises for what the far end does."""
        ...


def prepared_for(consignment: Consignment, account: str, kind: ExchangeKind) -> Prepared:
    """The papers as one ZIP; the same papers are the same bytes, so that what was begun before can be gone on with."""
    papers = [
        PaperToLeave(name=one.name, media_type=one.media_type, content=one.content) for one in consignment.documents
    ]
    return Prepared(reference=consignment.reference, destination=account, payload=packed(papers), exchange=kind)
