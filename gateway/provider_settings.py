"""Who vouches for people: the settings of an OpenID Connect provider."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.domain.accounts import AccountRole
from gateway.setting_values import Duration, Table, service_url


class ProviderSettings(Table):
    """A provider. Without an issuer there is nobody."""

    issuer: Annotated[str, AfterValidator(service_url)] = ""
    client_id: str = ""
    secret_file: str = ""
    ca: str = ""
    time_limit: Duration = Field(
        default=dt.timedelta(seconds=10), ge=dt.timedelta(seconds=1), le=dt.timedelta(minutes=1)
    )


class ExchangeProviderSettings(ProviderSettings):
    """`[exchange_provider]`: who vouches for holders of exchange accounts."""


class ConsoleProviderSettings(ProviderSettings):
    """`[console_provider]`: who vouches for staff, and what of its word is read."""

    scope: str = Field(default="openid profile", pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$")
    account_claim: str = Field(default="preferred_username", pattern=r"^[\x21-\x7e]+$")
    account_domain: str = Field(default="", pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$")
    roles_claim: str = Field(default="", pattern=r"^[\x21-\x7e]*$")
    roles: Mapping[str, tuple[AccountRole, ...]] = Field(default_factory=dict)
