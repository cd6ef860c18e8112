"""Recipients' own exchanges by tus 1.0: the papers as one ZIP, in an upload whose address is kept before it begins."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from channels.secure_upload.others import Word, lies_there, not_there, upload_of
from channels.secure_upload.packing import file_name
from channels.tus.client import session
from channels.tus.faults import TusError, TusFault
from channels.tus.settings import TusPlace
from channels.tus.upload import Progress, TusFile, upload
from gateway import event_loop
from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.parties import ExchangeKind
from gateway.domain.problem import ServiceDown
from gateway.domain.reasons import Reason
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Answer, Prepared
from gateway.ports.uploads import Upload, Uploads

WORDS: Mapping[TusFault, Word] = {
    TusFault.UNREACHABLE: (NotSent, Reason.EXCHANGE_UNREACHABLE),
    TusFault.CUT: (NotSent, Reason.EXCHANGE_CUT),
    TusFault.CERTIFICATE: (Refused, Reason.EXCHANGE_CERTIFICATE),
    TusFault.AUTHENTICATION: (Misconfigured, Reason.EXCHANGE_AUTHENTICATION),
    TusFault.REFUSED: (Refused, Reason.EXCHANGE_REFUSED),
    TusFault.TOO_LARGE: (Refused, Reason.MESSAGE_TOO_LARGE),
    TusFault.GONE: (NotSent, Reason.EXCHANGE_EXPIRED),
    TusFault.MOVED: (NotSent, Reason.EXCHANGE_TEMPORARY),
    TusFault.GARBLED: (NotSent, Reason.EXCHANGE_TEMPORARY),
    TusFault.BUSY: (NotSent, Reason.EXCHANGE_TEMPORARY),
    TusFault.FULL: (NotSent, Reason.EXCHANGE_FULL),
    TusFault.FAILED: (NotSent, Reason.EXCHANGE_TEMPORARY),
}
"""What each fault comes to as long as something is missing."""

_DOUBTFUL = frozenset({TusFault.CUT, TusFault.FAILED, TusFault.MOVED, TusFault.GONE})
"""What leaves it open, once the last part was on its way, whether all is there: what is gone then may be taken."""

_NOT_TAKEN_BACK = {TusFault.GONE: TakenBack.NOT_THERE, TusFault.REFUSED: TakenBack.BEYOND}
"""What it comes to where the server said so; everything else may be asked again."""


class TusExchanges:
    """`OthersExchange` over tus."""

    def __init__(self, places: Mapping[str, TusPlace], uploads: Uploads, time_limit: dt.timedelta) -> None:
        """places: by account. time_limit: for looking one up."""
        self._places = places
        self._uploads = uploads
        self._time_limit = time_limit.total_seconds()

    def knows(self, account: str) -> bool:
        """See `OthersExchange`."""
        return account in self._places

    async def send(self, prepared: Prepared) -> AttemptResult:
        """See `OthersExchange`. Until the last part is on its way nothing is handed over, whatever breaks."""
        new, progress = upload_of(prepared, ExchangeKind.TUS, ""), Progress()

        async def keep(address: str) -> None:
            await asyncio.to_thread(self._uploads.keep, replace(new, place=address))

        try:
            before = await asyncio.to_thread(self._uploads.find, new.token)
            goes_on = before is not None and replace(before, place="") == new
            file = TusFile(
                content=prepared.payload,
                metadata={"filename": file_name(prepared.payload, new.token), "filetype": "application/zip"},
                address=before.place if before is not None and goes_on else None,
            )
            async with session(self._places[prepared.destination]) as client:
                await upload(client, file, keep, progress)
        except ServiceDown as down:
            return NotSent(reason=Reason.STORE_UNREADABLE, words=str(down))
        except TusError as error:
            return _result(error, progress)
        except asyncio.CancelledError:
            return _result(TusError(TusFault.CUT), progress)
        return lies_there(new)

    def look_up(self, upload: Upload) -> Answer:
        """See `OthersExchange`. What is not there any more may have been taken already: nobody knows."""
        place = self._places.get(upload.account)
        if place is None:
            return None
        try:
            offset = event_loop.run(self._offset(place, upload))
        except (TusError, TimeoutError):
            return None
        return lies_there(upload) if offset == upload.size else NotSent(reason=Reason.EXCHANGE_CUT)

    async def _offset(self, place: TusPlace, upload: Upload) -> int:
        async with asyncio.timeout(self._time_limit), session(place) as client:
            return (await client.standing(upload.place, upload.size)).offset

    def take_back(self, upload: Upload) -> TakenBack:
        """See `OthersExchange`. Where the server lets uploads be ended (tus 1.0, «termination»)."""
        place = self._places.get(upload.account)
        if place is None or not upload.place:
            return TakenBack.BEYOND
        try:
            event_loop.run(self._end(place, upload))
        except TusError as error:
            return _NOT_TAKEN_BACK.get(error.fault, TakenBack.UNANSWERED)
        except TimeoutError:
            return TakenBack.UNANSWERED
        return TakenBack.REMOVED

    async def _end(self, place: TusPlace, upload: Upload) -> None:
        async with asyncio.timeout(self._time_limit), session(place) as client:
            await client.end(upload.place)


def _result(error: TusError, progress: Progress) -> AttemptFailure:
    in_doubt = progress.last and error.fault in _DOUBTFUL
    return not_there(WORDS[error.fault], error.words, in_doubt=in_doubt)
