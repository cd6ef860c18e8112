"""Valid `decision.json` contents for tests: `minimal(division, …)` of each division, and what their package holds.

Every name and number is invented.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.domain.outcomes import Division

Decision = dict[str, Any]
Place = tuple[str | int, ...]

_PROCEEDING = {
    Division.RPD: "claim",
    Division.RAD: "appeal-by-person",
    Division.ID: "admissibility",
    Division.IAD: "sponsorship",
}
_OUTCOME = {
    Division.RPD: "rejected",
    Division.RAD: "confirmed",
    Division.ID: "removal-order-made",
    Division.IAD: "dismissed",
}
_FORUM = {Division.RPD: "RAD", Division.RAD: "FC", Division.ID: "FC", Division.IAD: "FC"}
_NUMBER = {
    Division.RPD: "TC6-12345",
    Division.RAD: "TC6-02345",
    Division.ID: "0003-C6-01234-01",
    Division.IAD: "TB6 17977",
}
_ROLE = {
    Division.RPD: "claimant",
    Division.RAD: "appellant",
    Division.ID: "person-concerned",
    Division.IAD: "appellant",
}

POSTAL = {
    "lines": ["123 Example St"],
    "municipality": "Toronto",
    "province": "ON",
    "postal_code": "M5V 3L9",
    "country": "CA",
}


def minimal(division: Division | str = Division.RPD, **changes: object) -> Decision:
    """A valid decision of the division: one person, counsel, the Minister's counsel. `changes` replace top fields."""
    division = Division(division)
    decision: Decision = {
        "schema": "decision-package/1",
        "package_id": "6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11",
        "division": division.value,
        "office": "toronto",
        "files": [{"number": _NUMBER[division], "persons": ["p1"]}],
        "proceeding": {"type": _PROCEEDING[division], "nature": "final"},
        "persons": [
            {
                "id": "p1",
                "given_name": "Alex",
                "family_name": "Exemple",
                "uci": "11-2345-6789",
                "outcome": {"code": _OUTCOME[division]},
                "recourse": {"forum": _FORUM[division]},
            }
        ],
        "decision": {
            "form": "written",
            "signed_at": "2026-11-20T15:04:00-05:00",
            "language": "en",
            "members": [{"name": "M. Membre"}],
            "reasons": "with-notice",
        },
        "private_proceeding": False,
        "classification": "protected-b",
        "minister": {"party": True, "interventions": [{"organization": "CBSA", "counsel": "m1"}]},
        "participants": [
            {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta", "language": "en"},
            {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p", "language": "en"},
            {"id": "a1", "roles": [_ROLE[division]], "represents": ["p1"], "contact": {"postal": POSTAL}},
        ],
        "documents": _documents(division),
    }
    return copy.deepcopy(decision | changes)


def _documents(division: Division) -> list[Decision]:
    signed = [_document("order")] if division is Division.ID else []
    return [*signed, _document("reasons")]


def _document(kind: str) -> Decision:
    return {"path": f"documents/{kind}.pdf", "kind": kind, "language": "en", "media_type": "application/pdf"}


def full() -> Decision:
    """A valid RPD decision in which every field of the format is written at least once."""
    decision = minimal(
        Division.RPD,
        relation={
            "kind": "amendment",
            "of": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22",
            "note": {"en": "First line\nsecond line", "fr": "Première ligne\nseconde ligne"},
        },
        private_proceeding=True,
        private_basis="166(c)",
        sensitive=True,
        restrictions=[
            {
                "kind": "confidentiality-order",
                "ordered_at": "2026-10-01T09:00:00-04:00",
                "documents": ["documents/reasons.pdf"],
            }
        ],
        already_provided=[
            {
                "participant": "m1",
                "documents": ["documents/reasons.pdf"],
                "by": "A. Commis",
                "at": "2026-11-20T16:00:00-05:00",
                "place": "Toronto",
                "evidence": "documents/receipt.pdf",
            }
        ],
    )
    decision["persons"][0] |= {
        "location": "in-canada",
        "detained": {"facility": "toronto-ihc"},
        "recourse": {"forum": "RAD", "basis": "IRPA 110(1)"},
    }
    decision["persons"][0]["outcome"]["removal_order"] = {
        "kind": "departure",
        "action": "existing",
        "provisions": ["IRPA 49(2)"],
    }
    decision["decision"] |= {
        "rendered_at": "2026-11-19T11:00:00.25Z",
        "heard": [{"date": "2026-10-02", "mode": "videoconference", "place": "Toronto"}],
    }
    decision["decision"]["members"][0]["signed_at"] = "2026-11-20T15:04:00-05:00"
    decision["minister"]["present_at_decision"] = False
    decision["participants"][1] |= _of_counsel()
    decision["participants"][2] |= {
        "designation": {"basis": "minor", "ends": "2030-01-01"},
        "contact": {"email": "someone@mail.example", "fax": "+14165550123", "postal": POSTAL},
    }
    decision["participants"].append(
        {"id": "u1", "roles": ["unhcr"], "made_submissions": True, "contact": {"unknown": True}}
    )
    decision["documents"][0] |= {"original": True, "persons": ["p1"], "recipients": ["m1", "c1"], "version": "full"}
    return copy.deepcopy(decision)


def _of_counsel() -> Decision:
    return {
        "name": "C. Conseil",
        "organization": "Conseil LLP",
        "attention": "Refugee desk",
        "reference": "2026-17",
        "membership": {"body": "LSO", "number": "12345P"},
        "of_record": {"since": "2026-01-12", "until": "2027-01-01", "removal": "requested"},
        "electronic": {"accepts": True, "consent": "2026-01-12", "withdrawn_at": "2026-11-01T00:00:00Z"},
        "fax_over_20_pages_consent": False,
    }


def members_of(decision: Decision) -> tuple[str, ...]:
    """The member names a package of this decision must have."""
    named = [document["path"] for document in decision.get("documents", [])]
    evidence = [one["evidence"] for one in decision.get("already_provided", []) if one.get("evidence")]
    return ("decision.json", *dict.fromkeys([*named, *evidence]))


def raw(decision: Decision) -> bytes:
    """The decision as it stands in the package."""
    return json.dumps(decision, ensure_ascii=False).encode()


def changed(decision: Decision, change: Callable[[Decision], object]) -> Decision:
    """A copy of the decision after `change` worked on it."""
    copied = copy.deepcopy(decision)
    change(copied)
    return copied


def places_of(node: Any, place: Place = ()) -> list[Place]:
    """Every place below `node`, as keys and indices."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    below = [found for key, item in inner for found in places_of(item, (*place, key))]
    return [place, *below] if place else below


def replaced(decision: Decision, place: Place, value: object) -> Decision:
    """A copy of the decision with the value at the place."""
    copied: Any = copy.deepcopy(decision)
    node = copied
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    return copied  # type: ignore[no-any-return]


def interface_example() -> Decision:
    """The example of the interface document (INTERFACE.md, «decision.json, version 1»)."""
    page = (Path(__file__).parent / "interface_example.json").read_text(encoding="utf-8")
    example: Decision = json.loads(page)
    return example
