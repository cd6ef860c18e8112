"""Finding what was sent by its file number. It is posted: a file number stands in no address."""

from fastapi import Response

from gateway.application.console.find import Found
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/find", shown)
    door.does("/find", found, needs=None)


def shown(at: Visit) -> Response:
    """The form."""
    return at.page("find", number="", found=None, wrong="", wrong_where="", may_recall=False)


def found(at: Visit, fields: Fields) -> Response:
    """What stands under that number, each delivery with where it stands."""
    number = " ".join(fields.get("number", "").split())
    problem = None if number else InputRefused(Code.REQUEST_INVALID, where="number", expected="minLength 1")
    return at.page(
        "find",
        status=problem.http_status if problem else 200,
        number=number,
        found=None if problem else [_line(at, one) for one in at.console.find(number, viewer=at.actor)],
        may_recall=at.may(Permission.RECALL),
        wrong=at.words.wrong(problem, "number", area="find") if problem else "",
        wrong_where="number",
    )


def _line(at: Visit, one: Found) -> dict[str, object]:
    words, dispatch = at.words, one.dispatch
    return {
        "id": dispatch.id,
        "files": ", ".join(dispatch.files),
        "division": words.word("division.code", dispatch.division.value),
        "accepted": words.moment(dispatch.accepted_at),
        "state": words.word("dispatch-state", one.state.value),
        "deliveries": [
            {
                "id": each.id,
                "roles": ", ".join(words.word("role", role.value) for role in each.roles),
                "channel": words.word("channel", each.channel) if each.channel else "",
                "state": words.word("delivery-state", each.state.value),
            }
            for each in one.deliveries
        ],
    }
