"""Settings, secrets and own keys of a home as one archive, and what a custodian alone can open."""

import io
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from cryptography import x509

from gateway.bootstrap import DATABASE_FILE, key_folder
from gateway.domain.codes import Code
from gateway.domain.parties import ContentEncryption, KeyTransport
from gateway.domain.problem import Conflict, InputRefused
from gateway.settings import FILE, Settings, read_settings
from keys import enveloped
from keys.cades import SigningKey
from keys.key_files import write_new

HOME, KEYS = "home", "keys"
_LARGEST = 16_000_000
"""Bytes of one file. What is larger at the top of a home is no setting and no secret."""


def pack(home: Path, settings: Settings) -> bytes:
    """A tar archive of the files at the top of the home, its secrets of callbacks, and its own keys.

    Not the database, whose copy is taken by itself, and no folder in which papers lie in the clear.
    Raises InputRefused (file.unreadable).
    """
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in _found(home, settings):
            try:
                raw = path.read_bytes()
            except OSError:
                raise InputRefused(Code.FILE_UNREADABLE, where=name) from None
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(raw), 0o600
            archive.addfile(entry, io.BytesIO(raw))
    return content.getvalue()


def _found(home: Path, settings: Settings) -> Iterator[tuple[str, Path]]:
    callbacks = settings.callbacks.folder
    yield from _files(home, HOME)
    yield from _files(home / callbacks, f"{HOME}/{callbacks}")
    yield from _files(key_folder(home, settings), KEYS)


def _files(folder: Path, within: str) -> Iterator[tuple[str, Path]]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith((".", DATABASE_FILE)) and path.stat().st_size <= _LARGEST:
                yield f"{within}/{path.name}", path


def sealed_for(content: bytes, custodian: x509.Certificate) -> bytes:
    """CMS AuthEnvelopedData that `openssl cms -decrypt` opens with the custodian's key, and nothing else does."""
    return enveloped.encrypt(
        content,
        certificate=custodian,
        key_transport=KeyTransport.AUTO,
        content_encryption=ContentEncryption.GCM,
    )


def opened_by(sealed: Iterator[bytes], custodian: SigningKey) -> Mapping[str, bytes]:
    """The files by name, from the one that is for that custodian. Raises InputRefused (message.not-for-key)."""
    for one in sealed:
        try:
            content = enveloped.decrypt(one, key=custodian.private_key, certificate=custodian.certificate)
        except InputRefused as refused:
            if refused.code is not Code.MESSAGE_NOT_FOR_KEY:
                raise
        else:
            return _unpacked(content)
    raise InputRefused(Code.MESSAGE_NOT_FOR_KEY)


def _unpacked(content: bytes) -> Mapping[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = {entry.name: archive.extractfile(entry) for entry in archive.getmembers() if entry.isreg()}
        return {name: file.read() for name, file in files.items() if file is not None}


def unpack(files: Mapping[str, bytes], home: Path) -> Settings:
    """Writes the files into a home that is not there or empty, the keys where its settings say.

    Raises Conflict (backup.home-stands), InputRefused (backup.unreadable, file.unwritable), SetupWrong.
    """
    try:
        settings = _settings_in(files)
        keys = key_folder(home, settings)
        for folder in (home, keys):  # both before anything is written
            if folder.exists() and any(folder.iterdir()):
                raise Conflict(Code.BACKUP_HOME_STANDS, where=str(folder))
        with ExitStack() as undo:
            undo.callback(remove, home, settings)
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            for start, folder in ((HOME, home), (KEYS, keys)):
                for name, content in files.items():
                    if name.startswith(f"{start}/"):
                        _write(folder, name.removeprefix(f"{start}/"), content)
            undo.pop_all()
    except OSError as error:
        raise InputRefused(Code.FILE_UNWRITABLE, where=str(error.filename or home)) from None
    return settings


def remove(home: Path, settings: Settings) -> None:
    """Takes away whatever is in a home and its key folder: for those in which nothing was before `unpack`."""
    for folder in (home, key_folder(home, settings)):
        shutil.rmtree(folder, ignore_errors=True)  # the folder itself may be another's to remove; what is in it is not


def _settings_in(files: Mapping[str, bytes]) -> Settings:
    if f"{HOME}/{FILE}" not in files:
        raise InputRefused(Code.BACKUP_UNREADABLE, where=FILE)
    with TemporaryDirectory() as folder:
        _write(Path(folder), FILE, files[f"{HOME}/{FILE}"])
        return read_settings(Path(folder))


def _write(folder: Path, name: str, content: bytes) -> None:
    """Never outside the folder, whatever the archive says."""
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
        raise InputRefused(Code.BACKUP_UNREADABLE, where=name)
    path = folder.joinpath(*parts)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(path, content)
