"""Staff sign in by an OpenID Connect provider: one of its claims names the account, which must be there already.

Names are given anew there, so the first who signs in under an account by the provider is the only one who ever does,
until a custodian resets it. What the provider says of roles takes some of the account's away and gives none: roles stay
what two people made them.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.console.sign_in import SignedIn, begun
from gateway.application.exchange.secrets import digest
from gateway.application.people.at_provider import AtProvider, ToProvider
from gateway.application.sealed import Vault
from gateway.domain.accounts import ACCOUNT_NAME, Account, AccountRole
from gateway.domain.codes import Code
from gateway.domain.console import SignInNews, StaffIdentity
from gateway.domain.events import Event, EventName
from gateway.domain.identity import Vouched
from gateway.domain.officers_word import SignInMeans
from gateway.domain.problem import NotAuthenticated
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.identity_provider import IdentityProvider

_NAME = re.compile(ACCOUNT_NAME)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What is read of what the provider says. account: the claim that names the account; domain: what stands behind the
    name after an @, and nothing else may; empty: nothing. groups, roles: the claim that roles hang on, and which of an
    account's roles each of its values leaves it; without `groups` all stay."""

    account: str
    domain: str = ""
    groups: str = ""
    roles: Mapping[str, frozenset[AccountRole]] = field(default_factory=dict)

    def account_in(self, vouched: Vouched) -> str:
        """The account's name; empty where the claim names none."""
        named = vouched.account.lower()
        if self.domain:
            named, _, domain = named.partition("@")
            if domain != self.domain.lower():
                return ""
        return named if _NAME.match(named) else ""

    def roles_in(self, vouched: Vouched) -> frozenset[AccountRole] | None:
        """What the provider leaves of an account's roles; None where it says nothing of them."""
        if not self.groups:
            return None
        return frozenset().union(*(self.roles.get(one, frozenset()) for one in vouched.groups))


class StaffByProvider:
    """One provider. url: of the console, as browsers know it, without a path."""

    def __init__(
        self,
        *,
        provider: IdentityProvider,
        claims: Claims,
        url: str,
        database: Database,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._at = AtProvider(context=contexts.CONSOLE_PROVIDER_TICKET, database=database, vault=vault, clock=clock)
        self._provider = provider
        self._claims = claims
        self._url = url
        self._database = database
        self._clock = clock

    def ask(self, language: str) -> ToProvider:
        """A new sign-in. Raises ServiceDown (provider.unavailable)."""
        asked, ticket = self._at.new()
        return ToProvider(address=self._provider.address(asked, self._redirect(language)), ticket=ticket)

    def enter(self, language: str, *, ticket: str, state: str, code: str, before: str = "") -> SignedIn:
        """Signs in whom the provider vouches for; `before`, the secret of the session the browser had, ends.

        Raises InputRefused (provider.refused), ServiceDown (provider.unavailable), NotAuthenticated: sign-in.not-known
        (no account of that name may sign in), sign-in.another-person (somebody else signed in under it first),
        sign-in.no-role (the provider leaves the account none).
        """
        asked = self._at.come_back(ticket, state=state, code=code)
        vouched = self._provider.vouched(
            code, asked, self._redirect(language), account=self._claims.account, groups=self._claims.groups
        )
        name, roles, now = self._claims.account_in(vouched), self._claims.roles_in(vouched), self._clock.now()
        with self._database.write() as tx:
            account = tx.accounts.get(name, lock=True) if name else None
            if account is None or account.disabled_at is not None:
                raise NotAuthenticated(Code.SIGN_IN_NOT_KNOWN)
            refused = self._refused(tx, account, vouched.identity, roles, now)
            if refused is None:
                tx.console.end_session(digest(before), now)
                return begun(tx, account, SignInMeans.PROVIDER, now, roles=roles)
            facts: dict[str, str | int | bool] = {"account": name, "locked": False}
            tx.records.append(Event(name=EventName.CONSOLE_SIGN_IN_FAILED, at=now, actor="console", facts=facts))
        raise refused

    def check(self) -> None:
        """Raises ServiceDown (provider.unavailable)."""
        self._provider.check()

    def _refused(
        self,
        tx: Transaction,
        account: Account,
        identity: str,
        roles: frozenset[AccountRole] | None,
        now: dt.datetime,
    ) -> NotAuthenticated | None:
        """Why that person does not sign in under the account; None for who did so first, and from then on."""
        if roles is not None and not account.roles & roles:
            return NotAuthenticated(Code.SIGN_IN_NO_ROLE)
        standing = tx.console.identity(account.name)
        if standing is not None:
            return None if standing.identity == identity else NotAuthenticated(Code.SIGN_IN_ANOTHER_PERSON)
        if not tx.console.add_identity(StaffIdentity(account=account.name, identity=identity, linked_at=now)):
            return NotAuthenticated(Code.SIGN_IN_ANOTHER_PERSON)
        facts = {"account": account.name}
        tx.console.tell(SignInNews(account=account.name, name=EventName.CONSOLE_IDENTITY_LINKED, at=now))
        tx.records.append(Event(name=EventName.CONSOLE_IDENTITY_LINKED, at=now, actor=account.name, facts=facts))
        return None

    def _redirect(self, language: str) -> str:
        return f"{self._url}/console/{language}/sign-in/provider/return"
