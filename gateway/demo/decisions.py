"""The decisions of the demonstration: one package for each division, as a Registry would build it.

What is fixed stands in `samples/decisions/*.json` and `samples/texts`; what depends on the day, the dates and the
package's id, is filled in here. Everything in them is invented.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from zoneinfo import ZoneInfo

from gateway.application.intake.decision_json import read_decision
from gateway.application.rules import offices
from gateway.demo.papers import typeset
from gateway.demo.texts import Facts, filled
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from keys.asice_build import build
from keys.cades import SigningKey

_HEARD_BEFORE = dt.timedelta(days=35)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How long ago a decision was signed, and the text of each of its documents."""

    division: Division
    office: str
    signed_before: dt.timedelta
    texts: Mapping[str, str]


SAMPLES = (
    Sample(
        division=Division.RPD,
        office="toronto",
        signed_before=dt.timedelta(hours=26),
        texts={"documents/reasons.md": "fr/rpd-claim.md"},
    ),
    Sample(
        division=Division.RAD,
        office="vancouver",
        signed_before=dt.timedelta(hours=30),
        texts={"documents/reasons.pdf": "en/rad-appeal.md"},
    ),
    Sample(
        division=Division.ID,
        office="montreal",
        signed_before=dt.timedelta(hours=2),
        texts={"documents/order.pdf": "fr/id-order.md", "documents/reasons.md": "fr/id-admissibility.md"},
    ),
    Sample(
        division=Division.IAD,
        office="calgary",
        signed_before=dt.timedelta(hours=51),
        texts={"documents/reasons.pdf": "en/iad-sponsorship.md"},
    ),
)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A decision with its documents, ready to be signed. `raw` is decision.json as it stands in the package."""

    decision: DecisionPackage
    raw: bytes
    documents: Mapping[str, bytes]

    def package(self, signer: SigningKey, at: dt.datetime) -> bytes:
        """The signed package (`.asice`)."""
        return build(self.raw, self.documents, signer=signer, at=at)


def write_decision(sample: Sample, now: dt.datetime) -> Written:
    """Fills the sample in for the day and typesets what comes as PDF."""
    signed = (now - sample.signed_before).astimezone(ZoneInfo(offices()[sample.office].zone))
    heard = (signed - _HEARD_BEFORE).date()
    raw = _decision_json(sample.division, signed, heard)
    decision = read_decision(raw, sample.texts)
    facts = Facts(decision=decision, heard_on=heard)
    documents: dict[str, bytes] = {}
    for document in decision.documents:
        text = filled(sample.texts[document.path], facts, document.language)
        is_pdf = document.media_type == "application/pdf"
        documents[document.path] = typeset(decision, document, text) if is_pdf else text
    return Written(decision=decision, raw=raw, documents=documents)


def _decision_json(division: Division, signed: dt.datetime, heard: dt.date) -> bytes:
    source = files("gateway.demo").joinpath(f"samples/decisions/{division.value.lower()}.json").read_text("utf-8")
    return (
        Template(source)
        .substitute(package_id=uuid.uuid4(), signed_at=signed.isoformat(timespec="seconds"), heard_on=heard.isoformat())
        .encode()
    )
