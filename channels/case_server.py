"""The file that names the server through which another case system is reached, read strictly."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from channels.http.account import Account, AccountSettings
from channels.sftp.settings import SftpPlace, SftpSettings
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sftp: SftpSettings | None = None
    webdav: AccountSettings | None = None


def read_server(home: Path, path: str, where: str) -> SftpPlace | Account:
    """The account that the file names, with its keys. `where`: the setting that names the file.

    Raises SetupWrong (settings.invalid, seal.key-permissions).
    """
    try:
        file = _File.model_validate(tomllib.loads((home / path).read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None
    except ValidationError as wrong:
        place = wrong.errors(include_input=False, include_url=False)[0]["loc"]
        raise SetupWrong(Code.SETTINGS_INVALID, where=".".join([where, *map(str, place)])) from None
    match file.sftp, file.webdav:
        case SftpSettings() as sftp, None:
            return sftp.place(home, f"{where}.sftp")
        case None, AccountSettings() as webdav:
            return webdav.account(home, f"{where}.webdav")
        case _:  # reached in one way
            raise SetupWrong(Code.SETTINGS_INVALID, where=where)
