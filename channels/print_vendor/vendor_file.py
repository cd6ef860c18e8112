"""The file that names the vendor, read strictly."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field, ValidationError

from channels.sftp.settings import SftpPlace, SftpSettings
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.domain.ways import MAIL

_WHERE = "print_vendor.file"


class _File(SftpSettings):
    """An account at the vendor's server. answers: the folder there into which it accounts for manifests. certificate:
    of the key that batches are sealed for, a file inside the home. channels: whose manifests it makes."""

    answers: str = Field(pattern=r"^[^\x00-\x1f\\]{1,300}$")
    certificate: str = Field(min_length=1)
    channels: list[str] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class VendorFile:
    """The vendor: where batches are put, where it answers, its certificate as it was handed in, and its channels."""

    batches: SftpPlace
    answers: SftpPlace
    certificate: bytes
    channels: frozenset[str]


def read_vendor(home: Path, path: str) -> VendorFile:
    """What the file says, with the keys it names. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    try:
        file = _File.model_validate(tomllib.loads((home / path).read_text("utf-8")))
        certificate = (home / file.certificate).read_bytes()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=_WHERE) from None
    except ValidationError as wrong:
        setting = wrong.errors(include_input=False, include_url=False)[0]["loc"]
        raise SetupWrong(Code.SETTINGS_INVALID, where=".".join([_WHERE, *map(str, setting)])) from None
    if not set(file.channels) <= {ChannelName(one).value for one in MAIL}:
        raise SetupWrong(Code.SETTINGS_INVALID, where=f"{_WHERE}.channels")
    place = file.place(home, _WHERE)
    return VendorFile(
        batches=place,
        answers=replace(place, folder=file.answers),
        certificate=certificate,
        channels=frozenset(file.channels),
    )
