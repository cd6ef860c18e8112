"""Parts of a home that follow from its settings alone: how large a package and its documents may be."""

import math

from gateway.settings import Settings
from keys.asice_container import PackageLimits
from templates.confined.process import Limits


def package_limits(settings: Settings) -> PackageLimits:
    """How large a package and what is in it may be."""
    limits = settings.limits
    return PackageLimits(
        package_bytes=limits.package,
        members=limits.members,
        member_bytes=limits.package,
        inflated_bytes=limits.unpacked,
    )


def document_limits(settings: Settings) -> Limits:
    """What reading one document of somebody else's may cost."""
    limits = settings.limits
    return Limits(memory=limits.document_memory, seconds=math.ceil(limits.document_time.total_seconds()))
