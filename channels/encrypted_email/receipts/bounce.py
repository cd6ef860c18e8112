"""Bounces that follow no standard: failures told in prose, whose dialects `flufl.bounce` knows."""

import logging
from email import message_from_bytes
from email.policy import compat32

from flufl.bounce import all_failures

from gateway.domain.report import Finding, Report

logging.getLogger("flufl.bounce").disabled = True
"""It logs whole tracebacks of what it does not understand; a sender's mail is no reason for an entry in our log."""

_ASCII = bytes(byte if byte < 0x80 else ord("?") for byte in range(256))  # noqa: PLR2004
_STUMBLES = (AttributeError, LookupError, TypeError, ValueError)
"""What its detectors raise on malformed mail."""


def read(raw: bytes) -> tuple[Report, ...]:
    """The report; empty when no dialect fits. A temporary failure is a delay: nothing has ended.

    Octets beyond ASCII are masked: the detectors take a header that has them for a string, which it is not.
    """
    try:
        temporary, permanent = all_failures(message_from_bytes(raw.translate(_ASCII), policy=compat32))
    except _STUMBLES:
        return ()
    if permanent:
        return (Report(finding=Finding.FAILED),)
    return (Report(finding=Finding.DELAYED),) if temporary else ()
