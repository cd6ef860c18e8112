"""Joins the directory in which certificates may be looked up."""

from pathlib import Path

from gateway.ports.key_directories import KeyDirectory
from gateway.settings import DirectorySettings


def key_directory(home: Path, settings: DirectorySettings) -> KeyDirectory | None:
    """The directory, or None where none is set up. Raises SetupWrong (settings.invalid, directory.extra-missing)."""
    if not settings.url:
        return None
    from keys.ldap_directory import LdapDirectory, LdapPlace  # loaded where there is such a directory

    return LdapDirectory(
        LdapPlace(
            url=settings.url,
            base=settings.base,
            filter=settings.filter,
            ca=home / settings.ca,
            bind_dn=settings.bind_dn,
            password_file=home / settings.password_file if settings.password_file else None,
            time_limit=settings.time_limit.total_seconds(),
            max_bytes=settings.size_limit,
        )
    )
