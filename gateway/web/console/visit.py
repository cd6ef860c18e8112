"""One request to the console: in which language, by whom, and what answers it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from gateway.application.console.passkeys import StaffPasskeys
from gateway.application.console.provider import StaffByProvider
from gateway.bootstrap import Gateway
from gateway.bootstrap.console import Console
from gateway.domain.accounts import Account, Permission
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import NoSuchThing, Overloaded, Problem
from gateway.web import frame
from gateway.web.console.cookies import SESSION
from gateway.web.console.places import PLACES
from gateway.web.console.words import Words
from gateway.web.safety import form_token, guard, with_script

ROOT = "/console"
SEE_OTHER, OK = 303, 200
FOLDERS = (
    "",
    "sign_in",
    "set_up",
    "my_sign_in",
    "home",
    "find",
    "work",
    "views",
    "keyboard",
    "delivery",
    "approvals",
    "figures",
    "feed",
    "recall",
    "breach",
    "mail_room",
    "envelope_check",
    "scans",
    "receipts",
    "channels",
    "new_dispatch",
    "audit",
    "directory",
    "address",
)
"""Where the templates of the pages are."""


class Visit:
    """One request. `account`: who is signed in; `files` and `dropped`: what its form brought along, by
    field, and every one. The door sets them."""

    account: Account | None = None
    files: Mapping[str, bytes] = MappingProxyType({})
    dropped: Sequence[bytes] = ()

    def __init__(self, language: str, request: Request) -> None:
        if language not in set(Language):
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        self.gateway: Gateway = request.app.state.gateway
        self.console: Console = self.gateway.console
        self.request = request
        self.language = Language(language)
        self.words = Words(self.language, self.gateway.settings.gateway.office)
        self.secret = request.cookies.get(SESSION.name, "")

    def may(self, permission: Permission) -> bool:
        """Whether who is signed in may do that."""
        return self.account is not None and self.account.may(permission)

    @property
    def actor(self) -> str:
        """The name under which an act is recorded."""
        assert self.account is not None  # noqa: S101  (the door lets nobody else through)
        return self.account.name

    @property
    def passkeys(self) -> StaffPasskeys:
        """Raises NoSuchThing (request.not-found) where the console can take none."""
        if self.console.passkeys is None:
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        return self.console.passkeys

    @property
    def provider(self) -> StaffByProvider:
        """Raises NoSuchThing (request.not-found) where nobody vouches for staff."""
        if self.console.provider is None:
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        return self.console.provider

    @property
    def address(self) -> str | None:
        """Where the request came from, by the word of a proxy that the settings name where there is one. None where
        nobody can say: TLS is a proxy's, so behind an unnamed one everybody would be the same."""
        unnamed = self.console.secure and not self.gateway.settings.web.proxies
        return None if unnamed or self.request.client is None else self.request.client.host

    @property
    def home(self) -> str:
        """The address of the first page in the language of the visit."""
        return f"{ROOT}/{self.language.value}"

    def page(self, template: str, /, *, status: int = OK, **facts: object) -> Response:
        """A page in the language of the visit."""
        other = Language.FR if self.language is Language.EN else Language.EN
        shortcuts = self.account is not None and self.console.desk.shortcuts(self.account.name)
        html = (
            frame.environment("gateway.web.console", *FOLDERS)
            .get_template(f"{template}.html")
            .render(
                t=self.words.text,
                w=self.words,
                language=self.language.value,
                other=other.value,
                root=ROOT,
                home=self.home,
                there=self._there(other),
                account=self.account,
                may=self.may,
                places=self._places() if self.account else [],
                shortcuts=shortcuts,
                form=form_token(self.secret) if self.account else "",
                **facts,
            )
        )
        headers = {"Content-Language": self.language.value}
        response = Response(html, status, headers, media_type="text/html")
        guard(response, secure=self.console.secure)
        return with_script(response) if shortcuts else response

    def _places(self) -> Sequence[tuple[str, str, str, str]]:
        """Those that who is signed in may go to: the key, the address, the name, and where they are now (ARIA 1.2,
        aria-current)."""
        home, has_feed = f"{ROOT}/{self.language.value}", self.gateway.case_systems.feed is not None
        here = self.request.url.path.removeprefix(home)
        return [
            (one.key, f"{home}{one.below}", self.words.text(one.text), one.current(here))
            for one in PLACES
            if (one.needs is None or self.may(one.needs)) and (has_feed or not one.of_feed)
        ]

    def refused(self, problem: Problem) -> Response:
        """What is wrong, and what to do, as a page."""
        title, detail = self.words.told(problem)
        response = self.page("problem", status=problem.http_status, heading=title, detail=detail, code=problem.code)
        if isinstance(problem, Overloaded):
            response.headers["Retry-After"] = str(problem.facts["retry_after"])
        return response

    def to(self, page: str = "", **query: str) -> Response:
        """Go to that page, below the language: after what was done, so that loading it again does nothing twice."""
        asked = f"?{urlencode(query)}" if query else ""
        address = f"{ROOT}/{self.language.value}{page}{asked}"
        return guard(RedirectResponse(address, SEE_OTHER), secure=self.console.secure)

    def _there(self, other: Language) -> str:
        """This page in the other language; of a form that was posted, the page it stood on."""
        path = self.request.url.path.split("/", 3)
        below = f"/{path[3]}" if len(path) > 3 else ""  # noqa: PLR2004  (/console/<language>/<below>)
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        return f"{ROOT}/{other.value}{below}{query}"


def ready() -> None:
    """Every template is compiled, so that who asks first waits no longer than who asks second."""
    templates = frame.environment("gateway.web.console", *FOLDERS)
    for name in templates.list_templates(extensions=["html"]):
        templates.get_template(name)


At = Annotated[Visit, Depends(Visit)]
Fields = Mapping[str, str]
