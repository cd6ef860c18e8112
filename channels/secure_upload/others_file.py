"""The file that names exchanges of others that a program reaches, read strictly."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from channels.http.account import Account, AccountSettings
from channels.sftp.settings import SftpPlace, SftpSettings
from channels.tus.settings import TusPlace, TusSettings
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_WHERE = "channels.secure-upload.exchanges"
_NAME = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class SftpAccount(SftpSettings):
    """An account at a recipient's server. `receipts`: the folder there into which they put receipts; empty: none."""

    machine: Literal["recipient"]
    """Whose machine it is: content lies there in the clear, and may on nobody else's."""
    receipts: str = Field(default="", pattern=r"^[^\x00-\x1f\\]{0,300}$")


class TusAccount(TusSettings):
    """An account at a recipient's exchange. `receipts`: who we are to the WebDAV folder into which they put receipts;
    none: they give none."""

    machine: Literal["recipient"]
    """Whose machine it is; see `SftpAccount`."""
    receipts: AccountSettings | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sftp: dict[_NAME, SftpAccount] = Field(default_factory=dict)
    tus: dict[_NAME, TusAccount] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """A receipt is known by the account that it lay in."""
        if self.sftp.keys() & self.tus.keys():
            raise ValueError("an account is named once")
        return self


@dataclass(frozen=True, kw_only=True)
class Others:
    """Whom the file names, by account. `receipts`: where receipts of those come to lie that give any, by SFTP or
    WebDAV."""

    sftp: Mapping[str, SftpPlace]
    tus: Mapping[str, TusPlace]
    receipts: Mapping[str, SftpPlace | Account]


def read_others(home: Path, path: str) -> Others:
    """What the file says, with the keys it names. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    try:
        file = _File.model_validate(tomllib.loads((home / path).read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=_WHERE) from None
    except ValidationError as wrong:
        place = wrong.errors(include_input=False, include_url=False)[0]["loc"]
        raise SetupWrong(Code.SETTINGS_INVALID, where=".".join([_WHERE, *map(str, place)])) from None
    places = {name: one.place(home, f"{_WHERE}.sftp.{name}") for name, one in file.sftp.items()}
    by_sftp = {name: replace(places[name], folder=one.receipts) for name, one in file.sftp.items() if one.receipts}
    tus = {name: one.place(home, f"{_WHERE}.tus.{name}") for name, one in file.tus.items()}
    by_webdav = {
        name: one.receipts.account(home, f"{_WHERE}.tus.{name}.receipts")
        for name, one in file.tus.items()
        if one.receipts is not None
    }
    return Others(sftp=places, tus=tus, receipts={**by_sftp, **by_webdav})
