"""Joins what hangs on the gateway's own keys."""

from collections.abc import Mapping

from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.key_tests import KeyTests
from gateway.application.rotation import RotateKeys
from gateway.domain.own_keys import OwnKeyName
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from keys.certificate_files import CertificateFiles
from keys.document_signer import CadesSigner
from keys.live import LiveOwnKeys, LiveSealer
from templates.sample import sample


def acceptance_signer(own: LiveOwnKeys) -> CadesSigner:
    """What signs the acceptance of a package."""
    return CadesSigner(OwnKeyName.PACKAGE_ACCEPTANCE, lambda: own.current().package_acceptance)


def rotation(own: LiveOwnKeys, database: Database, clock: Clock) -> RotateKeys:
    """What replaces the gateway's own keys."""
    return RotateKeys(own=own, sealer=LiveSealer(own), database=database, clock=clock)


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
