"""Joins the time stamp authority, and what judges its stamps."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509

from gateway.ports.stamps import StampAuthority, StampVerifier
from gateway.settings import EvidenceSettings
from keys import own_files


def stamp_authority(home: Path, settings: EvidenceSettings) -> StampAuthority | None:
    """The authority, or None where none is set up. Its certificates are read when they are needed."""
    if not settings.stamp_authority:
        return None
    from keys.stamp_authority import HttpStampAuthority  # with its libraries, which only those need who ask

    trusted = _trusted(home / settings.stamp_ca)
    return HttpStampAuthority(settings.stamp_authority, trusted=trusted, time_limit=settings.stamp_time_limit)


def stamp_verifier(certificates: Path) -> StampVerifier:
    """What judges stamps by the authority's certificates."""
    from keys.time_stamps import CertifiedStamps  # as above

    return CertifiedStamps(_trusted(certificates))


def _trusted(path: Path) -> Callable[[], Sequence[x509.Certificate]]:
    return lambda: own_files.read_certificates(path)
