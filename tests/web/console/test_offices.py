"""An account with offices sees and acts on what is theirs: the use cases say so, by every door; lists by their rows."""

import pytest

from gateway.application.acts.acting import AskedAct
from gateway.application.people.account_rules import account_rules
from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, NotAllowed, Problem
from gateway.domain.work_list import WorkList
from tests.web.console.house import House, Person


def clerk(house: House, name: str, *offices: str) -> Person:
    person = house.person(name, AccountRole.REGISTRY)
    with house.gateway.database.write() as tx:
        account = tx.accounts.get(name)
        assert account is not None
        tx.accounts.put(account.__class__(**vars(account) | {"offices": frozenset(offices)}))
    return house.sign_in(person)


def test_a_clerk_of_another_office_sees_nothing_of_it_and_does_nothing_with_it(busy: House) -> None:
    here, there, everywhere = clerk(busy, "toni", "toronto"), clerk(busy, "mona", "montreal"), clerk(busy, "alice")
    both = clerk(busy, "bea", "montreal", "toronto")
    delivery, work = busy.delivery(), busy.gateway.console.work
    which = WorkList.NEEDS_PERSON
    seen = {
        one.name: (
            work.waiting(viewer=one.name).lists[which],
            len(work.page(which, viewer=one.name, division=None, channel=None, after=None).rows),
        )
        for one in (here, there, everywhere, both)
    }
    whole = seen["alice"]
    assert whole[0] == whole[1] > 0
    assert seen == {"toni": whole, "mona": (0, 0), "alice": whole, "bea": whole}
    place = f"/en/deliveries/{delivery.id}"
    assert [busy.get(one, place).status_code for one in (here, there, everywhere, both)] == [200, 403, 200, 200]
    told = busy.get(there, f"/fr/deliveries/{delivery.id}")
    assert "Affaire d’un autre bureau" in told.text
    reason = {"reason": "mine", "seen": "x"}
    for path in (f"{place}/hold", f"{place}/words", f"{place}/papers/1"):
        assert busy.post(there, path, reason).status_code == 403
    several = busy.post(there, f"/en/lists/{which.value}/several", {"action": "hold", f"d-{delivery.id}": "on"})
    assert delivery.id not in several.text
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(delivery.id) == delivery


def test_what_is_done_with_a_dispatch_a_manifest_or_a_draft_is_bound_alike(busy: House) -> None:
    clerk(busy, "mona", "montreal")
    delivery, gateway = busy.delivery(), busy.gateway
    acts = (
        lambda: gateway.act(delivery.id, AskedAct(action=Action.HOLD, reason="mine"), actor="mona"),
        lambda: gateway.recalls.recall(delivery.dispatch, actor="mona", reason="mine"),
        lambda: gateway.recalls.called(delivery.dispatch, delivery.id, actor="mona", answer="none"),
        lambda: gateway.console.new_dispatch.drafts.begin(Division.RPD, "toronto", "TC6-12345", actor="mona"),
    )
    for act in acts:
        with pytest.raises(NotAllowed) as refused:
            act()
        assert (refused.value.code, refused.value.facts["office"]) == (Code.ACCOUNT_OTHER_OFFICE, "toronto")
    gateway.console.new_dispatch.drafts.begin(Division.RPD, "montreal", "TC6-12345", actor="mona")
    gateway.act(delivery.id, AskedAct(action=Action.CANCEL, reason="mine"), actor="token:nova:somebody")


def test_a_batch_is_closed_by_a_clerk_of_its_office(post: House) -> None:
    clerk(post, "mona", "montreal")
    close = post.gateway.mail_room.close
    with pytest.raises(NotAllowed):
        close("registered-mail", "toronto", actor="mona", late=True)
    clerk(post, "toni", "toronto")
    closed = close("registered-mail", "toronto", actor="toni", late=True).manifest
    assert closed is not None
    with pytest.raises(NotAllowed):
        post.gateway.mail_room.hand_over(closed.number, at=post.clock.at, signed=b"x", actor="mona")
    with pytest.raises(NotAllowed):
        post.gateway.mail_room.withdraw(closed.number, actor="mona", reason="not taken")
    with pytest.raises(Conflict) as refused:
        post.gateway.mail_room.withdraw(closed.number, actor="toni", reason="not taken")
    assert refused.value.code is Code.MANIFEST_CARRIER_DELIVERS


def test_offices_of_an_account_are_known_ones_and_stand_in_the_review(house: House) -> None:
    run = house.home.json
    token = run("users", "add", "carol", "--role", "administrator", "--role", "approver")["token"]
    house.home.more = {"GATEWAY_USER": "carol", "GATEWAY_TOKEN": token}
    refused = house.home.refused("users", "offices", "carol", "--office", "atlantis", expect=3)
    assert refused["code"] == "decision.unknown-office"
    house.home.refused("users", "offices", "carol", expect=3)
    run("users", "offices", "carol", "--office", "toronto", "--office", "montreal")
    (row,) = run("users", "review")["users"]
    assert row["offices"] == ["montreal", "toronto"]
    assert row["used_at"] is not None
    assert (row["standing"], row["signs_in_by"]) == ("in-use", [])
    by_csv = house.home.run("users", "review", "--csv").stdout.splitlines()
    assert by_csv[0].startswith("name,roles,offices,")
    assert by_csv[1].startswith("carol,administrator approver,montreal toronto,")
    assert "carol" in house.home.run("users", "review").stdout
    run("users", "offices", "carol", "--all")
    assert run("users", "list")["users"][0]["offices"] == []
    assert run("users", "reset", "carol", "--reason", "lost")["reset"] is True


def test_an_account_that_nobody_used_for_long_is_shown_as_dormant_and_one_that_is_used_is_not(house: House) -> None:
    for name in ("alice", "bob", "eve"):
        house.person(name, AccountRole.REGISTRY)
    for name in ("carol", "dora"):
        house.person(name, AccountRole.ADMINISTRATOR, AccountRole.APPROVER)
    house.gateway.staff.disable("eve", actor="carol", reason="left")
    staff, days = house.gateway.staff, account_rules().dormant_after
    house.clock.at += days
    with house.gateway.database.write() as tx:
        tx.accounts.used("alice", house.clock.at)
    standing = {one.account.name: one.standing.value for one in staff.review()}
    assert standing == {"alice": "in-use", "bob": "dormant", "eve": "disabled", "carol": "dormant", "dora": "dormant"}
    with pytest.raises(Problem):
        staff.acting("alice", "not hers", None)
