"""Whom to speak to by SFTP, read strictly: the server by the keys that are pinned, ourselves by a key in a file."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import asyncssh
from pydantic import BaseModel, ConfigDict, Field

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_GROUP_AND_OTHERS = 0o077
_FOLDER = Field(pattern=r"^[^\x00-\x1f\\]{1,300}$")


class SftpSettings(BaseModel):
    """An account at a server. Paths of files here start at the home; folders there start at the account's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(default=22, ge=1, le=65535)
    username: str = Field(pattern=r"^[^\x00-\x20]{1,64}$")
    key_file: str = Field(min_length=1)
    host_keys: list[Annotated[str, Field(pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$")]] = Field(min_length=1)
    folder: Annotated[str, _FOLDER] = "."

    def place(self, home: Path, where: str) -> "SftpPlace":
        """Whom to speak to, with the keys, read now. `where`: the settings' own place, as `sftp.NAME`.

        Raises SetupWrong: settings.invalid; seal.key-permissions when anyone but the owner may touch the key.
        """
        return SftpPlace(
            host=self.host,
            port=self.port,
            username=self.username,
            key=_own_key(home / self.key_file, f"{where}.key_file"),
            host_keys=tuple(_host_key(text, f"{where}.host_keys") for text in self.host_keys),
            folder=self.folder,
        )


@dataclass(frozen=True, kw_only=True)
class SftpPlace:
    """An account at a server, its host keys pinned. `folder`: where files are put."""

    host: str
    port: int
    username: str
    key: asyncssh.SSHKey = field(repr=False)
    host_keys: tuple[asyncssh.SSHKey, ...]
    folder: str


def _host_key(text: str, where: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_public_key(text)
    except asyncssh.KeyImportError:
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None


def _own_key(path: Path, where: str) -> asyncssh.SSHKey:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _GROUP_AND_OTHERS:
                raise SetupWrong(Code.SEAL_KEY_PERMISSIONS, where=str(path))
            return asyncssh.import_private_key(file.read())
    except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None
