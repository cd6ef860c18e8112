"""Signing in by an OpenID Connect provider: opens an account that the Registry linked at the identity check, no other.

No address that a provider tells is looked at: whoever controls a mailbox there is not whom the Registry saw.
"""

from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.exchange.sign_in import SignedIn, begun
from gateway.application.people.at_provider import AtProvider, ToProvider
from gateway.application.sealed import Vault
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.identity_provider import IdentityProvider


@dataclass(frozen=True, kw_only=True)
class NotLinked:
    """Somebody signed in at the provider whom no account is linked to. identity: what the Registry links."""

    identity: str


class SignInByProvider:
    """One provider. url: of the exchange, as browsers know it."""

    def __init__(self, *, provider: IdentityProvider, url: str, database: Database, vault: Vault, clock: Clock) -> None:
        self._at = AtProvider(context=contexts.PROVIDER_TICKET, database=database, vault=vault, clock=clock)
        self._provider = provider
        self._url = url
        self._database = database
        self._clock = clock

    def ask(self, language: str) -> ToProvider:
        """A new sign-in. Raises ServiceDown (provider.unavailable)."""
        asked, ticket = self._at.new()
        return ToProvider(address=self._provider.address(asked, self._redirect(language)), ticket=ticket)

    def enter(self, language: str, *, ticket: str, state: str, code: str) -> SignedIn | NotLinked:
        """Signs in whom the provider vouches for.

        Raises InputRefused (provider.refused), ServiceDown (provider.unavailable).
        """
        asked, now = self._at.come_back(ticket, state=state, code=code), self._clock.now()
        identity = self._provider.identity(code, asked, self._redirect(language))
        with self._database.write() as tx:
            account = tx.exchange.account_by_identity(identity)
            if account is None:
                return NotLinked(identity=identity)
            standing = tx.exchange.account(account.name, lock=True)
            if standing is None or standing.identity != identity or not standing.may_sign_in(now):
                raise InputRefused(Code.PROVIDER_REFUSED)
            return begun(tx, standing, now, by="provider")

    def check(self) -> None:
        """Raises ServiceDown (provider.unavailable)."""
        self._provider.check()

    def _redirect(self, language: str) -> str:
        return f"{self._url}/{language}/provider/return"
