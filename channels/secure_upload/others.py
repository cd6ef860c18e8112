"""Exchanges of others that a program reaches: what each kind of them can, and what is uploaded there."""

from typing import Protocol

from channels.secure_upload.packing import packed
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.digest import sha256
from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.parties import ExchangeKind
from gateway.domain.reasons import Reason
from gateway.domain.reference import token_of
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Answer, Consignment, Prepared
from gateway.ports.exchange import PaperToLeave
from gateway.ports.uploads import Upload

Word = tuple[type[NotSent | Refused | Misconfigured], Reason]
"""What a fault comes to while it is sure that nothing was handed over."""


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

    def take_back(self, upload: Upload) -> TakenBack:
        """Removes it where it lies, whole or unfinished. As `look_up`."""
        ...


def prepared_for(consignment: Consignment, account: str, kind: ExchangeKind) -> Prepared:
    """The papers as one ZIP; the same papers are the same bytes, so that what was begun before can be gone on with."""
    papers = [
        PaperToLeave(name=one.name, media_type=one.media_type, content=one.content) for one in consignment.documents
    ]
    return Prepared(reference=consignment.reference, destination=account, payload=packed(papers), exchange=kind)


def upload_of(prepared: Prepared, kind: ExchangeKind, place: str) -> Upload:
    """What is uploaded, and where."""
    return Upload(
        token=token_of(prepared.reference),
        exchange=kind,
        account=prepared.destination,
        digest=sha256(prepared.payload),
        size=len(prepared.payload),
        place=place,
    )


def lies_there(upload: Upload) -> HandedOver:
    """It was uploaded, whole."""
    return HandedOver(words=f"{upload.place} {upload.digest}".strip())


def not_there(word: Word, words: str, *, in_doubt: bool) -> AttemptFailure:
    """It was not uploaded. in_doubt: or it was, and the answer did not come."""
    if in_doubt:
        return MaybeSent(reason=Reason.EXCHANGE_UNCERTAIN, words=words)
    failure, reason = word
    return failure(reason=reason, words=words)
