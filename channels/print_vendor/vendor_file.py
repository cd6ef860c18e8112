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
    of the key that batches are sealed for, a file inside the home. answers_signed_by: of the key that signs its
    accounts, likewise; without it they are taken from that server alone, and nothing is printed anew on their word.
    channels: whose manifests it makes."""

    answers: str = Field(pattern=r"^[^\x00-\x1f\\]{1,300}$")
    certificate: str = Field(min_length=1)
    answers_signed_by: str = ""
    channels: list[str] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class VendorFile:
    """The vendor: where batches are put, where it answers, its certificate as it was handed in, that of its answers if
    they are signed, and its channels."""

    batches: SftpPlace
    answers: SftpPlace
    certificate: bytes
    answers_signed_by: bytes | None
    channels: frozenset[str]


def read_vendor(home: Path, path: str) -> VendorFile:
    """What the file says, with the keys it names. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    try:
        file = _File.model_validate(tomllib.loads((home / path).read_text("utf-8")))
        certificate = (home / file.certificate).read_bytes()
        signed_by = (home / file.answers_signed_by).read_bytes() if file.answers_signed_by else None
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
        answers_signed_by=signed_by,
        channels=frozenset(file.channels),
    )
