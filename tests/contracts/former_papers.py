"""What every `FormerPapersStore` keeps to."""

from gateway.ports.database import Database
from gateway.ports.former_papers import FormerPapers
from tests.contracts.samples import a_document, stored_deliveries


class FormerPapersContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_was_set_aside_stays_in_order_with_whom_it_was_for(self, database: Database) -> None:
        first, second = stored_deliveries(database, {}, {})
        message = a_document(first.id, 0, kind=None, pages=None, language=None)
        earlier, later = [message, a_document(first.id, 1)], [a_document(first.id, 0)]
        other = a_document(second.id, 0)
        with database.write() as tx:
            tx.records.add_documents([*earlier, other])
            assert tx.former_papers.stand([first.id, second.id, "none"]) == {first.id, second.id}
            assert tx.former_papers.stand([second.id]) == {second.id}
            tx.parties.put_planned(first.id, b"whom")
            assert tx.former_papers.set_aside(first.id, fence=2) == 1
            tx.records.drop_documents(first.id)
            tx.records.add_documents(later)
        with database.write() as tx:
            tx.parties.put_planned(first.id, b"another")
            assert tx.former_papers.set_aside(first.id, fence=2) == 2
            assert tx.former_papers.set_aside(second.id, fence=1) == 1
        with database.read() as tx:
            assert tx.records.documents(first.id) == later, "they stand until others take their place"
            assert tx.former_papers.of_delivery(first.id) == [
                FormerPapers(delivery=first.id, turn=1, fence=2, planned_for=b"whom", documents=earlier),
                FormerPapers(delivery=first.id, turn=2, fence=2, planned_for=b"another", documents=later),
            ]
            assert tx.former_papers.of_delivery(second.id) == [
                FormerPapers(delivery=second.id, turn=1, fence=1, planned_for=None, documents=[other])
            ]

    def test_where_no_papers_stand_none_are_set_aside(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        with database.write() as tx:
            assert tx.former_papers.set_aside(delivery.id, fence=0) == 0
            assert tx.former_papers.stand([delivery.id]) == tx.former_papers.stand([]) == set()
        with database.read() as tx:
            assert tx.former_papers.of_delivery(delivery.id) == []
