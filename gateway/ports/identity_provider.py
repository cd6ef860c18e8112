"""Who speaks OpenID Connect with one provider. For whatever signs people in: it knows no accounts."""

from typing import Protocol

from gateway.domain.identity import AskedOfProvider, Vouched


class IdentityProvider(Protocol):
    """One provider. The authorization code flow with PKCE, and nothing else."""

    def address(self, asked: AskedOfProvider, redirect: str) -> str:
        """Where a browser is sent, which comes back to `redirect`. Raises ServiceDown (provider.unavailable)."""
        ...

    def identity(self, code: str, asked: AskedOfProvider, redirect: str) -> str:
        """Who signed in there (`gateway.domain.identity.identity_of`), by the code that the browser brought back.

        Raises InputRefused (provider.refused) where it does not hold: the code, the token's signature, issuer,
        audience, nonce or times; ServiceDown (provider.unavailable).
        """
        ...

    def vouched(self, code: str, asked: AskedOfProvider, redirect: str, *, account: str, groups: str) -> Vouched:
        """The same with what it says besides: account, groups: the names of the claims that are read (groups: empty
        where none is)."""
        ...

    def check(self) -> None:
        """Raises ServiceDown (provider.unavailable) where it does not answer as it must."""
        ...
