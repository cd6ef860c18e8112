"""The table `[channels.fax]`, read strictly. Its texts stand in `settings.toml` beside this file."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from channels.mail.settings import MailChannelSettings
from gateway.domain.addresses import MailAddress
from gateway.ports.fax import FaxCoding, FaxResolution


class AddressForm(StrEnum):
    """How the service is told the number."""

    T37 = "t37"
    """`FAX=+14165550123@service` (RFC 3192); the pages are TIFF."""
    NUMBER = "number"
    """`14165550123@service`, as commercial services have it."""


class Content(StrEnum):
    """What the pages are sent as."""

    PDF = "pdf"
    TIFF = "tiff"


def _service(text: str) -> str:
    return MailAddress.parse(f"fax@{text}").domain


def _address(text: str) -> str:
    return str(MailAddress.parse(text))


class FaxSettings(MailChannelSettings):
    """The settings as they were written. `settings.toml` says what each one means."""

    table: ClassVar[str] = "channels.fax"

    service: Annotated[str, AfterValidator(_service)]
    results_from: Annotated[str, AfterValidator(_address)]
    form: Annotated[AddressForm, Field(strict=False)] = AddressForm.T37
    content: Annotated[Content, Field(strict=False)] = Content.TIFF
    resolution: Annotated[FaxResolution, Field(strict=False)] = FaxResolution.FINE
    coding: Annotated[FaxCoding, Field(strict=False)] = FaxCoding.MH
    max_pages: int = Field(default=100, ge=2, le=1000)

    @property
    def as_tiff(self) -> bool:
        """Whether the pages leave as TIFF: T.37 knows nothing else."""
        return self.form is AddressForm.T37 or self.content is Content.TIFF
