"""A round of mails without content, to recipients or to staff: one after the other, until the mail server is away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import Misconfigured, NotSent
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason

M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class MailRound:
    """What a round came to: mails seen to, and why the mail server took the last one not, where it did not."""

    done: int = 0
    stopped: Reason | None = None


def sent_in_turn(mails: Sequence[M], send: Callable[[M], AttemptResult | None]) -> MailRound:
    """Sends each; a mail server that is away ends the round, since it would take none of the others either.

    send: what came of one; None for what nobody is owed any more. Raises SetupWrong, as `send` does for one that cannot
    be made: once all the others were sent.
    """
    broken: SetupWrong | None = None
    for done, mail in enumerate(mails):
        try:
            result = send(mail)
        except SetupWrong as problem:
            broken = broken or problem
            continue
        if isinstance(result, NotSent | Misconfigured) and result.reason is not Reason.SMTP_TEMPORARY:
            return MailRound(done=done, stopped=result.reason)
    if broken is not None:
        raise broken
    return MailRound(done=len(mails))
