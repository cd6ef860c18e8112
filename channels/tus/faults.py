"""What can go wrong with tus, as far as HTTP tells."""

from enum import StrEnum
from http import HTTPStatus

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong

CHECKSUM_MISMATCH = 460
"""tus 1.0, extension checksum."""


class TusFault(StrEnum):
    """What was met."""

    UNREACHABLE = "unreachable"
    """No connection came about: nothing left us."""
    CUT = "cut"
    """The connection broke off, or fell silent."""
    CERTIFICATE = "certificate"
    """The server's certificate is none that is trusted for it."""
    AUTHENTICATION = "authentication"
    """The server does not take our token or certificate, or nobody gives us a token."""
    REFUSED = "refused"
    """The server does not take this, or does not speak tus 1.0."""
    TOO_LARGE = "too-large"
    GONE = "gone"
    """The upload is not, or no more, there."""
    MOVED = "moved"
    """More or less lies there than we thought."""
    GARBLED = "garbled"
    """What came to it had another checksum."""
    BUSY = "busy"
    """Somebody holds the upload, or we ask too often: nothing of what was asked was done."""
    FULL = "full"
    FAILED = "failed"
    """A fault of the server's."""


class TusError(Exception):
    """`fault`; `words`: the server's own, for whoever sets it up."""

    def __init__(self, fault: TusFault, words: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.words = words

    def problem(self, where: str) -> Problem:
        """The same for an operator. `where`: the name under which the place is set up."""
        match self.fault:
            case TusFault.CERTIFICATE:
                return SetupWrong(Code.TUS_CERTIFICATE, where=where)
            case TusFault.AUTHENTICATION:
                return SetupWrong(Code.TUS_LOGIN, where=where)
            case TusFault.REFUSED:
                return SetupWrong(Code.TUS_NOT_SPOKEN, where=where)
            case _:
                return ServiceDown(Code.TUS_UNAVAILABLE, where=where)


_OF_STATUS = {
    HTTPStatus.UNAUTHORIZED: TusFault.AUTHENTICATION,
    HTTPStatus.NOT_FOUND: TusFault.GONE,
    HTTPStatus.GONE: TusFault.GONE,
    HTTPStatus.CONFLICT: TusFault.MOVED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TusFault.TOO_LARGE,
    HTTPStatus.LOCKED: TusFault.BUSY,
    HTTPStatus.TOO_MANY_REQUESTS: TusFault.BUSY,
    HTTPStatus.INSUFFICIENT_STORAGE: TusFault.FULL,
    CHECKSUM_MISMATCH: TusFault.GARBLED,
}


def of_status(status: int) -> TusFault:
    """What an answer that is no success comes to. A redirection is a refusal: it is not followed."""
    known = _OF_STATUS.get(status)
    if known is not None:
        return known
    return TusFault.FAILED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else TusFault.REFUSED
