"""Joins the case systems on both sides: what is taken from files they drop, and what they are told of outcomes."""

from dataclasses import dataclass

from gateway.application.intake.drop_intake import DropIntake
from gateway.application.intake.submit import Submit
from gateway.application.views import Views
from gateway.bootstrap.base import Base
from gateway.bootstrap.dropping import drop_intake
from gateway.bootstrap.feed import FeedParts, feed


@dataclass(frozen=True, kw_only=True)
class CaseSystems:
    """Each is there where its folder is set."""

    drop: DropIntake | None
    """What takes in files that other systems drop."""
    feed: FeedParts | None
    """The outcome feed."""


def case_systems(base: Base, submit: Submit, views: Views) -> CaseSystems:
    """Raises SetupWrong (settings.invalid, file.unreadable)."""
    return CaseSystems(drop=drop_intake(base, submit, views), feed=feed(base))
