"""Signing in by an OpenID Connect provider: opens an account that the Registry linked at the identity check, no other.

What goes with a sign-in lies in the browser, sealed, as a passkey's challenge does: asking writes nothing here. It is
good once. No address that a provider tells is looked at: whoever controls a mailbox there is not whom the Registry saw.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.exchange.secrets import digest, new_secret
from gateway.application.exchange.sign_in import SignedIn, begun
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.identity import ASKED_LIFE, AskedOfProvider
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.identity_provider import IdentityProvider


@dataclass(frozen=True, kw_only=True)
class ToProvider:
    """Where the browser goes, and the sealed ticket that it brings back."""

    address: str
    ticket: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class NotLinked:
    """Somebody signed in at the provider whom no account is linked to. identity: what the Registry links."""

    identity: str


class SignInByProvider:
    """One provider. url: of the exchange, as browsers know it."""

    def __init__(self, *, provider: IdentityProvider, url: str, database: Database, vault: Vault, clock: Clock) -> None:
        self._provider = provider
        self._url = url
        self._database = database
        self._vault = vault
        self._clock = clock

    def ask(self, language: str) -> ToProvider:
        """A new sign-in. Raises ServiceDown (provider.unavailable)."""
        asked = AskedOfProvider(
            state=new_secret(),
            nonce=new_secret(),
            verifier=secrets.token_urlsafe(48),
            expires_at=self._clock.now() + ASKED_LIFE,
        )
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        sealed = self._vault.seal(key, contexts.PROVIDER_TICKET, to_kept(asked))
        address = self._provider.address(asked, self._redirect(language))
        return ToProvider(address=address, ticket=base64.urlsafe_b64encode(sealed).decode())

    def enter(self, language: str, *, ticket: str, state: str, code: str) -> SignedIn | NotLinked:
        """Signs in whom the provider vouches for.

        Raises InputRefused (provider.refused), ServiceDown (provider.unavailable).
        """
        asked, now = self._opened(ticket), self._clock.now()
        if not code or not hmac.compare_digest(state.encode(), asked.state.encode()) or now >= asked.expires_at:
            raise InputRefused(Code.PROVIDER_REFUSED)
        with self._database.write() as tx:
            if not tx.passkeys.spend(digest(asked.state), now=now, until=asked.expires_at):
                raise InputRefused(Code.PROVIDER_REFUSED)
        identity = self._provider.identity(code, asked, self._redirect(language))
        with self._database.write() as tx:
            account = tx.exchange.account_by_identity(identity)
            if account is None:
                return NotLinked(identity=identity)
            standing = tx.exchange.account(account.name, lock=True)
            if standing is None or standing.identity != identity or not standing.may_sign_in(now):
                raise InputRefused(Code.PROVIDER_REFUSED)
            return begun(tx, standing, now, by="provider")

    def _opened(self, ticket: str) -> AskedOfProvider:
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        try:
            sealed = base64.b64decode(ticket, altchars=b"-_", validate=True)
            kept = self._vault.open(key, contexts.PROVIDER_TICKET, sealed)
        except (ValueError, SetupWrong):
            raise InputRefused(Code.PROVIDER_REFUSED) from None
        return from_kept(AskedOfProvider, kept, where="provider-ticket")

    def _redirect(self, language: str) -> str:
        return f"{self._url}/{language}/provider/return"
