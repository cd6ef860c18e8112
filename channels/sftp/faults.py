"""What can go wrong with SFTP, as far as the protocol tells."""

from enum import StrEnum

import asyncssh

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong


class SftpFault(StrEnum):
    """What was met."""

    UNREACHABLE = "unreachable"
    """Nobody answers, or not as a server of SSH does."""
    CUT = "cut"
    """The connection broke off, or fell silent."""
    HOST_KEY = "host-key"
    """The server shows none of the keys that are pinned: it is another, or somebody stands between."""
    AUTHENTICATION = "authentication"
    """The server does not let our key in."""
    DENIED = "denied"
    """A folder is missing, or may not be written by us."""
    FULL = "full"
    """The server's disk has no room for it."""
    FAILED = "failed"
    """The server says no without saying why."""
    DIFFERS = "differs"
    """Under a name that is ours alone lies something else."""


class SftpError(Exception):
    """`fault`; `words`: the server's own, for whoever sets it up."""

    def __init__(self, fault: SftpFault, words: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.words = words

    def problem(self, where: str) -> Problem:
        """The same for an operator. `where`: the name under which the place is set up."""
        match self.fault:
            case SftpFault.HOST_KEY:
                return SetupWrong(Code.SFTP_HOST_KEY, where=where)
            case SftpFault.AUTHENTICATION:
                return SetupWrong(Code.SFTP_LOGIN, where=where)
            case SftpFault.DENIED:
                return SetupWrong(Code.SFTP_FOLDER, where=where)
            case _:
                return ServiceDown(Code.SFTP_UNAVAILABLE, where=where)


FAULTS = (asyncssh.Error, OSError)
"""What asyncssh raises."""


def of_connecting(error: Exception) -> SftpError:
    """What a failure to connect comes to."""
    match error:
        # Without an algorithm for a pinned key, the server has another key.
        case asyncssh.HostKeyNotVerifiable() | asyncssh.KeyExchangeFailed():
            return SftpError(SftpFault.HOST_KEY, str(error))
        case asyncssh.PermissionDenied():
            return SftpError(SftpFault.AUTHENTICATION, str(error))
        case _:
            return SftpError(SftpFault.UNREACHABLE, str(error))


def of_speaking(error: Exception) -> SftpError:
    """What a failure of something that was asked comes to. The protocol (draft-ietf-secsh-filexfer-02 §7) has one word
    for a full disk and for everything else it has none for."""
    match error:
        case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPPermissionDenied():
            return SftpError(SftpFault.DENIED, str(error))
        case asyncssh.SFTPConnectionLost() | asyncssh.SFTPNoConnection():
            return SftpError(SftpFault.CUT, str(error))
        case asyncssh.SFTPError():
            return SftpError(SftpFault.FAILED, str(error))
        case _:
            return SftpError(SftpFault.CUT, str(error))
