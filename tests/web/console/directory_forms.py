"""The forms of the directory: as a double click sends them, and from a page that is no longer true."""

from dataclasses import replace

from gateway.application.recipients.entry_address import SaidKey
from gateway.domain.parties import ChannelName, Contact
from tests.e2e.world import EC
from tests.web.console.test_directory import another_certificate
from tests.web.console.twice import WHY, Form, Stage, Table

HERE = f"/en/directory/{EC}"
WAY = f"{HERE}/ways/encrypted-email"
KEY, ADDRESS = "/directory/{recipient}/key", "/directory/{recipient}/ways/{way}"


def key(stage: Stage) -> Form:
    """Another key."""
    return Form(person=stage.alice, path=f"{HERE}/key", fields=WHY | stage.seen(HERE), file=another_certificate())


def address(stage: Stage) -> Form:
    """Another address."""
    fields = WHY | stage.seen(WAY) | {"email": "moved@gw.test"}
    return Form(person=stage.alice, path=WAY, fields=fields, file=another_certificate())


def late_key(stage: Stage) -> Form:
    """Another key, where another was put there meanwhile."""
    form = replace(key(stage), says="was changed since you opened this page")
    made, _ = stage.house.gateway.keyring.pin(EC, another_certificate(), actor="bob", **WHY)
    stage.house.gateway.approvals.approve(str(made.proposal), actor="alice", **WHY)
    return form


def late_address(stage: Stage) -> Form:
    """Another address, where another was put there meanwhile."""
    form = replace(address(stage), says="was changed since you opened this page")
    said = SaidKey(fingerprint=stage.house.gateway.directory.pins(EC)[-1].fingerprint)
    elsewhere = Contact(email="elsewhere@gw.test")
    made = stage.house.gateway.console.entry_address(
        EC, ChannelName.ENCRYPTED_EMAIL, elsewhere, key=said, actor="bob", **WHY
    )
    stage.house.gateway.approvals.approve(str(made.proposal), actor="alice", **WHY)
    return form


def add_to(twice: Table, late: Table) -> None:
    """Their lines in both tables."""
    for route, makes, too_late in ((KEY, key, late_key), (ADDRESS, address, late_address)):
        twice.of("busy", route)(makes)
        late.of("busy", route)(too_late)
