"""Each case of the month as a signed package: a decision of its own for the Minister's counsel and for counsel."""

import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gateway.domain.outcomes import Division
from keys.asice_build import build
from keys.cades import SigningKey
from tests.application.packages import POSTAL
from tests.bench.bench_papers import decision as reasons
from tests.channels.fax_samples import NUMBER
from tests.e2e import built
from tests.e2e.world import EC, RSA, TODAY
from tests.month.mix import Case
from tests.web.console.drafting import pdf

EXCHANGE_COUNSEL = "counsel-exchange"
"""The directory entry of counsel who has an account at the exchange."""
_PARAGRAPHS_A_PAGE = 5


def write_packages(cases: Iterable[Case], folder: Path, signer: SigningKey) -> list[Path]:
    """Their files, in order."""
    folder.mkdir()
    made = []
    for case in cases:
        path = folder / f"{case.number:06d}.asice"
        path.write_bytes(package_of(case, signer))
        made.append(path)
    return made


def package_of(case: Case, signer: SigningKey) -> bytes:
    """One package."""
    described = decision_of(case)
    documents = {document["path"]: _content(document["kind"], case) for document in described["documents"]}
    return build(json.dumps(described).encode(), documents, signer=signer, at=TODAY)


def _content(kind: str, case: Case) -> bytes:
    if kind == "order":  # a PDF, and names its file
        return pdf("Removal order", _file_number(case))
    return reasons(case.pages * _PARAGRAPHS_A_PAGE, case.number).encode()


def decision_of(case: Case) -> dict[str, Any]:
    """Its decision.json."""
    made = built.decision(division=case.division, package_id=str(uuid.uuid4()))
    people = [f"p{place + 1}" for place in range(case.persons)]
    first = made["persons"][0]
    made["persons"] = [
        first | {"id": one, "uci": f"{11 + place}-{case.number // 10000:04d}-{case.number % 10000:04d}"}
        for place, one in enumerate(people)
    ]
    made["files"] = [{"number": _file_number(case), "persons": people}]
    made["decision"]["language"] = case.language
    for document in made["documents"]:
        document["language"] = case.language
        if document["kind"] == "order":
            document |= {"path": "documents/order.pdf", "media_type": "application/pdf"}
    minister = {"id": "m1", "roles": ["minister-counsel"], "recipient": RSA, "language": "en"}
    counsel = {"id": "c1", "roles": ["counsel"], "represents": people, "language": case.language}
    made["participants"] = [minister, counsel | _reached(case.way)]
    return made


def _reached(way: str) -> dict[str, Any]:
    match way:
        case "encrypted-email":
            return {"recipient": EC}
        case "secure-upload":
            return {"recipient": EXCHANGE_COUNSEL}
        case "fax":
            return {"name": "C. Conseil", "contact": {"fax": NUMBER, "postal": POSTAL}}
    return {"name": "C. Conseil", "contact": {"postal": POSTAL}}


def _file_number(case: Case) -> str:
    match case.division:
        case Division.ID:
            return f"0003-C6-{case.number:05d}-01"
        case Division.IAD:
            return f"TB6 {case.number:05d}"
    return f"TC6-{case.number:05d}"
