"""Every form with fields of its own: what is wrong stands beside its field, and what was typed is kept. A form that is
added without a line here, or without a reason to be left out, fails."""

import re
from collections.abc import Mapping

import httpx
import pytest

from gateway.domain.accounts import AccountRole
from tests.e2e.world import EC
from tests.web.console.drafting import trusted
from tests.web.console.house import House, Person, hidden
from tests.web.console.test_access import ACCESS
from tests.web.console.test_mail_room import BATCH, closed

KEPT = "typed & kept"
NO_FIELDS = {
    "/sign-in/passkey",
    "/my-sign-in/passkeys/{passkey}/removal",
    "/my-sign-in/password/removal",
    "/my-sign-in/sessions/removal",
    "/my-sign-in/news",
    "/views/{view}/removal",
    "/keyboard",
    "/deliveries/{delivery}/words",
    "/deliveries/{delivery}/papers/{place}",
    "/mail-room/manifests/{number}/prints/{what}",
    "/mail-room/receipts/{receipt}/raw",
    "/lists/{which}/several",
    "/audit/export",
    "/new/{draft}/papers/{participant}",
    "/new/{draft}/papers/{participant}/{place}",
    "/new/{draft}/signature",
    "/new/{draft}/removal",
    "/sign-out",
}
"""Nobody types anything there."""
ELSEWHERE = {
    "/sign-in": "test_sign_in.py: whatever is wrong, the answer is the same, and names no field",
    "/set-up": "test_sign_in.py",
    "/set-up/code": "test_sign_in.py",
    "/set-up/passkey": "test_passkeys.py",
    "/my-sign-in/passkeys": "test_passkeys.py",
    "/mail-room/check": "test_mail_room.py: a scanner types, and the next scan finds an empty field",
    "/mail-room/receipts/{receipt}/match": "test_mail_room.py",
    "/mail-room/receipts/{receipt}/confirm": "test_mail_room.py",
    "/mail-room/receipts/{receipt}/close": "test_mail_room.py",
    "/approvals/{proposal}/refusal": "one form with the approval",
    "/channels/{channel}/restore": "one form with the suspension",
    "/channels/{channel}/resume": "one form with the suspension",
    "/mail-room/manifests/{number}/withdraw": "test_mail_room.py: in a strike alone",
    "/dispatches/{dispatch}/calls": "one form with the recall",
    "/views/{view}/name": "test_views.py",
    "/new/{draft}": "test_new_dispatch.py: what can be saved is, and what cannot be stands beside its field",
    "/feed/{transaction}/again": "test_feed.py",
    "/feed/{transaction}/give-up": "one form with telling again",
}


def forms(house: House, alice: Person) -> Mapping[str, tuple[str, dict[str, str], str, str]]:
    """By route: where it is posted, what is typed, the field at fault, and one that must be kept."""
    delivery = house.delivery()
    page = house.get(alice, f"/en/deliveries/{delivery.id}")
    seen = {"seen": hidden(page, "seen")}
    dispatch = f"/dispatches/{delivery.dispatch}"
    breach = {"seen": "0", "delivery": delivery.id, "discovered_at": "2020-01-01T10:00", "place": "", "affected": "1"}
    return {
        "/find": ("/find", {"number": " "}, "number", ""),
        "/lists/{which}/views": ("/lists/failed/views", {"name": "x" * 41}, "name", "x" * 41),
        "/lists/{which}/several/done": (
            "/lists/needs-person/several/done",
            {"action": "cancel", f"d-{delivery.id}": seen["seen"], "reason": " "},
            "reason",
            "",
        ),
        "/deliveries/{delivery}/{action}": (
            f"/deliveries/{delivery.id}/correct-address",
            seen | {"card": "correct-address", "lines": KEPT, "municipality": "Toronto", "province": "x"},
            "province",
            KEPT,
        ),
        "/channels/{channel}/suspend": ("/channels/courier/suspend", {"since": "then", "reason": KEPT}, "since", KEPT),
        "/channels/{channel}/pause": ("/channels/encrypted-email/pause", {"reason": " "}, "reason", ""),
        "/dispatches/{dispatch}/recall": (f"{dispatch}/recall", {"reason": " "}, "reason", ""),
        "/dispatches/{dispatch}/breach": (f"{dispatch}/breach", breach | {"description": KEPT}, "place", KEPT),
        "/directory/{recipient}/key": (f"/directory/{EC}/key", {"fingerprint": "zz", "reason": KEPT}, "file", KEPT),
        "/directory/{recipient}/ways/{way}": (
            f"/directory/{EC}/ways/encrypted-email",
            {"email": "not plain", "reason": KEPT},
            "email",
            KEPT,
        ),
        "/audit": ("/audit", {"package": "no id", "actor": KEPT}, "package", KEPT),
        "/new": ("/new", {"division": "RPD", "office": "nowhere", "file_number": KEPT}, "office", KEPT),
    }


def test_every_form_of_the_console_is_here_or_says_why_not() -> None:
    routes = {path.removeprefix("/console/{language}") for method, path in ACCESS if method == "POST"}
    here = HERE | {"/approvals/{proposal}/approval", "/mail-room/batches/{office}/{channel}"}
    here |= {"/mail-room/manifests/{number}/handover", "/mail-room/scans"}
    assert routes == NO_FIELDS | set(ELSEWHERE) | here


HERE = {
    "/find",
    "/lists/{which}/views",
    "/lists/{which}/several/done",
    "/deliveries/{delivery}/{action}",
    "/channels/{channel}/suspend",
    "/channels/{channel}/pause",
    "/dispatches/{dispatch}/recall",
    "/dispatches/{dispatch}/breach",
    "/directory/{recipient}/key",
    "/directory/{recipient}/ways/{way}",
    "/audit",
    "/new",
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(busy: House, language: str) -> None:
    trusted(busy)
    alice = busy.sign_in(busy.person("alice", *AccountRole))
    all_of_them = forms(busy, alice)
    assert set(all_of_them) == HERE
    faults = []
    for route, (place, fields, field, kept) in all_of_them.items():
        faults += [
            f"{route}: {one}" for one in wrong_with(busy.post(alice, f"/{language}{place}", fields), field, kept)
        ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_same_of_the_forms_of_the_mail_room_and_of_what_waits_for_a_second_person(
    post: House, language: str
) -> None:
    alice = post.sign_in(post.person("alice", *AccountRole))
    batch = BATCH.removeprefix("/en")
    seen = hidden(post.get(alice, BATCH), "seen")
    unfit = post.post(alice, f"/{language}{batch}", {"seen": seen, "codes": "nothing", "reason": KEPT})
    faults = [f"batch: {one}" for one in wrong_with(unfit, "codes", KEPT)]
    number = closed(post, alice)
    signed = post.post(alice, f"/{language}/mail-room/manifests/{number}/handover", {"counted": "2", "stated": KEPT})
    faults += [f"handover: {one}" for one in wrong_with(signed, "file", KEPT)]
    faults += [f"scans: {one}" for one in wrong_with(post.post(alice, f"/{language}/mail-room/scans"), "file", "")]
    assert not faults, "\n".join(faults)


def wrong_with(answered: httpx.Response, field: str, kept: str) -> list[str]:
    """What the page lacks: the refusal, the field marked, what is wrong told beside it, and what was typed."""
    found = []
    if answered.status_code not in {404, 409, 422}:
        found.append(f"{answered.status_code}")
    marked = re.search(rf'<(?:input|select|textarea)[^>]* name="{field}"[^>]*>', answered.text)
    told = re.search(r'aria-describedby="([^"]*)"', marked[0]) if marked else None
    if marked is None or 'aria-invalid="true"' not in marked[0] or told is None:
        found.append(f"{field} is not marked")
    else:
        ids = told[1].split()
        alert = next((f'id="{one}" role="alert">' for one in ids if one.endswith("-wrong")), "no alert")
        before, beside, _ = answered.text.partition(alert)
        if not beside or len(answered.text[: marked.start()]) - len(before) > NEAR:
            found.append(f"{field}: nothing is told beside it")
    if 'lang="fr"><head>' in answered.text.replace("\n", "") and "Check “" in answered.text:
        found.append("it is told in English")
    if kept and kept.replace("&", "&amp;") not in answered.text:
        found.append(f"{kept!r} is lost")
    return found


NEAR = 600
"""Characters of the page between the beginning of what is told and its field."""
