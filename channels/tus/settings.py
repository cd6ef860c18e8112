"""Whom to speak to by tus, read strictly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from channels.http.account import Account, AccountSettings
from gateway.domain.quantities import size


class TusSettings(AccountSettings):
    """An account at a server. Paths of files start at the home."""

    chunk: Annotated[int, BeforeValidator(size), Field(ge=1_000, le=100_000_000)] = size("8MB")

    def place(self, home: Path, where: str) -> "TusPlace":
        """Whom to speak to, with the secrets, read now. Raises SetupWrong: see `AccountSettings.account`."""
        return TusPlace(**vars(self.account(home, where)), chunk=self.chunk)


@dataclass(frozen=True, kw_only=True)
class TusPlace(Account):
    """`chunk`: bytes of one request."""

    chunk: int
