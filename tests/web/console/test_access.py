"""Who may do what in the console, route by route and method by method. A route that is added without a line fails."""

from collections import defaultdict

import pytest

from gateway.domain.accounts import AccountRole
from gateway.web.console import routes
from tests.web.console.house import House, Person

ROLES = (*AccountRole, "nobody", "signed out")

EVERYBODY = (200,) * 6
TO_SIGN_IN = 303
STAFF = (200,) * 4
ACT_ON_NOTHING = (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN)
"""Who may resolve is told that there is no such thing; everybody else that they may not."""

ACCESS = {
    ("GET", "/console"): (303,) * 6,
    ("GET", "/console/style.css"): EVERYBODY,
    ("GET", "/console/live.js"): EVERYBODY,
    ("GET", "/console/passkey.js"): EVERYBODY,
    ("GET", "/console/keys.js"): EVERYBODY,
    ("GET", "/console/{language}/sign-in"): EVERYBODY,
    ("POST", "/console/{language}/sign-in"): (403,) * 6,
    ("POST", "/console/{language}/sign-in/passkey"): (403,) * 6,
    ("GET", "/console/{language}/sign-in/provider"): (404,) * 6,
    ("GET", "/console/{language}/sign-in/provider/return"): (404,) * 6,
    ("GET", "/console/{language}/my-sign-in"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/my-sign-in/passkeys"): (422,) * 4 + (TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/my-sign-in/passkeys/{passkey}/removal"): (404,) * 4 + (TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/my-sign-in/password/removal"): (409,) * 4 + (TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/my-sign-in/sessions/removal"): (303,) * 4 + (TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/my-sign-in/news"): (422,) * 4 + (TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/set-up"): (404,) * 6,
    ("POST", "/console/{language}/set-up"): (404,) * 6,
    ("POST", "/console/{language}/set-up/code"): (404,) * 6,
    ("POST", "/console/{language}/set-up/passkey"): (404,) * 6,
    ("GET", "/console/{language}"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/find"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/find"): (422, 422, 422, 422, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/lists/{which}"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/lists/{which}/views"): (422, 422, 422, 422, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/views"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/views/{view}/name"): (422, 422, 422, 422, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/views/{view}/removal"): (303,) * 6,
    ("GET", "/console/{language}/keyboard"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/keyboard"): (303,) * 6,
    ("GET", "/console/{language}/deliveries/{delivery}"): (404, 404, 404, 404, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/deliveries/{delivery}/words"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/deliveries/{delivery}/papers/{place}"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/deliveries/{delivery}/{action}"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/mail-room"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/mail-room/manifests"): (303,) * 6,
    ("GET", "/console/{language}/mail-room/manifests/{number}"): (404, 404, 404, 404, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/mail-room/manifests/{number}/prints/{what}"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/manifests/{number}/handover"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/manifests/{number}/withdraw"): ACT_ON_NOTHING,
    ("GET", "/console/{language}/mail-room/batches/{office}/{channel}"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/batches/{office}/{channel}"): (403, 422, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/mail-room/check"): (403, 200, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/mail-room/check"): (403, 200, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/mail-room/scans"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/mail-room/scans"): (403, 422, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/mail-room/receipts"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/mail-room/receipts/{receipt}"): ACT_ON_NOTHING,
    ("GET", "/console/{language}/mail-room/receipts/{receipt}/pages/{page}"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/receipts/{receipt}/raw"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/receipts/{receipt}/match"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/receipts/{receipt}/confirm"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/mail-room/receipts/{receipt}/close"): ACT_ON_NOTHING,
    ("GET", "/console/{language}/channels"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/channels/{channel}"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/channels/{channel}/suspend"): (403, 422, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/channels/{channel}/restore"): (403, 422, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/channels/{channel}/pause"): (403, 422, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/channels/{channel}/resume"): (403, 409, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/lists/{which}/several"): ACT_ON_NOTHING,
    ("POST", "/console/{language}/lists/{which}/several/done"): ACT_ON_NOTHING,
    ("GET", "/console/{language}/counts"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/figures"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/feed"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/feed/report.csv"): (404, 404, 404, 404, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/feed/{transaction}/again"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/feed/{transaction}/give-up"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/approvals"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/approvals/{proposal}"): (403, 403, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/approvals/{proposal}/approval"): (403, 403, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/approvals/{proposal}/refusal"): (403, 403, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/dispatches/{dispatch}/recall"): (403, 404, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/dispatches/{dispatch}/recall"): (403, 404, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/dispatches/{dispatch}/calls"): (403, 404, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/dispatches/{dispatch}/breach"): (403, 404, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/dispatches/{dispatch}/breach"): (403, 404, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/dispatches/{dispatch}/breach/paper"): (403, 404, 404, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/directory"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/directory/{recipient}"): (404, 404, 404, 404, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/directory/{recipient}/key"): (404, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/directory/{recipient}/ways/{way}"): (404, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/directory/{recipient}/ways/{way}"): (404, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/keys"): (*STAFF, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/audit"): (200, 403, 200, 200, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/audit"): (200, 403, 200, 200, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/audit/export"): (200, 403, 200, 200, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/new"): (403, 200, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/new"): (403, 422, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/new/{draft}"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/new/{draft}"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/new/{draft}/papers/{participant}"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/new/{draft}/papers/{participant}/{place}"): (
        403,
        404,
        403,
        403,
        TO_SIGN_IN,
        TO_SIGN_IN,
    ),
    ("POST", "/console/{language}/new/{draft}/signature"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("GET", "/console/{language}/new/{draft}/signed"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/new/{draft}/removal"): (403, 404, 403, 403, TO_SIGN_IN, TO_SIGN_IN),
    ("POST", "/console/{language}/sign-out"): (303,) * 6,
}
"""What each is answered, in the order of ROLES: administrator, registry, approver, reader, nobody, signed out.
404: they may, and there is no such thing."""

PLACES = defaultdict(
    lambda: "none",
    language="en",
    which="failed",
    action="hold",
    place="1",
    number="M1",
    what="all",
    office="toronto",
    channel="courier",
    page="1",
)
"""What stands in an address; nothing there has any other id."""

HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


SCRIPTS = (
    '<script type="module" src="/console/live.js"></script>',
    '<script type="module" src="/console/keys.js"></script>',
    '<script src="/console/passkey.js" defer></script>',
)


def all_routes() -> set[tuple[str, str]]:
    return {(method, one.path) for one in routes.router().routes for method in one.methods}  # type: ignore[attr-defined]


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    assert set(ACCESS) == all_routes()


@pytest.mark.parametrize("role", ROLES)
def test_each_is_answered_as_their_role_may(named: House, role: str) -> None:
    house, person = named, Person(name="nobody", token="")
    if role in set(AccountRole):
        person = house.sign_in(house.person("alice", AccountRole(role)))
    if role == "signed out":
        person = house.sign_in(house.person("alice", *AccountRole))
        house.gateway.console.sign_in.leave(person.session)
    answers = {}
    for method, path in sorted(ACCESS, key=lambda one: one[1].endswith("sign-out")):
        below = path.removeprefix("/console").format_map(PLACES)
        answered = house.post(person, below) if method == "POST" else house.get(person, below)
        answers[method, path] = answered.status_code
        if not path.endswith((".css", ".js")):
            assert {name: answered.headers[name] for name in HEADERS} == HEADERS
        scripts = answered.text.count("<script")
        assert scripts == sum(answered.text.count(one) for one in SCRIPTS)
        assert ("script-src 'self';" in answered.headers["content-security-policy"]) is bool(scripts), path
        assert "unsafe" not in answered.headers["content-security-policy"]
    assert answers == {one: expected[ROLES.index(role)] for one, expected in ACCESS.items()}
