"""Who would get what by which channels, and why: of a package not yet taken in, or of a dispatch as things stand."""

from gateway.application.casework import OpenCase
from gateway.application.intake.submit import Submit
from gateway.application.planning.explanation import explained
from gateway.application.planning.plan import OfficeTime
from gateway.application.planning.router import Router
from gateway.application.views import View
from gateway.ports.database import Database


class Route:
    """Plans without recording anything."""

    def __init__(
        self,
        database: Database,
        *,
        submit: Submit,
        open_case: OpenCase,
        router: Router,
        office_time: OfficeTime,
    ) -> None:
        self._database = database
        self._submit = submit
        self._open_case = open_case
        self._router = router
        self._office_time = office_time

    def package(self, raw: bytes) -> View:
        """Of a package, after every check of acceptance. Raises InputRefused."""
        checked = self._submit.check(raw)
        decision = checked.decision
        return explained(
            decision, self._router.plan(decision, checked.verified.members), self._office_time.due(decision).date
        )

    def dispatch(self, dispatch_id: str) -> View:
        """Of a dispatch by the rules, directory and keys of now, whatever was planned when it came.

        Raises NoSuchThing (dispatch.unknown).
        """
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
            opened = tx.opened_ways.of_dispatch(dispatch_id)
        case = self._open_case(dispatch)
        plans = self._router.plan(case.decision, case.members, opened)
        return {"dispatch": dispatch_id} | explained(case.decision, plans, self._office_time.due(case.decision).date)
