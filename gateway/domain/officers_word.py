"""On whose word the gateway sealed a package: the officer, and how they had signed in when they gave it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SignInMeans(StrEnum):
    """How somebody showed who they are."""

    PASSWORD_AND_CODE = "password-and-code"  # noqa: S105
    """A password and a one-time code of their device."""
    PASSKEY = "passkey"
    """A key of their authenticator, which verified them itself."""
    PROVIDER = "provider"
    """By the word of the OpenID Connect provider of the settings."""


@dataclass(frozen=True, kw_only=True)
class OfficersWord:
    """An officer's word, given in a session of the console that began at `signed_in_at`."""

    officer: str
    signed_in_at: dt.datetime
    signed_in_with: SignInMeans

    @property
    def facts(self) -> Mapping[str, str]:
        """What the ledger keeps of it, beside the acceptance of the package."""
        return {
            "sealed_for": self.officer,
            "signed_in_at": self.signed_in_at.isoformat(),
            "signed_in_with": self.signed_in_with.value,
        }


def word_in(facts: Mapping[str, object]) -> OfficersWord | None:
    """The word that a package was sealed on; None for a package that its sender signed."""
    if "sealed_for" not in facts:
        return None
    return OfficersWord(
        officer=str(facts["sealed_for"]),
        signed_in_at=dt.datetime.fromisoformat(str(facts["signed_in_at"])),
        signed_in_with=SignInMeans(str(facts["signed_in_with"])),
    )
