"""Somebody with an account tries what it does not give: two people in one, formulas, markup, what was signed out of."""

import pytest

from gateway.application.acts.acting import AskedAct
from gateway.application.mail_room.lists import as_csv
from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.envelope import Envelope
from gateway.domain.parties import PostalAddress
from gateway.domain.problem import NotAllowed
from gateway.ports.registry import Scope
from tests.web.console.house import House, Person
from tests.web.console.test_mail_room import closed, items

MARKUP = "<script>alert(1)</script>\"'"
CONTACT = b'{"email": "other@gw.test"}'


@pytest.fixture
def alice(busy: House) -> Person:
    return busy.sign_in(busy.person("alice", *AccountRole))


def test_one_person_is_not_two_by_a_token_that_they_made(busy: House, alice: Person) -> None:
    busy.person("bob", *AccountRole)
    gateway, delivery = busy.gateway, busy.delivery()
    own = gateway.tokens.create("mine", frozenset({Scope.RESOLVE}), actor="alice").token
    others = gateway.tokens.create("theirs", frozenset({Scope.RESOLVE}), actor="carol").token
    asked = AskedAct(action=Action.CORRECT_ADDRESS, reason="moved", contact=CONTACT)
    for by in (f"token:{own.id}:bob", f"token:{others.id}:Alice", "alice"):
        proposal = gateway.act(delivery.id, asked, actor=by).proposal
        assert proposal
        with pytest.raises(NotAllowed) as refused:
            gateway.approvals.approve(proposal, actor="alice", reason="I agree with myself")
        assert refused.value.code is Code.APPROVAL_OWN, by
        page = busy.post(alice, f"/en/approvals/{proposal}/approval", {"reason": "I agree with myself"})
        assert page.status_code == 403
        gateway.approvals.refuse(proposal, actor="bob", reason="again")


def test_markup_in_the_name_of_a_view_stays_text(busy: House, alice: Person) -> None:
    assert busy.post(alice, "/en/lists/failed/views", {"name": MARKUP}).status_code == 303
    for place in ("/en/views", "/en/lists/failed"):
        page = busy.get(alice, place).text
        assert MARKUP not in page
        assert "&lt;script&gt;alert(1)" in page


def test_after_signing_out_nothing_is_kept_and_the_old_session_and_its_forms_are_worth_nothing(
    busy: House, alice: Person
) -> None:
    seen = busy.get(alice, f"/en/deliveries/{busy.delivery().id}")
    assert seen.headers["cache-control"] == "no-store"
    out = busy.post(alice, "/en/sign-out")
    assert out.headers["clear-site-data"] == '"cache"'
    for answered in (busy.get(alice, "/en"), busy.post(alice, "/en/lists/failed/views", {"name": "mine"})):
        assert answered.status_code == 303
        assert "/sign-in" in answered.headers["location"]


def test_the_list_for_the_carrier_holds_no_formula(post: House) -> None:
    person = post.sign_in(post.person("alice", AccountRole.REGISTRY))
    number = closed(post, person)
    with post.gateway.database.read() as tx:
        manifest = tx.manifests.get(number)
    address = PostalAddress(
        lines=("+1 rue", "@home"), municipality="-x", province="QC", postal_code="H3Z2Y7", country="CA"
    )
    envelope = Envelope(name='=HYPERLINK("http://evil.test")', address=address)
    (line,) = as_csv(manifest, [(items(post, number)[0], envelope)]).decode().splitlines()[1:]
    for begins in ('"=', '"+', '"@', '"-'):
        assert begins not in line
    assert "'=HYPERLINK" in line
