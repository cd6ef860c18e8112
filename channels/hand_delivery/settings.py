"""The table `[channels.hand-delivery]`, read strictly. Its texts stand in `settings.toml` beside this file."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.domain.quantities import size


class HandDeliverySettings(BaseModel):
    """The settings as they were written. `settings.toml` says what each one means."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    duplex: bool = True
    max_pages: int = Field(default=400, ge=2, le=2000)
    max_packet: Annotated[int, BeforeValidator(size), Field(gt=0)] = size("50MB")

    @classmethod
    def read(cls, table: Mapping[str, object]) -> Self:
        """Raises SetupWrong (settings.invalid) with the first wrong setting as `where`."""
        try:
            return cls.model_validate(dict(table))
        except ValidationError as wrong:
            place = wrong.errors(include_input=False, include_url=False)[0]["loc"]
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.hand-delivery.{place[0]}") from None
