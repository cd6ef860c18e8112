"""Canada Post's Connect («postel»), which no program reaches: the conversation is laid out for a clerk, who uploads it.

Nothing counts as handed over before the clerk has confirmed it, with the conversation and what Connect showed them.
"""

from dataclasses import dataclass

from channels.secure_upload.packing import packed, unpacked
from gateway.domain.delivery import AttemptResult, GivenToPerson
from gateway.domain.digest import sha256
from gateway.domain.failures import Misconfigured, NotSent, Refused
from gateway.domain.parties import ExchangeKind
from gateway.domain.problem import ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import Consignment, Prepared
from gateway.ports.exchange import ClerksFolder, ClerksPaper, ClerksTask, ClerksTexts, PaperToLeave

MESSAGE, CHECKLIST = "message.txt", "CHECKLIST - LISTE DE CONTROLE.txt"
_TEXT = "text/plain"


@dataclass(frozen=True, kw_only=True)
class Connect:
    """Prepares conversations. The limits are those of Connect, in bytes."""

    folder: ClerksFolder
    texts: ClerksTexts
    max_message: int
    max_conversation: int

    def prepare(self, consignment: Consignment, account: str) -> Prepared | Refused:
        """The folder as one ZIP: the renamed documents, the message, the checklist."""
        papers = [
            PaperToLeave(name=board_name(one.name), media_type=one.media_type, content=one.content)
            for one in consignment.documents
        ]
        if sum(len(one.content) for one in papers) > self.max_message:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        task = ClerksTask(
            account=account,
            reference=consignment.reference,
            papers=[ClerksPaper(name=one.name, size=len(one.content), digest=sha256(one.content)) for one in papers],
            max_message=self.max_message,
            max_conversation=self.max_conversation,
        )
        texts = {MESSAGE: self.texts.message(consignment.language), CHECKLIST: self.texts.checklist(task)}
        beside = [PaperToLeave(name=name, media_type=_TEXT, content=text.encode()) for name, text in texts.items()]
        return Prepared(
            reference=consignment.reference,
            destination=account,
            payload=packed([*papers, *beside]),
            exchange=ExchangeKind.CONNECT,
        )

    async def send(self, prepared: Prepared) -> AttemptResult:
        """Lays it out. What did not come to lie there did not leave us."""
        try:
            place = await self.folder.lay_out(prepared.reference, unpacked(prepared.payload))
        except SetupWrong as ours:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP, words=str(ours))
        except ServiceDown as down:
            return NotSent(reason=Reason.STORE_UNREADABLE, words=str(down))
        return GivenToPerson(words=place)


def board_name(name: str) -> str:
    """A document's name by the Board's convention for Connect: 'TB1-12345 – RPD – Disclosure.pdf'.

    Source: «Instructions for submitting documents electronically» (irb-cisr.gc.ca), whose parts stand between dashes.
    """
    return name.replace("_", " – ")
