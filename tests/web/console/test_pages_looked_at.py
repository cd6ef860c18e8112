"""No page of the console is left out of what axe-core, the narrow screen and the pictures are held to."""

import re
from pathlib import Path

from tests.web.console.test_access import ACCESS

LOOKED_AT = {
    "": "home",
    "/find": "find",
    "/lists/{which}": "work",
    "/views": "views",
    "/keyboard": "keyboard",
    "/deliveries/{delivery}": "delivery",
    "/mail-room": "mail-room",
    "/mail-room/manifests/{number}": "manifest",
    "/mail-room/batches/{office}/{channel}": "batch",
    "/mail-room/check": "check",
    "/mail-room/scans": "scans",
    "/mail-room/receipts": "receipts",
    "/mail-room/receipts/{receipt}": "receipt",
    "/channels": "channels",
    "/channels/{channel}": "strike",
    "/figures": "figures",
    "/feed": "feed",
    "/approvals": "approvals",
    "/approvals/{proposal}": "approval",
    "/dispatches/{dispatch}/recall": "recall",
    "/dispatches/{dispatch}/breach": "breach",
    "/directory": "directory",
    "/directory/{recipient}": "entry",
    "/directory/{recipient}/ways/{way}": "address",
    "/keys": "keys",
    "/audit": "audit",
    "/new": "new",
    "/new/{draft}": "draft",
    "/new/{draft}/signed": "signed",
    "/sign-in": "sign-in",
    "/set-up": "set-up",
    "/my-sign-in": "my-sign-in",
}
"""By route the name under which a story looks at it; what forms answer with has names of its own there."""
NO_PAGES = {
    "/counts": "an event",
    "/feed/report.csv": "a file",
    "/dispatches/{dispatch}/breach/paper": "a paper",
    "/mail-room/manifests": "leads to a manifest",
    "/mail-room/receipts/{receipt}/pages/{page}": "a picture",
    "/sign-in/provider": "leads to the provider",
    "/sign-in/provider/return": "leads on at once; where it cannot, a heading, a sentence and a link",
}


def test_every_page_is_looked_at_by_a_story_in_a_real_browser() -> None:
    prefix = "/console/{language}"
    pages = {path.removeprefix(prefix) for method, path in ACCESS if method == "GET" and path.startswith(prefix)}
    assert pages == set(LOOKED_AT) | set(NO_PAGES)
    stories = "".join(one.read_text("utf-8") for one in Path(__file__).parent.glob("*chromium.py"))
    stories += (Path(__file__).parent / "seat.py").read_text("utf-8")
    names = set(re.findall(r'"([a-z-]+)"[,:)]', stories))
    assert set(LOOKED_AT.values()) <= names, set(LOOKED_AT.values()) - names
