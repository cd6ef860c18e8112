"""How who is signed in signs in: their password and codes, their passkeys, and what they add and take away of them."""

from fastapi import Response

from gateway.application.console.sign_in import OpenSession
from gateway.domain.console import LONGEST_NAME, StaffPasskey
from gateway.domain.officers_word import SignInMeans
from gateway.domain.problem import InputRefused
from gateway.web.console.cookies import TICKET
from gateway.web.console.door import Door
from gateway.web.console.my_sign_in.news import news_of, until_of
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import with_script

_FORM_WRONG = 422
_DONE = frozenset({"added", "removed", "password-removed", "others-ended", "news-read"})
_WAY = {
    SignInMeans.PASSWORD_AND_CODE: "password",
    SignInMeans.PASSKEY: "passkey",
    SignInMeans.PROVIDER: "provider",
}
_PLACE = "/my-sign-in"


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows(_PLACE, shown)
    door.does(f"{_PLACE}/passkeys", add, needs=None)
    door.does(f"{_PLACE}/passkeys/{{passkey}}/removal", remove, needs=None)
    door.does(f"{_PLACE}/password/removal", remove_password, needs=None)
    door.does(f"{_PLACE}/sessions/removal", end_others, needs=None)
    door.does(f"{_PLACE}/news", read_news, needs=None)


def shown(at: Visit) -> Response:
    """What signs them in."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=done if done in _DONE else "")


def add(at: Visit, fields: Fields) -> Response:
    """Adds what their authenticator made."""
    ticket = at.request.cookies.get(TICKET.name, "")
    try:
        at.passkeys.register(
            at.actor, at.secret, ticket=ticket, answer=fields.get("answer", ""), name=fields.get("name", "")
        )
    except InputRefused as problem:
        return _page(at, wrong=problem, name=fields.get("name", ""))
    return at.to(_PLACE, done="added")


def remove(at: Visit, _fields: Fields) -> Response:
    """Takes a passkey away."""
    at.console.sign_in_ways.remove_passkey(at.actor, at.secret, str(at.request.path_params["passkey"]))
    return at.to(_PLACE, done="removed")


def remove_password(at: Visit, _fields: Fields) -> Response:
    """Takes password and codes away."""
    at.console.sign_in_ways.remove_password(at.actor, at.secret)
    return at.to(_PLACE, done="password-removed")


def end_others(at: Visit, _fields: Fields) -> Response:
    """Signs every other browser of theirs out."""
    at.console.sign_in.end_others(at.actor, at.secret)
    return at.to(_PLACE, done="others-ended")


def read_news(at: Visit, fields: Fields) -> Response:
    """They read what they were told of their sign-in."""
    at.console.sign_in.read_news(at.actor, until_of(fields.get("until", "")))
    return at.to(_PLACE, done="news-read")


def _page(at: Visit, *, done: str = "", wrong: InputRefused | None = None, name: str = "") -> Response:
    ways, fresh = at.console.sign_in_ways.of(at.actor), at.console.sign_in_ways.is_fresh(at.actor, at.secret)
    asked = at.passkeys.to_register(at.actor) if fresh and at.console.passkeys is not None else None
    text = at.words.text
    response = at.page(
        "my-sign-in",
        status=_FORM_WRONG if wrong else 200,
        done=done,
        fresh=fresh,
        is_last=ways.count <= 1,
        password=text("my-sign-in.set-on", moment=at.words.moment(ways.password_set_at))
        if ways.password_set_at
        else "",
        linked=text("my-sign-in.linked-on", moment=at.words.moment(ways.linked_at)) if ways.linked_at else "",
        passkeys=[_line(at, one) for one in ways.passkeys],
        news=news_of(at),
        sessions=[_session(at, one) for one in at.console.sign_in.sessions(at.actor, at.secret)],
        asked=asked.options if asked else None,
        has_passkeys=at.console.passkeys is not None,
        typed={"name": name},
        most=LONGEST_NAME,
        wrong=_told(at, wrong) if wrong else "",
        wrong_where=(wrong.where or "") if wrong else "",
    )
    if asked is None:
        return response
    TICKET.give(response, asked.ticket)
    return with_script(response)


def _session(at: Visit, one: OpenSession) -> dict[str, str | bool]:
    text, words = at.words.text, at.words
    way = words.word("sign-in-way", _WAY[one.means])
    begun = text("my-sign-in.session", way=way, begun=words.moment(one.begun_at), seen=words.moment(one.seen_at))
    return {"told": begun, "here": one.here}


def _told(at: Visit, wrong: InputRefused) -> str:
    if wrong.where == "name":
        return at.words.text("my-sign-in.name-wrong", most=LONGEST_NAME)
    return at.words.told(wrong)[1]


def _line(at: Visit, passkey: StaffPasskey) -> dict[str, str]:
    text, used = at.words.text, passkey.used_at
    return {
        "id": passkey.id,
        "name": passkey.name,
        "added": text("my-sign-in.added-on", moment=at.words.moment(passkey.added_at)),
        "used": text("my-sign-in.used-on", moment=at.words.moment(used)) if used else text("my-sign-in.unused"),
    }
