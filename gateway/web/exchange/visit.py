"""One request to the exchange: in which language, and by whom."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.application.exchange.passkeys import Passkeys
from gateway.application.exchange.provider import SignInByProvider
from gateway.bootstrap import Gateway
from gateway.bootstrap.exchange import ExchangeParts
from gateway.domain.codes import Code
from gateway.domain.exchange import ExchangeAccount
from gateway.domain.parties import Language
from gateway.domain.problem import NoSuchThing
from gateway.web.exchange.cookies import SESSION
from gateway.web.exchange.views import Pages
from gateway.web.safety import form_token, guard

SEE_OTHER = 303
NOT_FOUND, FORBIDDEN, UNREAD = 404, 403, 422


class Visit:
    """One request: the exchange, the pages in its language, and who is signed in, if anybody."""

    def __init__(self, language: str, request: Request) -> None:
        gateway: Gateway = request.app.state.gateway
        if gateway.exchange is None or language not in set(Language):
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        self.exchange: ExchangeParts = gateway.exchange
        self.request = request
        self.language = Language(language)
        self.pages = Pages(gateway, self.language, secure=self.exchange.secure)
        self.secret = request.cookies.get(SESSION.name, "")

    async def account(self) -> ExchangeAccount | None:
        """Who is signed in."""
        return await run_in_threadpool(self.exchange.sign_in.who, self.secret) if self.secret else None

    @property
    def passkeys(self) -> Passkeys:
        """Raises NoSuchThing where the exchange can take none."""
        if self.exchange.passkeys is None:
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        return self.exchange.passkeys

    @property
    def provider(self) -> SignInByProvider:
        """Raises NoSuchThing where nobody vouches for people."""
        if self.exchange.provider is None:
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        return self.exchange.provider

    def own_page(
        self, name: str, account: ExchangeAccount, *, status: int = 200, here: str = "", **facts: object
    ) -> HTMLResponse:
        """A page of who is signed in: it says as whom, and lets them sign out."""
        who = {"account": account.name, "acts_for": account.acts_for, "form": form_token(self.secret)}
        return self.pages.page(name, status=status, here=here, **who, **facts)

    def home(self) -> Response:
        """Go to the list, or to the page that lets one sign in."""
        return self.to("")

    def to(self, page: str) -> Response:
        """Go to that page, below the language: after what was done, so that loading it again does nothing twice."""
        address = f"/exchange/{self.language.value}{page}"
        return guard(RedirectResponse(address, SEE_OTHER), secure=self.exchange.secure)

    def gone(self) -> Response:
        """What is not there, and what is another's."""
        return self.pages.page("gone", status=NOT_FOUND)


At = Annotated[Visit, Depends(Visit)]
