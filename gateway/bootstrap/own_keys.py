"""Joins what hangs on the gateway's own keys."""

from collections.abc import Mapping
from pathlib import Path

from gateway.application.keys_at_hand import KeysAtHand
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.key_tests import KeyTests
from gateway.application.rotation import RotateKeys
from gateway.bootstrap.places import key_folder
from gateway.domain.own_keys import OwnKeyName
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.settings import Settings
from keys.certificate_files import CertificateFiles
from keys.credentials import passphrase
from keys.document_signer import CadesSigner
from keys.live import LiveOwnKeys, LiveSealer
from templates.sample import sample


def acceptance_signer(own: LiveOwnKeys) -> CadesSigner:
    """What signs the acceptance of a package."""
    return CadesSigner(OwnKeyName.PACKAGE_ACCEPTANCE, lambda: own.current().package_acceptance)


def live_keys(home: Path, settings: Settings) -> LiveOwnKeys:
    """The own keys of a home. Raises SetupWrong (key.*, seal.key-permissions, file.unreadable)."""
    return LiveOwnKeys(key_folder(home, settings), passphrase(), organization=settings.gateway.organization)


def keys_at_hand(home: Path, settings: Settings, database: Database) -> KeysAtHand:
    """Whether the own keys that are in use are on this machine: for a process that opens no more of the home. Raises as
    `live_keys` does."""
    return KeysAtHand(own=live_keys(home, settings), database=database)


def rotation(own: LiveOwnKeys, database: Database, clock: Clock) -> RotateKeys:
    """What replaces the gateway's own keys."""
    at_hand = KeysAtHand(own=own, database=database)
    return RotateKeys(own=own, at_hand=at_hand, sealer=LiveSealer(own), database=database, clock=clock)


def key_tests(
    directory: RecipientDirectory, channels: Mapping[str, Channel], database: Database, clock: Clock
) -> KeyTests:
    """What sends samples."""
    return KeyTests(
        directory=directory,
        certificates=CertificateFiles(),
        channels=channels,
        sample=lambda language: sample(language, clock.now().date()),
        database=database,
        clock=clock,
    )
