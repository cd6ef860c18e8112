"""The exchange's pages: every route for everybody who may not, and the whole way for who may."""

import datetime as dt
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.domain.delivery import DeliveryState
from gateway.domain.entry_note import EntryNote, LimitWords, TimeLimit
from gateway.domain.signing_in import IDLE
from gateway.web.exchange import routes
from gateway.web.exchange.cookies import SESSION, TICKET
from tests.application.authenticator import Authenticator
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged
from tests.web.asgi import Caller
from tests.web.exchange_caller import as_who, caller, filled, form_of, of_staff

MINUTE = dt.timedelta(minutes=1)
NOBODY = "f" * 32


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def signed_in(on: Exchanged, code: str) -> tuple[Caller, str]:
    """A browser that went the whole way, and its session's secret."""
    browser = caller(on)
    browser.post("/exchange/en/link", data={"address": ADDRESS})
    on.mail()
    address = re.search(r"http\S+", on.mailer.sent[-1].text)
    assert address
    link = address[0].partition("link=")[2]
    answer = browser.post("/exchange/en/enter", data={"link": link, "code": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/exchange/en")
    cookie = answer.headers["set-cookie"]
    for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    return browser, cookie.partition("=")[2].partition(";")[0]


def test_the_whole_way_in_english_and_french(on: Exchanged) -> None:
    code = on.verified()
    delivery = on.left()
    browser, secret = signed_in(on, code)
    page = browser.get("/exchange/en", **as_who(secret))
    assert "TC6-12345" in page.text
    assert "November 20, 2026 at 3:04" in page.text
    french = browser.get("/exchange/fr", **as_who(secret))
    assert "Déposé pour vous" in french.text
    assert 'lang="fr"' in french.text
    address = re.search(r'href="(/exchange/en/papers/\w+/0)"', page.text)
    assert address
    paper = browser.get(address[1], **as_who(secret))
    assert paper.content == b"%PDF-stand-in for m1"
    assert paper.headers["content-disposition"] == "attachment; filename*=UTF-8''papers.pdf"
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    entry = address[1].split("/")[-2]
    form = {"form": form_of(page)}
    done = browser.post(f"/exchange/en/papers/{entry}/acknowledgment", data=form, **as_who(secret))
    assert done.status_code == 303
    assert "Receipt acknowledged" in browser.get("/exchange/en", **as_who(secret)).text
    for own in ("passkeys", "delegates", "consent", "tokens", "keys"):
        assert 'action="/exchange/en/sign-out"' in browser.get(f"/exchange/en/{own}", **as_who(secret)).text, own
    out = browser.post("/exchange/en/sign-out", data=form, **as_who(secret))
    assert (out.status_code, "max-age=0" in out.headers["set-cookie"].lower()) == (200, True)
    assert "Sign in" in browser.get("/exchange/en", **as_who(secret)).text


def test_a_card_gives_trigger_period_and_provision_and_the_readers_reference(on: Exchanged) -> None:
    en = LimitWords(trigger="the day on which you receive it", period="fifteen days", provision="IRPR 159.91(1)(a)")
    fr = LimitWords(trigger="le jour où vous la recevez", period="quinze jours", provision="RIPR 159.91(1)a)")
    on.renderer.note = EntryNote(reference="<2026-114>", limits=(TimeLimit(en=en, fr=fr),))
    secret = on.signed_in(on.verified()).secret
    delivery = on.left()
    english, french = (caller(on).get(f"/exchange/{one}", **as_who(secret)).text for one in ("en", "fr"))
    for words in ("Fifteen days", "Time runs from the day on which you receive it", "IRPR 159.91(1)(a)"):
        assert words in english
    for words in ("Quinze jours", "Le délai court depuis le jour où vous la recevez", "RIPR 159.91(1)a)"):
        assert words in french
    assert "Your reference: &lt;2026-114&gt;" in english
    on.recall(delivery.dispatch, actor="clerk", reason="wrong counsel")
    assert "159.91" not in caller(on).get("/exchange/en", **as_who(secret)).text


def test_a_long_list_comes_in_pages_that_nobody_elses_entry_opens(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PAGE", 1)
    code = on.verified()
    first = on.left()
    on.clock.move(MINUTE)
    second = on.left(package_id="0b5e1f6c-9c62-4f0e-8d0a-1d3f0f3a2b11")
    secret = on.signed_in(code).secret
    newest, older = (one.entry for one in on.collect.all(ACCOUNT))
    assert (newest.delivery, older.delivery) == (second.id, first.id)
    page = caller(on).get("/exchange/en", **as_who(secret)).text
    assert (f"/papers/{newest.id}/" in page, f"/papers/{older.id}/" in page) == (True, False)
    assert f'href="/exchange/en?before={newest.id}"' in page
    page = caller(on).get(f"/exchange/en?before={newest.id}", **as_who(secret)).text
    assert (f"/papers/{newest.id}/" in page, f"/papers/{older.id}/" in page) == (False, True)
    assert f'href="/exchange/fr?before={newest.id}"' in page
    other = on.signed_in(on.verified("other", "other@gw.test"), "other@gw.test").secret
    assert "/papers/" not in caller(on).get(f"/exchange/en?before={newest.id}", **as_who(other)).text


def ticket_of(page: httpx.Response) -> str:
    """The sealed challenge that the page gave the browser."""
    (cookie,) = [one for one in page.headers.get_list("set-cookie") if one.startswith(TICKET.name)]
    for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
        assert word in cookie
    return cookie.partition("=")[2].partition(";")[0]


def asked_of(page: httpx.Response) -> str:
    """The options for the authenticator."""
    found = re.search(r'data-asked="([^"]*)"', page.text)
    assert found
    return html.unescape(found[1])


def test_a_passkey_is_added_signs_in_and_is_removed(on: Exchanged) -> None:
    secret, browser = on.signed_in(on.verified()).secret, caller(on)
    passkey = Authenticator(origin="https://exchange.gw.test", host="exchange.gw.test")
    page = browser.get("/exchange/en/passkeys", **as_who(secret))
    assert "You have no passkey here" in page.text
    both = {"headers": {"Cookie": f"{SESSION.name}={secret}; {TICKET.name}={ticket_of(page)}"}}
    fields = {"form": form_of(page), "answer": passkey.create(asked_of(page))}
    assert browser.post("/exchange/en/passkeys", data=fields | {"form": "0" * 64}, **both).status_code == 404
    added = browser.post("/exchange/en/passkeys", data=fields, **both)
    assert (added.status_code, added.headers["location"]) == (303, "/exchange/en/passkeys?done=added")
    assert "The passkey was added" in browser.get(added.headers["location"], **as_who(secret)).text
    again = browser.post("/exchange/en/passkeys", data=fields, **both)
    assert (again.status_code, "The passkey was not added" in again.text) == (403, True)
    entrance = browser.get("/exchange/en")
    ticket = {"headers": {"Cookie": f"{TICKET.name}={ticket_of(entrance)}"}}
    answer = {"answer": passkey.get(asked_of(entrance))}
    assert browser.post("/exchange/en/passkey", data=answer).status_code == 403, "of another browser"
    entered = browser.post("/exchange/en/passkey", data=answer, **ticket)
    assert (entered.status_code, entered.headers["location"]) == (303, "/exchange/en")
    assert browser.post("/exchange/en/passkey", data=answer, **ticket).status_code == 403, "used up"
    session = as_who(entered.headers["set-cookie"].partition("=")[2].partition(";")[0])
    page = browser.get("/exchange/fr/passkeys", **session)
    assert "Utilisée la dernière fois le 20 novembre 2026" in page.text
    (removal,) = re.findall(r'action="(/exchange/fr/passkeys/[^"]+/removal)"', page.text)
    other = as_who(on.signed_in(on.verified("other", "other@gw.test"), "other@gw.test").secret)
    others_form = {"form": form_of(browser.get("/exchange/fr/passkeys", **other))}
    assert browser.post(removal, data=others_form, **other).status_code == 404
    assert browser.post(removal, data={"form": form_of(page)}, **session).status_code == 303
    assert on.passkeys.all(ACCOUNT) == []


def test_an_exchange_without_a_name_takes_no_passkeys_and_works_without(on: Exchanged) -> None:
    browser = caller(on, passkeys=False)
    page = browser.get("/exchange/en")
    assert (page.status_code, "passkey" in page.text) == (200, False)
    assert browser.post("/exchange/en/passkey", data={"answer": "{}"}).status_code == 404
    secret = on.signed_in(on.verified()).secret
    assert browser.get("/exchange/en/passkeys", **as_who(secret)).status_code == 404
    assert "passkey" not in browser.get("/exchange/en", **as_who(secret)).text


OPEN = {
    "/exchange",
    "/exchange/style.css",
    "/exchange/passkey.js",
    "/exchange/{language}",
    "/exchange/{language}/link",
    "/exchange/{language}/enter",
    "/exchange/{language}/passkey",
    "/exchange/{language}/provider",
    "/exchange/{language}/provider/return",
}
"""What anybody may ask for: it shows nothing, or the list of who is signed in. Every other route is somebody's."""

STRANGERS = ("anonymous", "invented", "expired", "signed-out", "closed", "checked-again", "staff", "link")


def stranger(on: Exchanged, kind: str) -> dict[str, Any]:
    """What somebody brings who has no session of the account, or had one."""
    code = on.verified()
    match kind:
        case "anonymous":
            return {}
        case "invented":
            return as_who("x" * 43)
        case "staff":
            own = of_staff(on)
            return {"headers": {"Authorization": f"Bearer {own}", **as_who(own)["headers"]}}
        case "link":
            return as_who(on.link())
    secret = on.signed_in(code).secret
    match kind:
        case "expired":
            on.clock.move(IDLE)
        case "signed-out":
            on.sign_in.leave(secret)
        case "closed":
            on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
        case "checked-again":
            on.verified()
    return as_who(secret)


def guarded() -> list[tuple[str, str]]:
    """Method and path of every route that is somebody's: a route that is added is tried without anybody's thinking."""
    found = [
        (method, route.path)  # type: ignore[attr-defined]
        for route in routes.router().routes
        for method in route.methods  # type: ignore[attr-defined]
        if route.path not in OPEN  # type: ignore[attr-defined]
    ]
    assert found
    return found


@pytest.mark.parametrize("kind", STRANGERS)
def test_every_route_that_is_somebodys_gives_a_stranger_the_same_calm_nothing(on: Exchanged, kind: str) -> None:
    on.verified()
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry.id
    brings = stranger(on, kind)
    browser = caller(on)
    answers = [
        browser.request(method, filled(path, entry=one, place=place), **brings)
        for method, path in guarded()
        for one, place in ((entry, "0"), (NOBODY, "0"), (entry, "7"))
    ]
    assert {(one.status_code, one.headers.get("location"), one.text) for one in answers} == {(303, "/exchange/en", "")}
    (left,) = on.collect.all(ACCOUNT)
    assert (left.entry.taken, left.entry.acknowledged_at) == (frozenset(), None)
    page = browser.get("/exchange/en", **brings)
    assert entry not in page.text
    assert "TC6-12345" not in page.text


@pytest.mark.parametrize("kind", STRANGERS)
def test_the_way_by_the_provider_shows_a_stranger_nothing_and_signs_nobody_in(on: Exchanged, kind: str) -> None:
    on.verified()
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry.id
    brings = stranger(on, kind)
    browser = caller(on)
    away = browser.get("/exchange/en/provider", **brings)
    back = browser.get("/exchange/en/provider/return?state=x&code=x", **brings)
    assert (away.status_code, away.text, back.status_code) == (303, "", 403)
    assert away.headers["location"].startswith("https://idp.test/")
    assert "Sign in" in back.text
    for answer in (away, back):
        assert not any(one.startswith(f"{SESSION.name}=") for one in answer.headers.get_list("set-cookie"))
        assert entry not in answer.text
        assert "TC6-12345" not in answer.text


TRICKS = (
    "../0",
    "..%2f..%2fgateway.db/0",
    "%00/0",
    "{entry}/-1",
    "{entry}/1e0",
    "{entry}/0x0",
    "{entry}/٠",
    "{entry}/99999999999999999999",
    "{entry}%20/0",
    "{entry}'--/0",
    "*/0",
    "{upper}/0",
)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_forged_address_is_answered_as_what_is_not_there(on: Exchanged, trick: str) -> None:
    secret = on.signed_in(on.verified()).secret
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry.id
    forged = trick.format(entry=entry, upper=entry.upper())
    answer = caller(on).get(f"/exchange/en/papers/{forged}", **as_who(secret))
    assert answer.status_code == 404
    assert on.collect.all(ACCOUNT)[0].entry.taken == frozenset()


@pytest.mark.parametrize("nul", ["%00", "x%00y"])
def test_an_address_with_nul_is_answered_alike_whoever_asks(on: Exchanged, nul: str) -> None:
    """PostgreSQL takes no such text: nobody may learn which database it is, nor see a defect."""
    secret = on.signed_in(on.verified()).secret
    token = on.tokens.make(ACCOUNT).secret
    browser = caller(on)
    paths = [filled(path, entry=nul, place="0", token=nul, passkey=nul, delegate=nul) for _, path in guarded()]
    asked = [path for path in paths if "%00" in path] + [f"/exchange/en?before={nul}"]
    asked += [f"/api/v1/exchange/entries?since={nul}", f"/api/v1/exchange/entries/{nul}/documents/0"]
    brings: list[dict[str, Any]] = [{}, as_who(secret), {"headers": {"Authorization": f"Bearer {token}"}}]
    answers = [browser.get(path, **one) for path in asked for one in brings]
    assert len(answers) > 20
    assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}
    posted = browser.request("POST", "/exchange/en/link", data={"address": "\0"})
    assert posted.status_code == 422


def test_what_is_anothers_and_what_is_nobodys_are_answered_alike(on: Exchanged) -> None:
    on.verified()
    other = on.signed_in(on.verified("other", "other@gw.test"), "other@gw.test").secret
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry.id
    browser = caller(on)
    page = browser.get("/exchange/en", **as_who(other))
    assert entry not in page.text
    form = {"form": form_of(page)}
    routes_of_entries = [(method, path) for method, path in guarded() if "{entry}" in path]
    answers = [
        browser.request(
            method,
            path.format(language="en", entry=one, place=0),
            **as_who(other),
            data=form if method == "POST" else None,
        )
        for method, path in routes_of_entries
        for one in (entry, NOBODY)
    ]
    assert len(answers) == 2 * len(routes_of_entries) >= 4
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    (left,) = on.collect.all(ACCOUNT)
    assert (left.entry.taken, left.entry.acknowledged_at) == (frozenset(), None)


def test_a_wrong_code_a_used_link_and_an_unknown_one_are_answered_alike(on: Exchanged) -> None:
    code = on.verified()
    used = on.link()
    assert on.sign_in.enter(used, code)
    browser = caller(on)
    tries = [(on.link(), "wrong"), (used, code), ("unknown", code)]
    answers = [browser.post("/exchange/en/enter", data={"link": link, "code": given}) for link, given in tries]
    assert {answer.status_code for answer in answers} == {403}
    texts = {answer.text.replace(link, "LINK") for answer, (link, _) in zip(answers, tries, strict=True)}
    assert len(texts) == 1


def test_asking_for_a_link_tells_nobody_who_has_an_account(on: Exchanged) -> None:
    on.verified()
    browser = caller(on)
    answers = [
        browser.post("/exchange/fr/link", data={"address": one}) for one in (ADDRESS, "who@gw.test", "", "x" * 900)
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}


def test_looking_at_a_link_uses_nothing_up(on: Exchanged) -> None:
    code = on.verified()
    link = on.link()
    browser = caller(on)
    for _ in range(3):
        assert browser.get(f"/exchange/en/enter?link={link}").status_code == 200
    assert on.sign_in.enter(link, code)


def test_a_form_of_another_site_or_session_does_nothing(on: Exchanged) -> None:
    code = on.verified()
    on.left()
    secret = on.signed_in(code).secret
    entry = on.collect.all(ACCOUNT)[0].entry.id
    browser = caller(on)
    form = form_of(browser.get("/exchange/en", **as_who(secret)))
    address = f"/exchange/en/papers/{entry}/acknowledgment"
    foreign = as_who(secret)["headers"] | {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(address, data={"form": form}, headers=foreign).status_code == 404
    assert browser.post(address, data={"form": "0" * 64}, **as_who(secret)).status_code == 404
    assert browser.post(address, **as_who(secret)).status_code == 404
    assert on.collect.all(ACCOUNT)[0].entry.acknowledged_at is None


OUR_SCRIPT = '<script src="/exchange/passkey.js" defer>'


def test_every_answer_is_guarded_and_no_script_but_our_one_file_runs(on: Exchanged) -> None:
    code = on.verified()
    on.left()
    secret = on.signed_in(code).secret
    browser = caller(on)
    for path in (
        "/exchange",
        "/exchange/en",
        "/exchange/fr/enter?link=%22%3E%3Cscript%3E",
        "/exchange/en/papers/x/9",
        "/exchange/fr/passkeys",
    ):
        answer = browser.get(path, **as_who(secret))
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert ("script-src 'self'" in policy) is (OUR_SCRIPT in answer.text)
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["strict-transport-security"]
        assert set(re.findall("<script[^>]*>[^<]*", answer.text.lower())) <= {OUR_SCRIPT}
        assert "style=" not in answer.text


def test_a_form_that_is_too_large_or_no_text_is_refused(on: Exchanged) -> None:
    browser = caller(on)
    for content in (b"a=" + b"x" * 5000, b"\xff\xfe", b"&".join(b"a%d=1" % number for number in range(50))):
        for language, words in (("en", "This could not be read"), ("fr", "Envoi illisible")):
            answer = browser.post(f"/exchange/{language}/enter", content=content)
            assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
            assert words in answer.text
            assert answer.headers["cache-control"] == "no-store"


def test_a_home_without_an_exchange_has_none(on: Exchanged) -> None:
    browser = caller(on, set_up=False)
    for path in ("/exchange", "/exchange/en", "/exchange/en/enter"):
        assert browser.get(path).status_code == 404


def test_what_was_withdrawn_is_said_calmly_and_gives_nothing(on: Exchanged) -> None:
    code = on.verified()
    delivery = on.left()
    browser, secret = signed_in(on, code)
    entry = on.collect.all(ACCOUNT)[0].entry
    on.recall(delivery.dispatch, actor="clerk", reason="wrong counsel")
    english, french = (browser.get(f"/exchange/{one}", **as_who(secret)) for one in ("en", "fr"))
    assert "The Registry withdrew this on November 20, 2026" in english.text
    assert "Le greffe a retiré ce dépôt le 20 novembre 2026" in french.text
    for page in (english, french):
        assert f"/papers/{entry.id}" not in page.text
        assert "wrong counsel" not in page.text
    form = form_of(english)
    assert browser.get(f"/exchange/en/papers/{entry.id}/0", **as_who(secret)).status_code == 404
    acknowledged = browser.post(f"/exchange/en/papers/{entry.id}/acknowledgment", data={"form": form}, **as_who(secret))
    assert acknowledged.status_code == 404
    assert on.delivery(delivery.id).state is DeliveryState.RECALLED
