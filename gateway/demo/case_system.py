"""GCMS as the demonstration plays it: opens each batch with its own key, checks it, and answers line by line."""

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from gateway.bootstrap import key_folder
from gateway.demo.stage import Stage
from gateway.domain.digest import sha256
from gateway.domain.feed import FeedState, Verdict
from keys import cades, enveloped
from keys.cades import SigningKey
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data
from keys.credentials import passphrase
from keys.own import load_own_keys

_REJECTED_AS = "UCI-NOT-FOUND"
"""The receiver's own code, which the gateway keeps as it comes."""
_Line = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class FeedResult:
    """What became of the outcomes. told: lines that came, from a batch that held; accepted and rejected: as the gateway
    took the answers in. open: batches without a full answer."""

    told: int
    accepted: int
    rejected: int
    open: int
    octets: int
    code: str = _REJECTED_AS

    @property
    def good(self) -> bool:
        """Everything came and was answered, one of it with a no."""
        return self.told > 1 and self.rejected == 1 and self.accepted == self.told - 1 and not self.open


def tell_outcomes(stage: Stage) -> FeedResult | None:
    """The night's round, the receiver's answer, and the round after it. None where the home has no feed."""
    feed = stage.gateway.case_systems.feed
    if feed is None:
        return None
    feed.run.run()
    told, octets = _answer(stage)
    feed.run.run()
    standing = feed.standing()
    counts = {state: sum(one.count for one in standing.figures if one.state is state) for state in FeedState}
    return FeedResult(
        told=told,
        accepted=counts[FeedState.ACCEPTED],
        rejected=counts[FeedState.REJECTED],
        open=len(standing.open_batches),
        octets=octets,
    )


def _answer(stage: Stage) -> tuple[int, int]:
    """How many lines came, in how many octets; nothing counts of a batch that does not hold."""
    gateways = load_own_keys(key_folder(stage.home, stage.gateway.settings), passphrase()).package_acceptance
    told = octets = 0
    for path in sorted((stage.case_folder / "outcomes").glob("*.p7m")):
        raw = path.read_bytes()
        control, lines = _opened(raw, stage.case_system, gateways.certificate)
        path.unlink()
        _put(stage.case_folder / "in" / f"{path.stem}.p7s", _acknowledgement(control, lines, stage.case_system))
        told, octets = told + len(lines), octets + len(raw)
    return told, octets


def _opened(raw: bytes, key: SigningKey, gateways: x509.Certificate) -> tuple[_Line, Sequence[_Line]]:
    """Raises ValueError for what is not signed by the gateway, or not whole."""
    signed = read_signed_data(enveloped.decrypt(raw, key=key.private_key, certificate=key.certificate))
    content = signed.content or b""
    if verify_over(content, signed).certificate != gateways:
        raise ValueError("signed by somebody else")
    head, *lines = content.splitlines(keepends=True)
    control = json.loads(head)
    if control["count"] != len(lines) or control["digest"] != sha256(b"".join(lines)):
        raise ValueError("not whole")
    return control, [json.loads(one) for one in lines]


def _acknowledgement(control: _Line, lines: Sequence[_Line], key: SigningKey) -> bytes:
    """The last line is rejected."""
    *good, bad = [{"transaction": one["transaction"], "result": Verdict.ACCEPTED.value} for one in lines]
    answers = [*good, bad | {"result": Verdict.REJECTED.value, "code": _REJECTED_AS}]
    said = {
        "schema": "outcome-acknowledgement/1",
        "batch": control["batch"],
        "digest": control["digest"],
        "lines": answers,
    }
    return cades.sign(json.dumps(said).encode(), signer=key, at=dt.datetime.now(dt.UTC), detached=False)


def _put(path: Path, content: bytes) -> None:
    """Under another name, then renamed; its time says that it rests."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.utime(part, (0, 0))
    part.rename(path)
