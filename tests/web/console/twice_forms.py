"""The forms of the console as a double click sends them."""

import html
import re
from dataclasses import replace

import httpx

from gateway.domain.manifest import sheet_code
from gateway.web.console.cookies import TICKET
from tests.channels.scan_samples import mail_room_list
from tests.web.console.drafting import FILE, NEW, begun, whole
from tests.web.console.house import PASSWORD, STEP, Person
from tests.web.console.test_mail_room import BATCH, ZONE, came_back, closed, items
from tests.web.console.test_new_dispatch import drafted, fields_of
from tests.web.console.test_passkeys import added, authenticator
from tests.web.console.test_recall import told
from tests.web.console.test_several import chosen
from tests.web.console.twice import REASON, WHY, Form, Stage, Table

TWICE = Table()


def view(stage: Stage, name: str) -> str:
    """The path of a view that alice saved under that name."""
    stage.house.post(stage.alice, "/en/lists/failed/views", {"name": name})
    found = re.search(
        rf'action="/console(/en/views/[^/]+)/name"(?:(?!action=).)*value="{name}"',
        stage.house.get(stage.alice, "/en/views").text,
        re.DOTALL,
    )
    assert found
    return found[1]


@TWICE.of("busy", "/find")
def find(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/find", fields={"number": FILE}, reads=True)


@TWICE.of("busy", "/lists/{which}/views")
def save_view(stage: Stage) -> Form:
    says = "Another view of yours has this name."
    return Form(person=stage.alice, path="/en/lists/failed/views", fields={"name": "Mine"}, says=says)


@TWICE.of("busy", "/views/{view}/name")
def rename_view(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"{view(stage, 'Old')}/name", fields={"name": "New"})


@TWICE.of("busy", "/views/{view}/removal")
def remove_view(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"{view(stage, 'Gone')}/removal")


@TWICE.of("busy", "/keyboard")
def keyboard(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/keyboard", fields={"keys": "off"})


@TWICE.of("busy", "/deliveries/{delivery}/words")
def words(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"/en/deliveries/{stage.delivery().id}/words", reads=True)


@TWICE.of("busy", "/deliveries/{delivery}/papers/{place}")
def paper(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"/en/deliveries/{stage.made().id}/papers/1", reads=True)


@TWICE.of("busy", "/deliveries/{delivery}/{action}")
def act(stage: Stage) -> Form:
    here = f"/en/deliveries/{stage.delivery().id}"
    changed = stage.seen(here) | {"email": "other@gw.test", "card": "correct-address"}
    return Form(person=stage.alice, path=f"{here}/correct-address", fields=WHY | changed)


@TWICE.of("busy", "/lists/{which}/several")
def several(stage: Stage) -> Form:
    ids = chosen(stage.house.get(stage.alice, "/en/lists/needs-person").text)
    fields = {"action": "cancel", **ids}
    return Form(person=stage.alice, path="/en/lists/needs-person/several", fields=fields, reads=True)


@TWICE.of("busy", "/lists/{which}/several/done")
def several_done(stage: Stage) -> Form:
    here, delivery = "/en/lists/needs-person/several", stage.delivery()
    ids = {f"d-{delivery.id}": "yes"}
    summary = stage.house.post(stage.alice, here, {"action": "cancel", **ids}).text
    fields = WHY | {"action": "cancel", **chosen(summary)}
    return Form(person=stage.alice, path=f"{here}/done", fields=fields, says="Done and recorded for one delivery.")


@TWICE.of("busy", "/approvals/{proposal}/approval")
def approve(stage: Stage) -> Form:
    return Form(
        person=stage.alice,
        path=f"{stage.proposed()[1]}/approval",
        fields=WHY,
        says="was approved, refused or overtaken before",
    )


@TWICE.of("busy", "/approvals/{proposal}/refusal")
def refuse(stage: Stage) -> Form:
    return Form(
        person=stage.alice,
        path=f"{stage.proposed()[1]}/refusal",
        fields=WHY,
        says="was approved, refused or overtaken before",
    )


@TWICE.of("busy", "/dispatches/{dispatch}/recall")
def recall(stage: Stage) -> Form:
    here = f"/en/dispatches/{stage.delivery().dispatch}/recall"
    return Form(person=stage.alice, path=here, fields=WHY | stage.seen(here))


@TWICE.of("busy", "/dispatches/{dispatch}/calls")
def call(stage: Stage) -> Form:
    delivery = stage.delivery()
    here = f"/en/dispatches/{delivery.dispatch}"
    stage.house.gateway.recalls.recall(delivery.dispatch, actor="bob", reason=REASON)
    return Form(person=stage.alice, path=f"{here}/calls", fields=WHY | {"delivery": delivery.id, "seen": "0"})


@TWICE.of("busy", "/dispatches/{dispatch}/breach")
def breach(stage: Stage) -> Form:
    here, delivery = f"/en/dispatches/{stage.house.delivery().dispatch}/breach", stage.house.delivery()
    return Form(person=stage.alice, path=here, fields=told(stage.house) | {"delivery": delivery.id, "seen": "0"})


@TWICE.of("busy", "/audit")
def audit(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/audit", fields={"actor": "bob"}, reads=True)


@TWICE.of("busy", "/audit/export")
def audit_export(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/audit/export", fields={"actor": "bob"}, reads=True)


@TWICE.of("busy", "/new")
def begin(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/new", fields=NEW | {"file_number": "TC6-77777"})


@TWICE.of("busy", "/new/{draft}/papers/{participant}")
def draft_papers(stage: Stage) -> Form:
    stage.kept["draft"] = drafted(stage.house, stage.alice)
    return Form(person=stage.alice, path=f"{stage.kept['draft']}/papers/c1", reads=True)


@TWICE.of("busy", "/new/{draft}/papers/{participant}/{place}")
def draft_paper(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"{stage.kept['draft']}/papers/c1/1", reads=True)


@TWICE.of("busy", "/new/{draft}")
def save_draft(stage: Stage) -> Form:
    here = stage.kept["draft"]
    page = stage.house.get(stage.alice, here)
    entered = fields_of(page.text) | whole(page, members="B. Exemple")
    return Form(person=stage.alice, path=here, fields=entered, file=b"")


@TWICE.of("busy", "/new/{draft}/signature")
def sign(stage: Stage) -> Form:
    here = stage.kept["draft"]
    return Form(person=stage.alice, path=f"{here}/signature", fields=stage.seen(here))


@TWICE.of("busy", "/new/{draft}/removal")
def discard(stage: Stage) -> Form:
    return Form(
        person=stage.alice,
        path=f"{begun(stage.house, stage.alice, file_number='TC6-88888')}/removal",
        says="You have no such draft any more",
    )


@TWICE.of("post", "/channels/{channel}/pause")
def pause(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/channels/encrypted-email/pause", fields=WHY)


@TWICE.of("post", "/channels/{channel}/resume")
def resume(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/channels/encrypted-email/resume", fields=WHY)


@TWICE.of("post", "/mail-room/batches/{office}/{channel}")
def close_batch(stage: Stage) -> Form:
    return Form(person=stage.alice, path=BATCH, fields=stage.seen(BATCH))


@TWICE.of("post", "/mail-room/manifests/{number}/prints/{what}")
def printed(stage: Stage) -> Form:
    with stage.house.gateway.database.read() as tx:
        stage.kept["number"] = tx.manifests.newest(1)[0].number
    return Form(person=stage.alice, path=f"{manifest(stage)}/prints/labels", reads=True)


def manifest(stage: Stage) -> str:
    """Where the one that alice closed is."""
    return f"/en/mail-room/manifests/{stage.kept['number']}"


@TWICE.of("post", "/mail-room/check")
def check(stage: Stage) -> Form:
    item = items(stage.house, stage.kept["number"])[0]
    fields = {"sheet": sheet_code(item.reference), "label": str(item.piece)}
    return Form(person=stage.alice, path="/en/mail-room/check", fields=fields, reads=True)


@TWICE.of("post", "/mail-room/manifests/{number}/handover")
def hand_over(stage: Stage) -> Form:
    fields = {"stated": "no machine reads it"}
    return Form(person=stage.alice, path=f"{manifest(stage)}/handover", fields=fields, file=b"%PDF-1.7 signed")


@TWICE.of("post", "/mail-room/scans")
def scans(stage: Stage) -> Form:
    item, at = items(stage.house, stage.kept["number"])[0], stage.house.clock.at.isoformat()
    file = mail_room_list([str(item.piece), "inducted", at], ["RN999999999CA", "inducted", at])
    says = "0 scans were taken in; 2 were known before."
    return Form(person=stage.alice, path="/en/mail-room/scans", file=file, says=says)


@TWICE.of("post", "/mail-room/receipts/{receipt}/raw")
def raw(stage: Stage) -> Form:
    stage.house.clock.at += 20 * STEP
    stage.kept["receipt"] = f"/en/mail-room/receipts/{came_back(stage.house)}"
    return Form(person=stage.alice, path=f"{stage.kept['receipt']}/raw", reads=True)


@TWICE.of("post", "/mail-room/receipts/{receipt}/match")
def match(stage: Stage) -> Form:
    fields = WHY | {"delivery": items(stage.house, stage.kept["number"])[0].delivery}
    return Form(person=stage.alice, path=f"{stage.kept['receipt']}/match", fields=fields)


@TWICE.of("post", "/mail-room/receipts/{receipt}/confirm")
def confirm(stage: Stage) -> Form:
    at = f"{(stage.house.clock.at - 10 * STEP).astimezone(ZONE):%Y-%m-%dT%H:%M}"
    return Form(
        person=stage.bob, path=f"{stage.kept['receipt']}/confirm", fields=WHY | {"at": at}, says="dealt with it already"
    )


@TWICE.of("post", "/mail-room/receipts/{receipt}/close")
def close_receipt(stage: Stage) -> Form:
    here = f"/en/mail-room/receipts/{came_back(stage.house)}"
    return Form(person=stage.alice, path=f"{here}/close", fields=WHY, says="dealt with it already")


@TWICE.of("strike", "/channels/{channel}/suspend")
def suspend(stage: Stage) -> Form:
    stage.kept["number"] = closed(stage.house, stage.alice)
    return Form(person=stage.alice, path="/en/channels/registered-mail/suspend", fields=WHY)


@TWICE.of("strike", "/mail-room/manifests/{number}/withdraw")
def withdraw(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"{manifest(stage)}/withdraw", fields=WHY)


@TWICE.of("strike", "/channels/{channel}/restore")
def restore(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/channels/registered-mail/restore", fields=WHY)


@TWICE.of("rejected", "/feed/{transaction}/again")
def tell_again(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"/en/feed/{rejected(stage)}/again", fields=WHY)


@TWICE.of("rejected_too", "/feed/{transaction}/give-up")
def give_up(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"/en/feed/{rejected(stage)}/give-up", fields=WHY)


def rejected(stage: Stage) -> str:
    """What staff see to."""
    feed = stage.house.gateway.case_systems.feed
    assert feed is not None
    return feed.standing().work[0].id


@TWICE.of("named", "/my-sign-in/passkeys")
def add_passkey(stage: Stage) -> Form:
    page = stage.house.get(stage.alice, "/en/my-sign-in")
    answer = authenticator().create(asked_in(page.text))
    fields = {"answer": answer, "name": "laptop"}
    return Form(person=with_ticket(stage.alice, page), path="/en/my-sign-in/passkeys", fields=fields)


def asked_in(page: str) -> str:
    """What a page's script asks an authenticator."""
    found = re.search(r'data-asked="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def with_ticket(person: Person, page: httpx.Response) -> Person:
    """Whose browser keeps what goes with it."""
    found = re.search(rf"{TICKET.name}=([^;]*)", page.headers["set-cookie"])
    assert found
    return replace(person, ticket=found[1])


@TWICE.of("named", "/my-sign-in/password/removal")
def remove_password(stage: Stage) -> Form:
    return Form(person=stage.alice, path="/en/my-sign-in/password/removal", says="it was taken away already")


@TWICE.of("named", "/my-sign-in/passkeys/{passkey}/removal")
def remove_passkey(stage: Stage) -> Form:
    added(stage.house, stage.bob)
    passkey = stage.house.gateway.console.sign_in_ways.of("bob").passkeys[0].id
    return Form(person=stage.bob, path=f"/en/my-sign-in/passkeys/{passkey}/removal", says="it was taken away already")


@TWICE.of("named", "/set-up")
def set_up(stage: Stage) -> Form:
    carol = stage.house.person("carol")
    stage.kept |= {"carol": carol, "link": stage.house.gateway.console.set_up.link("carol", actor="alice")}
    fields = {"link": stage.kept["link"], "token": carol.token, "password": PASSWORD}
    return Form(person=None, path="/en/set-up", fields=fields, reads=True)


@TWICE.of("named", "/set-up/passkey")
def set_up_passkey(stage: Stage) -> Form:
    return by_passkey(stage, stage.house.person("dora"))


def by_passkey(stage: Stage, person: Person) -> Form:
    """They set a passkey by a link of alice's."""
    link = stage.house.gateway.console.set_up.link(person.name, actor="alice")
    page = stage.house.get(None, f"/en/set-up?link={link}")
    fields = {
        "link": link,
        "token": person.token,
        "name": "laptop",
        "answer": authenticator().create(asked_in(page.text)),
    }
    return Form(person=with_ticket(person, page), path="/en/set-up/passkey", fields=fields, says="It was used")


@TWICE.of("named", "/set-up/code")
def set_up_code(stage: Stage) -> Form:
    carol = stage.kept["carol"]
    begun = stage.house.gateway.console.set_up.begin(stage.kept["link"], token=carol.token, password=PASSWORD)
    carol.device = begun.secret
    fields = {"ticket": begun.ticket, "code": stage.house.code(carol)}
    return Form(person=None, path="/en/set-up/code", fields=fields, says="It was used")


@TWICE.of("named", "/sign-in")
def sign_in(stage: Stage) -> Form:
    carol = stage.kept["carol"]
    stage.house.clock.at += STEP
    fields = {"account": carol.name, "password": PASSWORD, "code": stage.house.code(carol)}
    return Form(
        person=None,
        path="/en/sign-in",
        fields=fields,
        says="the code was used before",
        counted=frozenset({"console_credentials", "console_news", "events"}),
    )


@TWICE.of("named", "/sign-in/passkey")
def sign_in_by_passkey(stage: Stage) -> Form:
    device = added(stage.house, stage.bob)
    page = stage.house.get(None, "/en/sign-in")
    nobody = with_ticket(Person(name="", token=""), page)
    return Form(
        person=nobody,
        path="/en/sign-in/passkey",
        fields={"answer": device.get(asked_in(page.text))},
        says="was sent twice",
    )


@TWICE.of("named", "/sign-out")
def sign_out(stage: Stage) -> Form:
    return Form(person=stage.bob, path="/en/sign-out", says="Sign in", reads=True)
