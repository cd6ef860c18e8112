"""Staff sign in by a provider: into accounts that stand, as the first who did so and nobody else, with roles that two
people gave them and never more. Once against a real provider."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.application.console.provider import Claims, StaffByProvider
from gateway.application.console.sign_in import SignedIn
from gateway.bootstrap import open_gateway
from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.events import EventName
from gateway.domain.identity import ASKED_LIFE
from gateway.domain.officers_word import SignInMeans
from gateway.domain.problem import Problem, ServiceDown
from tests.application.exchanged import VouchingProvider
from tests.real import oidc
from tests.web.console.house import NAMED, House

GROUPS = {"gateway registry": frozenset({AccountRole.REGISTRY}), "all": frozenset(AccountRole)}
ME, OTHER = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF", "AAAA-BBBB-CCCC-DDDD-EEEE-GGGG"


class Desk:
    """A provider of the test before the console of a house."""

    def __init__(self, house: House, claims: Claims) -> None:
        self.house, self.idp = house, VouchingProvider()
        gateway = house.gateway
        self.sign_in = StaffByProvider(
            provider=self.idp,
            claims=claims,
            url=NAMED,
            database=gateway.database,
            vault=gateway.vault,
            clock=house.clock,
        )

    def enters(self, named: str, *groups: str, who: str = ME) -> SignedIn:
        """Somebody signs in there whom it calls so, and comes back."""
        self.idp.who, self.idp.named, self.idp.groups = who, named, groups
        asked = self.sign_in.ask("en")
        return self.sign_in.enter("en", ticket=asked.ticket, state=self.idp.asked[-1].state, code="a-code")

    def refused(self, named: str, *groups: str, who: str = ME) -> Code:
        """Why they are not let in."""
        with pytest.raises(Problem) as why:
            self.enters(named, *groups, who=who)
        return why.value.code


def events(house: House, name: EventName) -> int:
    with house.gateway.database.read() as tx:
        return len(tx.records.events_besides(name))


def test_who_has_an_account_is_signed_in_and_who_has_none_is_turned_away_and_nothing_is_made(house: House) -> None:
    alice, desk = house.person("alice", AccountRole.REGISTRY), Desk(house, Claims(account="name"))
    alice.session = desk.enters("Alice").secret
    assert house.get(alice, "/en").status_code == 200
    sign_in = house.gateway.console.sign_in
    word = sign_in.word_of(sign_in.who(alice.session), alice.session)
    assert word.signed_in_with is SignInMeans.PROVIDER
    for named in ("nobody", "", "alice smith", "alice@irb.test"):
        assert desk.refused(named, who=OTHER) is Code.SIGN_IN_NOT_KNOWN
    assert [one.name for one in house.gateway.staff.all()] == ["alice"]


def test_under_an_account_signs_in_who_did_so_first_until_a_custodian_resets_it(house: House) -> None:
    house.person("alice", AccountRole.REGISTRY)
    house.person("bob", AccountRole.REGISTRY)
    desk = Desk(house, Claims(account="name"))
    desk.enters("alice")
    assert desk.refused("alice", who=OTHER) is Code.SIGN_IN_ANOTHER_PERSON
    assert desk.refused("bob", who=ME) is Code.SIGN_IN_ANOTHER_PERSON, "one person, one account"
    desk.enters("alice")
    assert events(house, EventName.CONSOLE_IDENTITY_LINKED) == 1
    assert events(house, EventName.CONSOLE_SIGN_IN_FAILED) == 2
    house.gateway.console.sign_in_ways.reset("alice", actor="carol", reason="left; the name was given anew")
    desk.enters("alice", who=OTHER)


def test_the_domain_behind_a_name_must_be_ours(house: House) -> None:
    house.person("alice", AccountRole.REGISTRY)
    desk = Desk(house, Claims(account="name", domain="irb.test"))
    for named in ("alice", "alice@evil.test", "alice@irb.test@evil.test", "alice@irb.test.evil.test"):
        assert desk.refused(named) is Code.SIGN_IN_NOT_KNOWN
    desk.enters("Alice@IRB.test")


def test_groups_take_roles_of_the_account_away_and_give_it_none(house: House) -> None:
    alice = house.person("alice", AccountRole.REGISTRY, AccountRole.APPROVER)
    house.person("bob", AccountRole.READER)
    desk = Desk(house, Claims(account="name", groups="groups", roles=GROUPS))
    alice.session = desk.enters("alice", "gateway registry", "others").secret
    assert house.gateway.console.sign_in.who(alice.session).roles == {AccountRole.REGISTRY}
    alice.session = desk.enters("alice", "all").secret
    assert house.gateway.console.sign_in.who(alice.session).roles == {AccountRole.REGISTRY, AccountRole.APPROVER}
    assert desk.refused("bob", "gateway registry", who=OTHER) is Code.SIGN_IN_NO_ROLE
    assert desk.refused("bob", who=OTHER) is Code.SIGN_IN_NO_ROLE


def test_an_answer_is_good_once_for_what_was_asked_and_not_for_long(house: House) -> None:
    house.person("alice", AccountRole.REGISTRY)
    desk = Desk(house, Claims(account="name"))
    desk.enters("alice")
    first, state = desk.sign_in.ask("en"), desk.idp.asked[-1].state
    second = desk.sign_in.ask("en")
    desk.sign_in.enter("en", ticket=first.ticket, state=state, code="a-code")
    late_state = desk.idp.asked[-1].state
    house.clock.at += ASKED_LIFE
    for ticket, told, code in (
        (first.ticket, state, "a-code"),
        (second.ticket, state, "a-code"),
        (second.ticket, late_state, "a-code"),
        (second.ticket, late_state, ""),
        ("", state, "a-code"),
    ):
        with pytest.raises(Problem) as why:
            desk.sign_in.enter("en", ticket=ticket, state=told, code=code)
        assert why.value.code is Code.PROVIDER_REFUSED


@pytest.mark.parametrize(
    ("setting", "value", "where"),
    [
        ("CONSOLE__PASSWORDS", "false", "console.passwords"),
        ("CONSOLE_PROVIDER__ROLES_CLAIM", "groups", "console_provider.roles"),
        ("CONSOLE_PROVIDER__ISSUER", "https://idp.test", "console_provider.client_id"),
        ("CONSOLE_PROVIDER__SCOPE", "profile", "console_provider.scope"),
    ],
)
def test_a_provider_that_is_set_up_by_halves_stops_the_start(
    made: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, where: str
) -> None:
    monkeypatch.setenv(f"GATEWAY_{setting}", value)
    with pytest.raises(Problem) as wrong:
        open_gateway(made)
    assert (wrong.value.code, wrong.value.where) == (Code.SETTINGS_INVALID, where)


@pytest.fixture
def provided(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose staff sign in at a real provider, and by no password."""
    redirects = [f"{NAMED}/console/{language}/sign-in/provider/return" for language in ("en", "fr")]
    with oidc.running(tmp_path, redirects) as provider:
        copytree(made, tmp_path / made.name)
        secret = tmp_path / made.name / "provider.secret"
        secret.write_text(oidc.SECRET)
        secret.chmod(0o600)
        for name, value in {
            "CONSOLE__URL": NAMED,
            "CONSOLE__PASSWORDS": "false",
            "CONSOLE_PROVIDER__ISSUER": provider.issuer,
            "CONSOLE_PROVIDER__CLIENT_ID": oidc.CLIENT,
            "CONSOLE_PROVIDER__SECRET_FILE": secret.name,
            "CONSOLE_PROVIDER__ACCOUNT_DOMAIN": "irb.test",
        }.items():
            monkeypatch.setenv(f"GATEWAY_{name}", value)
        opened = House(tmp_path)
        opened.clock.at = dt.datetime.now(dt.UTC)  # by which the provider dates what it signs
        yield opened
        opened.close()


def come_back(house: House, who: str, then: str = "") -> httpx.Response:
    """What the browser of who signs in there is answered in the end."""
    there = house.get(None, f"/en/sign-in/provider?then={then}")
    brought = "; ".join(one.split(";")[0] for one in there.headers.get_list("set-cookie"))
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(there.headers["location"])
        for form in ({"prompt": "login", "login": who, "password": "whatever"}, {"prompt": "consent"}):
            (action,) = re.findall(r'action="([^"]+)"', page.text)
            page = browser.post(action, data=form, follow_redirects=False)
            while page.next_request is not None and not str(page.next_request.url).startswith(NAMED):
                page = browser.send(page.next_request, follow_redirects=False)
    back = urlsplit(page.headers["location"])
    return house.browser.get(f"{back.path}?{back.query}", headers={"Cookie": brought})


@pytest.mark.real
def test_a_real_provider_signs_in_who_has_an_account_where_no_password_does(provided: House) -> None:
    alice = provided.person("alice", AccountRole.REGISTRY)
    page = provided.get(None, "/en/sign-in?then=/console/en/figures").text
    assert ('name="password"' in page, "provider?then=" in page) == (False, True)
    answer = come_back(provided, "alice", "/console/en/figures")
    assert (answer.status_code, 'url=/console/en/figures"' in answer.text) == (200, True)
    alice.session = next(
        one.split("=", 1)[1].split(";")[0]
        for one in answer.headers.get_list("set-cookie")
        if one.startswith("__Host-console=")
    )
    assert provided.get(alice, "/en").status_code == 200
    turned_away = come_back(provided, "mallory")
    assert (turned_away.status_code, "No account for you here" in turned_away.text) == (401, True)
    assert "__Host-console=" not in str(turned_away.headers.get_list("set-cookie"))
    for form in ({"account": "alice", "password": "x", "code": "1"},):
        assert provided.browser.post("/console/en/sign-in", data=form).status_code == 403
    with pytest.raises(Problem) as off:
        provided.gateway.console.set_up.link("alice", actor="carol")
    assert off.value.code is Code.SIGN_IN_PASSWORDS_OFF
    by_provider = provided.gateway.console.provider
    assert by_provider is not None
    by_provider.check()


def test_a_provider_that_does_not_answer_is_told_and_the_doctor_says_so(house: House) -> None:
    house.person("alice", AccountRole.REGISTRY)
    desk = Desk(house, Claims(account="name"))
    desk.idp.fails = ServiceDown(Code.PROVIDER_UNAVAILABLE)
    assert desk.refused("alice") is Code.PROVIDER_UNAVAILABLE
    with pytest.raises(ServiceDown):
        desk.sign_in.check()
