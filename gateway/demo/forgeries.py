"""What must not get in: packages that look right and are not. Each is offered to the gateway like any other."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.demo.decisions import Written
from gateway.demo.stage import ACTOR, Stage
from gateway.domain.outcomes import Division
from gateway.domain.package import DECISION
from gateway.domain.problem import InputRefused


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """A forgery offered: `name` in the catalogue, and the refusal; None when it was taken, which must not be."""

    name: str
    refusal: InputRefused | None


def offer_forgeries(stage: Stage, refugee: Written, appeal: Written, now: dt.datetime) -> Sequence[Forgery]:
    """Offers an altered outcome, a signer whose certificate was revoked, and a signer of another division.

    refugee: the RPD's decision. appeal: the RAD's.
    """
    submit = stage.gateway.submit.accept
    rpd = stage.signers.of[Division.RPD]
    forgeries = {
        "altered": _altered(refugee.package(rpd, now)),
        "revoked": refugee.package(stage.signers.revoked, now),
        "other-division": appeal.package(rpd, now),
    }
    return [_offer(name, package, submit) for name, package in forgeries.items()]


def _offer(name: str, package: bytes, submit: Callable[..., object]) -> Forgery:
    try:
        submit(package, submitted_by=ACTOR)
    except InputRefused as refusal:
        return Forgery(name=name, refusal=refusal)
    return Forgery(name=name, refusal=None)


def _altered(package: bytes) -> bytes:
    """The package with one word of the signed decision turned round."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as signed, zipfile.ZipFile(file, "w") as altered:
        for entry in signed.infolist():
            content = signed.read(entry)
            if entry.filename == DECISION:
                content = content.replace(b'"rejected"', b'"accepted"')
            altered.writestr(entry, content)
    return file.getvalue()
