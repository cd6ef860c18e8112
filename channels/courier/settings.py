"""The table `[channels.regular-mail]` and its like, read strictly. Their texts stand in `settings.toml` beside this."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.domain.codes import Code
from gateway.domain.manifest import AtCutOff, CarriageTerms
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.domain.quantities import size
from gateway.domain.s10 import NumberRange


def _time(value: object) -> dt.time:
    if not isinstance(value, str):
        raise TypeError("no time of day")
    return dt.datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007  (a time by each office's own clock)


def _lines(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _range(text: str) -> str:
    return str(NumberRange.parse(text))


Line = Annotated[str, Field(min_length=1, max_length=39)]


class MailSettings(BaseModel):
    """The settings as they were written. `settings.toml` says what each one means."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    carrier: str = Field(min_length=1, max_length=60)
    return_to: Mapping[str, Annotated[tuple[Line, ...], BeforeValidator(_lines), Field(min_length=1, max_length=6)]]
    cut_off: Annotated[dt.time, BeforeValidator(_time)] = dt.time(16)
    at_cut_off: Annotated[AtCutOff, Field(strict=False)] = AtCutOff.CLOSE
    contract_service: str = Field(default="", pattern=r"^([A-Z0-9.]{1,32})?$")
    duplex: bool = True
    max_pages: int = Field(default=400, ge=2, le=2000)
    max_packet: Annotated[int, BeforeValidator(size), Field(gt=0)] = size("50MB")

    @classmethod
    def read_for(cls, channel: ChannelName, table: Mapping[str, object]) -> Self:
        """Raises SetupWrong (settings.invalid) with the first wrong setting as `where`."""
        try:
            return cls.model_validate(dict(table))
        except ValidationError as wrong:
            place = wrong.errors(include_input=False, include_url=False)[0]["loc"]
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{channel}.{place[0]}") from None

    @property
    def terms(self) -> CarriageTerms:
        """What the mail room goes by."""
        return CarriageTerms(
            carrier=self.carrier,
            cut_off=self.cut_off,
            at_cut_off=self.at_cut_off,
            contract_service=self.contract_service,
            return_to=self.return_to,
        )


class RegisteredSettings(MailSettings):
    """And the numbers that the post assigned."""

    ranges: Annotated[
        tuple[Annotated[str, AfterValidator(_range)], ...], BeforeValidator(_lines), Field(min_length=1, max_length=50)
    ]

    @property
    def terms(self) -> CarriageTerms:
        """The same, with the ranges of numbers."""
        return replace(super().terms, ranges=tuple(NumberRange.parse(one) for one in self.ranges))


def settings_of(channel: ChannelName) -> type[MailSettings]:
    """Which settings the channel has."""
    return RegisteredSettings if channel is ChannelName.REGISTERED_MAIL else MailSettings
