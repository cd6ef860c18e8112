"""What goes with a sign-in at an OpenID Connect provider: it lies in the browser, sealed, as a passkey's challenge
does, so that asking writes nothing here. It is good once."""

import base64
import hmac
import secrets
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.exchange.secrets import digest, new_secret
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.identity import ASKED_LIFE, AskedOfProvider
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.ports.clock import Clock
from gateway.ports.database import Database


@dataclass(frozen=True, kw_only=True)
class ToProvider:
    """Where the browser goes, and the sealed ticket that it brings back."""

    address: str
    ticket: str = field(repr=False)


class AtProvider:
    """Sign-ins of one place. context: where what goes with them belongs."""

    def __init__(self, *, context: str, database: Database, vault: Vault, clock: Clock) -> None:
        self._context = context
        self._database = database
        self._vault = vault
        self._clock = clock

    def new(self) -> tuple[AskedOfProvider, str]:
        """What is asked, and its ticket."""
        asked = AskedOfProvider(
            state=new_secret(),
            nonce=new_secret(),
            verifier=secrets.token_urlsafe(48),
            expires_at=self._clock.now() + ASKED_LIFE,
        )
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        sealed = self._vault.seal(key, self._context, to_kept(asked))
        return asked, base64.urlsafe_b64encode(sealed).decode()

    def come_back(self, ticket: str, *, state: str, code: str) -> AskedOfProvider:
        """What was asked, of the browser that was asked it, once. Raises InputRefused (provider.refused)."""
        asked, now = self._opened(ticket), self._clock.now()
        if not code or not hmac.compare_digest(state.encode(), asked.state.encode()) or now >= asked.expires_at:
            raise InputRefused(Code.PROVIDER_REFUSED)
        with self._database.write() as tx:
            if not tx.passkeys.spend(digest(asked.state), now=now, until=asked.expires_at):
                raise InputRefused(Code.PROVIDER_REFUSED)
        return asked

    def _opened(self, ticket: str) -> AskedOfProvider:
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        try:
            sealed = base64.b64decode(ticket, altchars=b"-_", validate=True)
            kept = self._vault.open(key, self._context, sealed)
        except (ValueError, SetupWrong):
            raise InputRefused(Code.PROVIDER_REFUSED) from None
        return from_kept(AskedOfProvider, kept, where="provider-ticket")
