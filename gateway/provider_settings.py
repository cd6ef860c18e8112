"""Who vouches for people: the settings of an OpenID Connect provider."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.setting_values import Duration, Table, service_url


class ProviderSettings(Table):
    """`[exchange_provider]`: who vouches for holders of exchange accounts. Without an issuer there is nobody."""

    issuer: Annotated[str, AfterValidator(service_url)] = ""
    client_id: str = ""
    secret_file: str = ""
    ca: str = ""
    time_limit: Duration = Field(
        default=dt.timedelta(seconds=10), ge=dt.timedelta(seconds=1), le=dt.timedelta(minutes=1)
    )
