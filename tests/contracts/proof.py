"""What every `ProofPapers` keeps to."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import NoSuchThing
from gateway.domain.proof import ProofKind, ProofPaper
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, stored_deliveries


def a_paper(delivery: str, **changes: Any) -> ProofPaper:
    """A draft of a statement."""
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "delivery": delivery,
        "attempt": "a1",
        "kind": ProofKind.STATEMENT,
        "language": Language.FR,
        "officer": "mtremblay",
        "made_at": NOW,
        "made_by": "clerk",
        "given": b"sealed",
        "digest": "sha256:" + "ab" * 32,
        "object_name": uuid.uuid4().hex,
    }
    return ProofPaper(**{**values, **changes})


class ProofContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_officers_said_is_overwritten_and_that_there_were_papers_stays(self, database: Database) -> None:
        one, other = stored_deliveries(database, {}, {})
        gone, stays = a_paper(one.id, data_key="evidence/1"), a_paper(other.id)
        with database.write() as tx:
            tx.proof.put(gone)
            tx.proof.put(stays)
            tx.proof.erase([one.id])
        with database.read() as tx:
            assert tx.proof.get(gone.id) == replace(gone, given=b"")
            assert tx.proof.get(stays.id) == stays

    def test_a_new_draft_takes_the_place_of_the_one_before(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        first, again = a_paper(delivery.id), a_paper(delivery.id, officer="other")
        beside = a_paper(delivery.id, attempt="a2")
        with database.write() as tx:
            for paper in (first, beside, again):
                tx.proof.put(paper)
        with database.read() as tx:
            assert tx.proof.of_deliveries([delivery.id]) == [again, beside]
            with pytest.raises(NoSuchThing) as missing:
                tx.proof.get(first.id)
        assert missing.value.code is Code.PAPER_UNKNOWN

    def test_what_is_signed_is_no_draft_any_more_and_is_signed_once(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        paper = a_paper(delivery.id)
        signed = replace(paper, signed_at=NOW + MINUTE, signed_by="mtremblay", digest="sha256:" + "cd" * 32)
        with database.write() as tx:
            tx.proof.put(paper)
            assert tx.proof.drafts() == tx.proof.drafts("mtremblay") == [paper]
            assert tx.proof.drafts("other") == []
            assert tx.proof.get(paper.id, lock=True) == paper
            tx.proof.save_signed(signed)
            tx.proof.save_signed(replace(signed, signed_by="other"))
        with database.read() as tx:
            assert tx.proof.get(paper.id) == signed
            assert tx.proof.drafts() == []
