"""What the holder of an exchange account said of electronic delivery, and what it does to what their packages say.

The Registry checked who they are, so their word counts as what they send to the Registry does; what is newer counts.
"""

import datetime as dt
from dataclasses import dataclass

from gateway.domain.parties import Electronic


@dataclass(frozen=True, kw_only=True)
class AccountConsent:
    """One word of the account's holder: from `at` on they accept electronic delivery, or no longer do."""

    account: str
    accepts: bool
    at: dt.datetime


def as_said(stands: Electronic | None, said: AccountConsent | None, *, as_of: dt.datetime) -> Electronic | None:
    """The participant's consent with the account's last word. as_of: the moment that the package speaks of.

    A revocation stands until consent is given again on a later day: the Board deletes the address for all current and
    future proceedings (ID practice notice on e-mail). Consent given here counts unless it was withdrawn, or the
    package says that it is refused, since then.
    """
    if said is None:
        return stands
    if not said.accepts:
        given = stands.consent if stands is not None and stands.accepts else None
        again = given is not None and given > said.at.date()
        return stands if again else Electronic(accepts=False, withdrawn_at=said.at)
    if stands is not None and not stands.accepts and (stands.withdrawn_at or as_of) > said.at:
        return stands
    return Electronic(accepts=True, consent=said.at.date())
