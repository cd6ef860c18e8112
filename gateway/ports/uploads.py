"""What was uploaded, or is about to be, to exchanges of others: kept before anything leaves, so that it can be asked
after."""

from dataclasses import dataclass
from typing import Protocol

from gateway.domain.parties import ExchangeKind


@dataclass(frozen=True, kw_only=True)
class Upload:
    """token: of the attempt's reference. digest: `sha256:…` of all bytes. place: where it comes to lie there."""

    token: str
    exchange: ExchangeKind
    account: str
    digest: str
    size: int
    place: str


class Uploads(Protocol):
    """Uploads by token."""

    def keep(self, upload: Upload) -> None:
        """In place of the one that a try before kept. Raises ServiceDown."""
        ...

    def find(self, token: str) -> Upload | None:
        """None: nothing left us under that token. Raises ServiceDown."""
        ...
