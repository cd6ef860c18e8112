"""Joins what clerks upload, where secure upload is set up."""

from channels.secure_upload import clerks_folder
from channels.secure_upload.settings import SecureUploadSettings
from gateway.application.exchange.clerks_work import ClearClerksFolder, ConfirmUpload
from gateway.application.sweeps import Found, Run, counted
from gateway.bootstrap.base import Base
from gateway.domain.parties import ChannelName
from gateway.ports.exchange import ClerksFolder


def _folder(base: Base) -> ClerksFolder | None:
    table = base.settings.channels.get(ChannelName.SECURE_UPLOAD.value)
    return None if table is None else clerks_folder(base.home, SecureUploadSettings.read(table))


def confirm_upload(base: Base) -> ConfirmUpload | None:
    folder = _folder(base)
    if folder is None:
        return None
    return ConfirmUpload(database=base.database, vault=base.vault, folder=folder, clock=base.clock)


def clearing(base: Base) -> tuple[Run, ...]:
    """The sweep of the clerk's folder, if there is one."""
    folder = _folder(base)
    return () if folder is None else (counted(Found.CLEARED, ClearClerksFolder(database=base.database, folder=folder)),)
