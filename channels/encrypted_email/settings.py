"""The table `[channels.encrypted-email]`, read strictly. Its texts stand in `settings.toml` beside this file."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from channels.encrypted_email.return_path import ReturnPath
from channels.mail.settings import MailChannelSettings


def _return_path(text: str) -> str:
    return str(ReturnPath.parse(text)) if text else text


class EncryptedEmailSettings(MailChannelSettings):
    """The settings as they were written. `settings.toml` says what each one means."""

    table: ClassVar[str] = "channels.encrypted-email"

    return_path: Annotated[str, AfterValidator(_return_path)] = ""
