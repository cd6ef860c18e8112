"""What holders of exchange accounts said of electronic delivery, as rows."""

from typing import Protocol

from gateway.domain.account_consent import AccountConsent


class ConsentStore(Protocol):
    """Words of holders; none is ever changed."""

    def add(self, consent: AccountConsent) -> None:
        """Appends."""
        ...

    def last(self, account: str) -> AccountConsent | None:
        """The account's last word; None where nothing was said."""
        ...
