"""What can go wrong with WebDAV, as far as HTTP tells."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong


class DavFault(StrEnum):
    """What was met."""

    UNREACHABLE = "unreachable"
    """No connection came about: nothing left us."""
    CUT = "cut"
    """The connection broke off, or fell silent."""
    CERTIFICATE = "certificate"
    """The server's certificate is none that is trusted for it."""
    AUTHENTICATION = "authentication"
    """The server does not take our token or certificate, or nobody gives us a token."""
    MISSING = "missing"
    """Nothing lies there."""
    DENIED = "denied"
    """The folder is missing, may not be written by us, or is elsewhere: a redirection is not followed."""
    BUSY = "busy"
    """Somebody holds it, or we ask too often: nothing of what was asked was done."""
    FULL = "full"
    FAILED = "failed"
    """A fault of the server's, or of something before it: what was asked may have been done."""


class DavError(Exception):
    """`fault`; `words`: the server's own, for whoever sets it up."""

    def __init__(self, fault: DavFault, words: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.words = words

    def problem(self, where: str) -> Problem:
        """The same for an operator. `where`: the name under which the place is set up."""
        match self.fault:
            case DavFault.CERTIFICATE:
                return SetupWrong(Code.WEBDAV_CERTIFICATE, where=where)
            case DavFault.AUTHENTICATION:
                return SetupWrong(Code.WEBDAV_LOGIN, where=where)
            case DavFault.MISSING | DavFault.DENIED:
                return SetupWrong(Code.WEBDAV_FOLDER, where=where)
            case _:
                return ServiceDown(Code.WEBDAV_UNAVAILABLE, where=where)


IN_DOUBT = frozenset({DavFault.CUT, DavFault.FAILED})
"""What leaves it open whether that was done which was asked for."""
_OF_STATUS: Mapping[int, DavFault] = {
    HTTPStatus.UNAUTHORIZED: DavFault.AUTHENTICATION,
    HTTPStatus.NOT_FOUND: DavFault.MISSING,
    HTTPStatus.GONE: DavFault.MISSING,
    HTTPStatus.REQUEST_TIMEOUT: DavFault.FAILED,
    HTTPStatus.LOCKED: DavFault.BUSY,
    HTTPStatus.TOO_MANY_REQUESTS: DavFault.BUSY,
    HTTPStatus.INSUFFICIENT_STORAGE: DavFault.FULL,
}


def of_status(status: int) -> DavFault:
    """What an answer that is no success comes to."""
    known = _OF_STATUS.get(status)
    if known is not None:
        return known
    return DavFault.FAILED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else DavFault.DENIED
