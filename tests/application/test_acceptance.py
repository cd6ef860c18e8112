"""The signed acceptance: what a submitter holds in hand for a package that was taken in."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.intake.submit import Accepted
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from tests.application.packages import members_of, minimal
from tests.application.stage import START, Stage
from tests.keys.pki import DAY, Order, pem
from tests.keys.recipients import openssl


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def package() -> bytes:
    decision = minimal(participants=[{"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}])
    members = dict.fromkeys(members_of(decision), "text") | {"decision.json": json.dumps(decision)}
    return json.dumps(members).encode()


def taken(stage: Stage, raw: bytes) -> Accepted:
    return stage.submit.accept(raw, submitted_by="test")


@pytest.mark.real
def test_openssl_gives_out_what_was_accepted_and_checks_who_says_so(stage: Stage, tmp_path: Path) -> None:
    accepted = taken(stage, package())
    assert accepted.acceptance is not None
    (tmp_path / "ca.pem").write_bytes(pem(stage.authority.certificate))
    verify = ["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-attime", str(int(START.timestamp()))]
    stated = json.loads(openssl(*verify, "-CAfile", tmp_path / "ca.pem", content=accepted.acceptance))
    dispatch = accepted.dispatch
    assert stated == {
        "schema": "package-acceptance/1",
        "dispatch": dispatch.id,
        "package_id": str(dispatch.package_id),
        "digest": dispatch.digest,
        "size": dispatch.size,
        "division": "RPD",
        "signer": dispatch.signer,
        "accepted_at": "2026-11-20T20:04:00+00:00",
    }


def test_the_same_package_again_gets_the_very_acceptance_of_the_first_time(stage: Stage) -> None:
    raw = package()
    first = taken(stage, raw)
    stage.clock.move(dt.timedelta(days=3))
    stage.acceptance = stage.authority.signer()
    again = taken(stage, raw)
    assert (again.repeat, again.acceptance) == (True, first.acceptance)


def test_what_cannot_be_confirmed_is_not_taken_in(stage: Stage) -> None:
    stage.acceptance = stage.authority.signer(replace(Order(name="Acceptance"), not_after=START - DAY))
    raw = package()
    with pytest.raises(SetupWrong) as caught:
        taken(stage, raw)
    assert (caught.value.code, caught.value.where) == (Code.KEY_EXPIRED, "package-acceptance")
    with stage.database.read() as tx:
        assert tx.dispatches.newest(10) == []
    assert stage.objects() == 0
    stage.acceptance = stage.authority.signer()
    assert not taken(stage, raw).repeat
