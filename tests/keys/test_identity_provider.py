"""What speaks with a provider, against a real one: a code is good once, for us, with what was asked."""

import datetime as dt
import re
import ssl
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.domain.codes import Code
from gateway.domain.identity import AskedOfProvider, identity_of
from gateway.domain.problem import InputRefused, ServiceDown
from keys.identity_provider import OpenIdProvider, ProviderPlace
from tests.real import oidc, ports

pytestmark = pytest.mark.real

REDIRECT = "http://localhost:9/exchange/en/provider/return"
ASKED = AskedOfProvider(
    state="s" * 43, nonce="n" * 43, verifier="v" * 64, expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oidc.Provider]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), [REDIRECT]) as running:
        yield running


@pytest.fixture
def place(provider: oidc.Provider) -> ProviderPlace:
    return ProviderPlace(
        issuer=provider.issuer,
        client_id=oidc.CLIENT,
        secret=oidc.SECRET,
        tls=ssl.create_default_context(),
        time_limit=dt.timedelta(seconds=10),
    )


def code_for(place: ProviderPlace, asked: AskedOfProvider = ASKED, who: str = "counsel") -> str:
    """The code that a browser brings back once that person signed in."""
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(OpenIdProvider(place, now=now).address(asked, REDIRECT))
        for form in ({"prompt": "login", "login": who, "password": "whatever"}, {"prompt": "consent"}):
            (action,) = re.findall(r'action="([^"]+)"', page.text)
            page = browser.post(action, data=form, follow_redirects=False)
            while page.next_request is not None and not str(page.next_request.url).startswith(REDIRECT):
                page = browser.send(page.next_request, follow_redirects=False)
    brought = parse_qs(urlsplit(page.headers["location"]).query)
    assert brought["state"] == [asked.state]
    return brought["code"][0]


def refused(place: ProviderPlace, code: str, asked: AskedOfProvider = ASKED, redirect: str = REDIRECT) -> None:
    with pytest.raises(InputRefused) as raised:
        OpenIdProvider(place, now=now).identity(code, asked, redirect)
    assert raised.value.code is Code.PROVIDER_REFUSED


def test_a_code_tells_who_signed_in_and_is_good_once(place: ProviderPlace) -> None:
    code = code_for(place)
    assert OpenIdProvider(place, now=now).identity(code, ASKED, REDIRECT) == identity_of(place.issuer, "counsel")
    refused(place, code)


@pytest.mark.parametrize("other", ["verifier", "nonce"])
def test_a_code_that_was_asked_for_with_something_else_is_refused(place: ProviderPlace, other: str) -> None:
    refused(place, code_for(place), replace(ASKED, **{other: "x" * 64}))  # type: ignore[arg-type]


def test_a_code_for_another_place_with_another_secret_or_that_nobody_gave_is_refused(place: ProviderPlace) -> None:
    refused(place, code_for(place), redirect=REDIRECT.replace("/en/", "/fr/"))
    refused(replace(place, secret="another"), code_for(place))
    refused(place, "nobody gave this")


def test_a_token_that_came_too_late_or_from_the_future_is_refused(place: ProviderPlace) -> None:
    for moved in (dt.timedelta(hours=1), -dt.timedelta(hours=1)):
        code = code_for(place)
        with pytest.raises(InputRefused):
            OpenIdProvider(place, now=lambda moved=moved: now() + moved).identity(code, ASKED, REDIRECT)  # type: ignore[misc]


def test_a_provider_that_is_away_or_names_itself_otherwise_is_unavailable(place: ProviderPlace) -> None:
    for issuer in (f"http://localhost:{ports.free_port()}", place.issuer.replace("localhost", "127.0.0.1")):
        with pytest.raises(ServiceDown) as raised:
            OpenIdProvider(replace(place, issuer=issuer), now=now).address(ASKED, REDIRECT)
        assert raised.value.code is Code.PROVIDER_UNAVAILABLE
