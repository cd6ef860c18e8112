"""The forms of the console as they are sent from a page that is no longer true."""

from dataclasses import replace

from gateway.domain.acts import Action
from gateway.domain.passkeys import CHALLENGE_LIFE
from tests.web.console.drafting import begun
from tests.web.console.house import PASSWORD
from tests.web.console.test_delivery import _asked
from tests.web.console.test_mail_room import BATCH, came_back, closed, items
from tests.web.console.test_new_dispatch import drafted, fields_of
from tests.web.console.test_passkeys import added, authenticator
from tests.web.console.test_recall import told
from tests.web.console.test_several import chosen
from tests.web.console.twice import REASON, WHY, Form, Stage, Table, sent
from tests.web.console.twice_forms import asked_in, by_passkey, manifest, rejected, view, with_ticket

LATE = Table()
_READS = "it shows what stands now, and changes nothing"
_KEPT = "it shows what is kept, whatever became of it since"
NEVER = {
    "/sign-in": "test_sign_in.py: a code that is too old is a wrong one",
    "/sign-in/passkey": "test_passkeys.py: a challenge that is too old opens nothing",
    "/sign-out": "who is signed out is",
    "/my-sign-in/news": "what was read was read, and what came since is still told",
    "/my-sign-in/sessions/removal": "whoever else is signed in by then is signed out",
    "/find": _READS,
    "/audit": _READS,
    "/audit/export": _READS,
    "/lists/{which}/several": _READS,
    "/lists/{which}/views": "a list and what narrows it stand in the form itself",
    "/views/{view}/removal": "what was taken away elsewhere is away",
    "/keyboard": "on is on and off is off, whatever stood before",
    "/deliveries/{delivery}/words": _KEPT,
    "/deliveries/{delivery}/papers/{place}": _KEPT,
    "/mail-room/manifests/{number}/prints/{what}": _KEPT,
    "/mail-room/receipts/{receipt}/raw": _KEPT,
    "/mail-room/check": _READS,
    "/mail-room/scans": "what was scanned was scanned, whoever brings it; a repeat is counted as one",
    "/dispatches/{dispatch}/calls": "a call was made, whoever else made one meanwhile",
    "/new": "it begins from what is known now",
}
"""Nothing of these is ever too late, and why."""


@LATE.of("busy", "/deliveries/{delivery}/{action}")
def act(stage: Stage) -> Form:
    delivery = stage.delivery()
    here = f"/en/deliveries/{delivery.id}"
    fields = WHY | stage.seen(here)
    stage.house.gateway.act(delivery.id, _asked(Action.CANCEL), actor="bob")
    return Form(person=stage.alice, path=f"{here}/retry", fields=fields, says="bob acted first (Cancelled,")


@LATE.of("busy", "/lists/{which}/several/done")
def several_done(stage: Stage) -> Form:
    here, delivery = "/en/lists/needs-person/several", stage.delivery()
    summary = stage.house.post(stage.alice, here, {"action": "cancel", f"d-{delivery.id}": "yes"}).text
    stage.house.gateway.act(delivery.id, _asked(Action.RETRY), actor="bob")
    fields = WHY | {"action": "cancel", **chosen(summary)}
    return Form(person=stage.alice, path=f"{here}/done", fields=fields, says="Not done for one delivery")


@LATE.of("busy", "/views/{view}/name")
def rename_view(stage: Stage) -> Form:
    gone = view(stage, "Gone")
    stage.house.post(stage.alice, f"{gone}/removal")
    return Form(person=stage.alice, path=f"{gone}/name", fields={"name": "New"}, says="You have no such view")


@LATE.of("busy", "/approvals/{proposal}/approval")
def approve(stage: Stage) -> Form:
    delivery, here = stage.proposed()
    stage.house.gateway.act(delivery.id, _asked(Action.CANCEL), actor="bob")
    return Form(person=stage.alice, path=f"{here}/approval", fields=WHY, says="is no longer possible")


@LATE.of("busy", "/approvals/{proposal}/refusal")
def refuse(stage: Stage) -> Form:
    _, here = stage.proposed()
    stage.house.gateway.approvals.refuse(here.rpartition("/")[2], actor="bob", **WHY)
    return Form(
        person=stage.alice, path=f"{here}/refusal", fields=WHY, says="was approved, refused or overtaken before"
    )


@LATE.of("busy", "/dispatches/{dispatch}/recall")
def recall(stage: Stage) -> Form:
    delivery = stage.delivery()
    here = f"/en/dispatches/{delivery.dispatch}/recall"
    fields = WHY | stage.seen(here)
    stage.house.gateway.recalls.recall(delivery.dispatch, actor="bob", reason=REASON)
    return Form(person=stage.alice, path=here, fields=fields, says="was recalled since you opened this page")


@LATE.of("busy", "/dispatches/{dispatch}/breach")
def breach(stage: Stage) -> Form:
    here = f"/en/dispatches/{stage.house.delivery().dispatch}/breach"
    fields = told(stage.house)
    assert stage.house.post(stage.bob, here, fields).headers["location"].endswith("done=saved")
    return Form(
        person=stage.alice, path=here, fields=fields | {"place": "Ottawa"}, says="Somebody saved another version"
    )


@LATE.of("busy", "/new/{draft}")
def save_draft(stage: Stage) -> Form:
    here = begun(stage.house, stage.alice)
    fields = fields_of(stage.house.get(stage.alice, here).text) | stage.seen(here)
    form = Form(person=stage.alice, path=here, fields=fields, file=b"", says="You changed this draft elsewhere")
    assert sent(stage.house, form).headers["location"].endswith("done=saved")
    stage.kept["draft"] = here, fields
    return replace(form, fields=fields | {"members": "B. Exemple"})


@LATE.of("busy", "/new/{draft}/signature")
def sign(stage: Stage) -> Form:
    here, fields = stage.kept["draft"]
    seen = {"seen": fields["seen"]}
    return Form(person=stage.alice, path=f"{here}/signature", fields=seen, says="You changed this draft elsewhere")


@LATE.of("busy", "/new/{draft}/papers/{participant}")
def draft_papers(stage: Stage) -> Form:
    here, _ = stage.kept["draft"]
    stage.house.post(stage.alice, f"{here}/removal")
    return Form(person=stage.alice, path=f"{here}/papers/c1", says="You have no such draft any more")


@LATE.of("busy", "/new/{draft}/papers/{participant}/{place}")
def draft_paper(stage: Stage) -> Form:
    here, _ = stage.kept["draft"]
    return Form(person=stage.alice, path=f"{here}/papers/c1/1", says="You have no such draft any more")


@LATE.of("busy", "/new/{draft}/removal")
def discard(stage: Stage) -> Form:
    here = drafted(stage.house, stage.alice)
    stage.house.post(stage.alice, f"{here}/signature", stage.seen(here))
    return Form(person=stage.alice, path=f"{here}/removal", says="it was signed, removed")


@LATE.of("post", "/mail-room/batches/{office}/{channel}")
def close_batch(stage: Stage) -> Form:
    fields = stage.seen(BATCH)
    stage.kept["number"] = closed(stage.house, stage.bob)
    return Form(person=stage.alice, path=BATCH, fields=fields, says="bob closed")


@LATE.of("post", "/mail-room/manifests/{number}/withdraw")
def withdraw(stage: Stage) -> Form:
    stage.house.gateway.calendar.suspend("registered-mail", None, actor="bob", reason="a strike")
    mail_room, clock = stage.house.gateway.mail_room, stage.house.gateway.clock
    mail_room.hand_over(
        stage.kept["number"], at=clock.now(), signed=b"%PDF-1.7 signed", actor="bob", counted=None, stated="seen by me"
    )
    return Form(person=stage.alice, path=f"{manifest(stage)}/withdraw", fields=WHY, says="by bob")


@LATE.of("post", "/mail-room/manifests/{number}/handover")
def hand_over(stage: Stage) -> Form:
    fields = {"stated": "no machine reads it"}
    file = b"%PDF-1.7 signed"
    return Form(person=stage.alice, path=f"{manifest(stage)}/handover", fields=fields, file=file, says="by bob")


@LATE.of("post", "/mail-room/receipts/{receipt}/match")
def match(stage: Stage) -> Form:
    receipt = came_back(stage.house)
    stage.kept["receipt"] = f"/en/mail-room/receipts/{receipt}"
    stage.house.gateway.receive.close(receipt, actor="bob", **WHY)
    fields = WHY | {"delivery": items(stage.house, stage.kept["number"])[0].delivery}
    return Form(person=stage.alice, path=f"{stage.kept['receipt']}/match", fields=fields, says="dealt with")


@LATE.of("post", "/mail-room/receipts/{receipt}/confirm")
def confirm(stage: Stage) -> Form:
    fields = WHY | {"at": "2026-11-20T10:00"}
    return Form(person=stage.alice, path=f"{stage.kept['receipt']}/confirm", fields=fields, says="dealt with")


@LATE.of("post", "/mail-room/receipts/{receipt}/close")
def close_receipt(stage: Stage) -> Form:
    return Form(person=stage.alice, path=f"{stage.kept['receipt']}/close", fields=WHY, says="dealt with")


@LATE.of("post", "/channels/{channel}/suspend")
def suspend(stage: Stage) -> Form:
    return Form(
        person=stage.alice, path="/en/channels/registered-mail/suspend", fields=WHY, says="bob declared it first"
    )


@LATE.of("post", "/channels/{channel}/restore")
def restore(stage: Stage) -> Form:
    stage.house.gateway.calendar.restore("registered-mail", actor="bob", reason="it ended")
    return Form(person=stage.alice, path="/en/channels/registered-mail/restore", fields=WHY, says="bob lifted it first")


@LATE.of("post", "/channels/{channel}/pause")
def pause(stage: Stage) -> Form:
    stage.house.gateway.pauses.pause("encrypted-email", actor="bob", reason=REASON)
    return Form(person=stage.alice, path="/en/channels/encrypted-email/pause", fields=WHY, says="bob paused it first")


@LATE.of("post", "/channels/{channel}/resume")
def resume(stage: Stage) -> Form:
    stage.house.gateway.pauses.resume("encrypted-email", actor="bob", **WHY)
    return Form(person=stage.alice, path="/en/channels/encrypted-email/resume", fields=WHY, says="bob resumed it first")


@LATE.of("rejected", "/feed/{transaction}/again")
def tell_again(stage: Stage) -> Form:
    stage.kept["transaction"] = rejected(stage)
    feed = stage.house.gateway.case_systems.feed
    assert feed is not None
    feed.standing.give_up(stage.kept["transaction"], actor="bob", **WHY)
    return Form(
        person=stage.alice, path=f"/en/feed/{stage.kept['transaction']}/again", fields=WHY, says="bob gave it up first"
    )


@LATE.of("rejected", "/feed/{transaction}/give-up")
def give_up(stage: Stage) -> Form:
    return Form(
        person=stage.alice,
        path=f"/en/feed/{stage.kept['transaction']}/give-up",
        fields=WHY,
        says="bob gave it up first",
    )


@LATE.of("named", "/my-sign-in/passkeys/{passkey}/removal")
def remove_passkey(stage: Stage) -> Form:
    added(stage.house, stage.alice)
    ways = stage.house.gateway.console.sign_in_ways
    passkey = ways.of("alice").passkeys[0].id
    ways.remove_passkey("alice", stage.alice.session, passkey)
    return Form(person=stage.alice, path=f"/en/my-sign-in/passkeys/{passkey}/removal", says="it was taken away already")


@LATE.of("named", "/my-sign-in/password/removal")
def remove_password(stage: Stage) -> Form:
    added(stage.house, stage.alice)
    stage.house.gateway.console.sign_in_ways.remove_password("alice", stage.alice.session)
    return Form(person=stage.alice, path="/en/my-sign-in/password/removal", says="it was taken away already")


@LATE.of("named", "/set-up")
def set_up(stage: Stage) -> Form:
    carol, console = stage.house.person("carol"), stage.house.gateway.console
    link = console.set_up.link("carol", actor="alice")
    begun = console.set_up.begin(link, token=carol.token, password=PASSWORD)
    stage.kept["ticket"] = begun.ticket
    console.set_up.link("carol", actor="alice")
    fields = {"link": link, "token": carol.token, "password": PASSWORD}
    return Form(person=None, path="/en/set-up", fields=fields, says="a newer one was made")


@LATE.of("named", "/set-up/passkey")
def set_up_passkey(stage: Stage) -> Form:
    form = by_passkey(stage, stage.house.person("dora"))
    stage.house.gateway.console.set_up.link("dora", actor="alice")
    return replace(form, says="a newer one was made")


@LATE.of("named", "/set-up/code")
def set_up_code(stage: Stage) -> Form:
    fields = {"ticket": stage.kept["ticket"], "code": "123456"}
    return Form(person=None, path="/en/set-up/code", fields=fields, says="a newer one was made")


@LATE.of("named", "/my-sign-in/passkeys")
def add_passkey(stage: Stage) -> Form:
    page = stage.house.get(stage.bob, "/en/my-sign-in")
    fields = {"answer": authenticator().create(asked_in(page.text)), "name": "laptop"}
    for _ in range(2):
        stage.house.clock.at += CHALLENGE_LIFE / 2
        stage.house.get(stage.bob, "/en")
    return Form(
        person=with_ticket(stage.bob, page), path="/en/my-sign-in/passkeys", fields=fields, says="came too late"
    )
