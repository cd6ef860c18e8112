"""Recipients' own servers by SFTP: the papers as one ZIP, which appears there whole or not at all."""

import asyncio
import datetime as dt
from collections.abc import Mapping

from channels.secure_upload.others import Word, lies_there, not_there, upload_of
from channels.secure_upload.packing import file_name
from channels.sftp.connection import connected
from channels.sftp.faults import SftpError, SftpFault
from channels.sftp.settings import SftpPlace
from channels.sftp.upload import Progress, SftpFile, lies, put, take_away
from gateway import event_loop
from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.parties import ExchangeKind
from gateway.domain.problem import ServiceDown
from gateway.domain.reasons import Reason
from gateway.domain.reference import token_of
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Answer, Prepared
from gateway.ports.uploads import Upload, Uploads

WORDS: Mapping[SftpFault, Word] = {
    SftpFault.UNREACHABLE: (NotSent, Reason.EXCHANGE_UNREACHABLE),
    SftpFault.CUT: (NotSent, Reason.EXCHANGE_CUT),
    SftpFault.HOST_KEY: (Refused, Reason.EXCHANGE_HOST_KEY),
    SftpFault.AUTHENTICATION: (Misconfigured, Reason.EXCHANGE_AUTHENTICATION),
    SftpFault.DENIED: (Refused, Reason.EXCHANGE_REFUSED),
    SftpFault.FULL: (NotSent, Reason.EXCHANGE_FULL),
    SftpFault.FAILED: (NotSent, Reason.EXCHANGE_TEMPORARY),
    SftpFault.DIFFERS: (Refused, Reason.EXCHANGE_DIFFERS),
}
"""What each fault comes to while the file has not got its own name yet."""

_DOUBTFUL = frozenset({SftpFault.CUT, SftpFault.FAILED})
"""What leaves it open, once the file was to get its name, whether it did."""


class SftpExchanges:
    """`OthersExchange` over SFTP."""

    def __init__(self, places: Mapping[str, SftpPlace], uploads: Uploads, time_limit: dt.timedelta) -> None:
        """places: by account. time_limit: for looking one up."""
        self._places = places
        self._uploads = uploads
        self._time_limit = time_limit.total_seconds()

    def knows(self, account: str) -> bool:
        """See `OthersExchange`."""
        return account in self._places

    async def send(self, prepared: Prepared) -> AttemptResult:
        """See `OthersExchange`. Until the file is to get its own name nothing is handed over, whatever breaks."""
        place, progress = self._places[prepared.destination], Progress()
        token = token_of(prepared.reference)
        file = SftpFile(folder=place.folder, name=file_name(prepared.payload, token), content=prepared.payload)
        upload = upload_of(prepared, ExchangeKind.SFTP, file.path)
        try:
            await asyncio.to_thread(self._uploads.keep, upload)
            async with connected(place) as client:
                await put(client, file, progress)
        except ServiceDown as down:
            return NotSent(reason=Reason.STORE_UNREADABLE, words=str(down))
        except SftpError as error:
            return _result(error, progress)
        except asyncio.CancelledError:
            return _result(SftpError(SftpFault.CUT), progress)
        return lies_there(upload)

    def look_up(self, upload: Upload) -> Answer:
        """See `OthersExchange`. What is neither there nor begun may have been taken already: nobody knows."""
        place = self._places.get(upload.account)
        if place is None:
            return None
        try:
            there = event_loop.run(self._there(place, upload))
        except (SftpError, TimeoutError):
            return None
        if there is None:
            return None
        return lies_there(upload) if there else NotSent(reason=Reason.EXCHANGE_CUT)

    async def _there(self, place: SftpPlace, upload: Upload) -> bool | None:
        async with asyncio.timeout(self._time_limit), connected(place) as client:
            return await lies(client, upload.place, upload.size, upload.digest)

    def take_back(self, upload: Upload) -> TakenBack:
        """See `OthersExchange`. Its name bears the token of its reference: what lies under it is ours."""
        place = self._places.get(upload.account)
        if place is None:
            return TakenBack.BEYOND
        try:
            return TakenBack.REMOVED if event_loop.run(self._removed(place, upload)) else TakenBack.NOT_THERE
        except SftpError as error:
            return TakenBack.BEYOND if error.fault is SftpFault.DENIED else TakenBack.UNANSWERED
        except TimeoutError:
            return TakenBack.UNANSWERED

    async def _removed(self, place: SftpPlace, upload: Upload) -> bool:
        async with asyncio.timeout(self._time_limit), connected(place) as client:
            return await take_away(client, upload.place)


def _result(error: SftpError, progress: Progress) -> AttemptFailure:
    in_doubt = progress.renaming and error.fault in _DOUBTFUL
    return not_there(WORDS[error.fault], error.words, in_doubt=in_doubt)
