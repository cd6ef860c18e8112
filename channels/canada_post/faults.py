"""What an answer of the post's that is no success comes to (Messages and Code Tables; REST fundamentals, HTTP status
codes)."""

from collections.abc import Sequence
from http import HTTPStatus

import aiohttp

from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason

THROTTLED = "Server"
"""“Rejected by SLM Monitor”: no more calls for up to a minute; nothing of this one was done."""
NO_HISTORY = "004"
NO_CERTIFICATE = "007"
NOT_VOIDABLE = "8064"
"""It was transmitted already."""
_LOGIN = frozenset({"AA001", "AA002", "AA003", "AA004", "AA005", "AA006", "E002"})
"""The key is withdrawn, of the other environment, another customer's, or may not mail for this one."""


def of_answer(status: int, codes: Sequence[str], words: str, *, changes: bool) -> AttemptFailure:
    """changes: whether what was asked for would have changed something there."""
    told = f"{status} {words}".strip()
    if THROTTLED in codes or status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSent(reason=Reason.CARRIER_BUSY, words=told)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or not _LOGIN.isdisjoint(codes):
        return Misconfigured(reason=Reason.CARRIER_LOGIN, words=told)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        if changes:
            return MaybeSent(reason=Reason.CARRIER_UNCERTAIN, words=told)
        return NotSent(reason=Reason.CARRIER_UNREACHABLE, words=told)
    if codes and status not in {HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}:
        return Refused(reason=Reason.CARRIER_REFUSED, words=told)
    # A header that it does not take, an address it does not have, a way elsewhere: we speak to it wrongly.
    return Misconfigured(reason=Reason.CARRIER_NOT_UNDERSTOOD, words=told)


def of_error(error: Exception, *, changes: bool) -> AttemptFailure:
    """What a connection that failed comes to. A certificate that is not trusted is nobody to speak to."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return Misconfigured(reason=Reason.CARRIER_LOGIN, words=str(error))
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return NotSent(reason=Reason.CARRIER_UNREACHABLE, words=str(error))
        case _ if changes:
            return MaybeSent(reason=Reason.CARRIER_UNCERTAIN, words=str(error))
        case _:
            return NotSent(reason=Reason.CARRIER_UNREACHABLE, words=str(error))
