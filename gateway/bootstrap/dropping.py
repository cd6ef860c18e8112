"""Joins what takes in files that other systems drop."""

import base64

from gateway.application.files.file_parties import received_view
from gateway.application.files.parties_json import MOST_BYTES, read_dropped
from gateway.application.intake.drop_intake import Answer, DropIntake, Kind
from gateway.application.intake.submit import Submit
from gateway.application.views import Views
from gateway.bootstrap.base import Base
from gateway.bootstrap.servers import reach
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import Problem
from templates.problem_document import problem_document

PACKAGE, PARTIES = ".asice", ".parties.json"
"""The endings of what is taken."""
_ACTOR = "drop"


def drop_intake(base: Base, submit: Submit, views: Views) -> DropIntake | None:
    """None where neither a folder nor a server is set. Raises SetupWrong (settings.invalid)."""
    settings = base.settings.drop
    if not settings.folder and not settings.server:
        return None
    reached = reach(base, "drop", folder=settings.folder, server=settings.server)

    def package(raw: bytes) -> Answer:
        with base.large.turn(len(raw)):
            accepted = submit.accept(raw, submitted_by=_ACTOR)
        acceptance = base64.b64encode(accepted.acceptance).decode() if accepted.acceptance else None
        return views.summary(accepted.dispatch.id) | {"repeat": accepted.repeat, "acceptance": acceptance}

    def parties(raw: bytes) -> Answer:
        file, message = read_dropped(raw)
        return received_view(base.parties.receive(file, message, actor=_ACTOR))

    kinds = (
        Kind(ending=PACKAGE, limit=base.settings.limits.package, too_large=Code.PACKAGE_TOO_LARGE, take=package),
        Kind(ending=PARTIES, limit=MOST_BYTES, too_large=Code.PARTIES_INVALID, take=parties),
    )
    return DropIntake(reached.drop_folder("drop", [one.ending for one in kinds]), kinds, refusal=refusal)


def refusal(problem: Problem) -> Answer:
    """For a system: the code is what it goes by."""
    return problem_document(problem, Language.EN)
