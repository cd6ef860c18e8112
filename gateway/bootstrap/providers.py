"""Joins the provider that vouches for people, where one is set up."""

import ssl
from pathlib import Path

from gateway.application.console.provider import Claims, StaffByProvider
from gateway.application.exchange.provider import SignInByProvider
from gateway.bootstrap.base import Base
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.identity_provider import IdentityProvider
from gateway.provider_settings import ProviderSettings
from keys.key_files import read_secret


def sign_in_by_provider(base: Base, url: str) -> SignInByProvider | None:
    """For the exchange at that address; None where no issuer is set. Raises SetupWrong (settings.invalid)."""
    provider = identity_provider(base, base.settings.exchange_provider, "exchange_provider")
    if provider is None:
        return None
    return SignInByProvider(provider=provider, url=url, database=base.database, vault=base.vault, clock=base.clock)


def staff_by_provider(base: Base, url: str) -> StaffByProvider | None:
    """For the console at that address; None where no issuer is set. Raises SetupWrong (settings.invalid)."""
    settings = base.settings.console_provider
    if bool(settings.roles_claim) is not bool(settings.roles):  # one says nothing without the other
        raise SetupWrong(Code.SETTINGS_INVALID, where="console_provider.roles")
    provider = identity_provider(base, settings, "console_provider", scope=settings.scope)
    if provider is None:
        return None
    claims = Claims(
        account=settings.account_claim,
        domain=settings.account_domain,
        groups=settings.roles_claim,
        roles={group: frozenset(roles) for group, roles in settings.roles.items()},
    )
    return StaffByProvider(
        provider=provider, claims=claims, url=url, database=base.database, vault=base.vault, clock=base.clock
    )


def identity_provider(
    base: Base, settings: ProviderSettings, table: str, *, scope: str = "openid"
) -> IdentityProvider | None:
    """Who speaks with the provider of that table; None where no issuer is set.

    Raises SetupWrong (settings.invalid; key.missing; seal.key-permissions: others may read the secret).
    """
    if not settings.issuer:
        return None
    from keys.identity_provider import OpenIdProvider, ProviderPlace  # with their libraries, for those who need them

    for name in ("client_id", "secret_file"):
        if not getattr(settings, name):
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"{table}.{name}")
    place = ProviderPlace(
        issuer=settings.issuer,
        client_id=settings.client_id,
        secret=read_secret(base.home / settings.secret_file).decode("utf-8", "replace").strip(),
        tls=_tls(base.home, settings.ca, f"{table}.ca"),
        time_limit=settings.time_limit,
        scope=scope,
    )
    return OpenIdProvider(place, now=base.clock.now)


def _tls(home: Path, ca: str, where: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(home / ca) if ca else None)
    except (OSError, ssl.SSLError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
