"""The file that names the server through which another case system is reached, read strictly."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from channels.sftp.settings import SftpPlace, SftpSettings
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sftp: SftpSettings


def read_server(home: Path, path: str, where: str) -> SftpPlace:
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
    return file.sftp.place(home, f"{where}.sftp")
