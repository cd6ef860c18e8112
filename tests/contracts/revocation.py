"""What every `StatusRecords` and `Watch` keep to."""

from dataclasses import replace

from gateway.domain.key_findings import KeyFault, KeyFinding, KeyOwner
from gateway.domain.trust import StatusKind, fingerprint_of
from gateway.ports.database import Database
from gateway.ports.revocation import GIVEN, StatusRecord
from tests.contracts.samples import MINUTE, NOW, an_anchor

RECORD = StatusRecord(
    source="http://ca.test/1.crl",
    kind=StatusKind.CRL,
    url="http://ca.test/1.crl",
    request=b"",
    subject="",
    digest="sha256:ab",
    fetched_at=NOW,
    fresh_until=NOW + 9 * MINUTE,
    sealed=b"\x00list",
)
FINDING = KeyFinding(
    owner=KeyOwner.RECIPIENT,
    whose="cbsa",
    fingerprint="12" * 32,
    fault=KeyFault.EXPIRES_IN_7_DAYS,
    until=NOW + MINUTE,
    deliveries=("d1", "d2"),
)


class RevocationContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_the_newest_answer_of_a_source_is_found_and_older_ones_stay(self, database: Database) -> None:
        newer = replace(RECORD, digest="sha256:cd", fetched_at=NOW + MINUTE, sealed=b"newer")
        with database.write() as tx:
            assert tx.status.newest(RECORD.source) is None
            tx.status.keep(newer)
            tx.status.keep(RECORD)
            assert tx.status.newest(RECORD.source) == newer
            assert tx.status.by_digest(RECORD.digest) == RECORD
            assert tx.status.by_digest("sha256:ef") is None

    def test_the_same_answer_again_is_one_record_with_the_newer_moment(self, database: Database) -> None:
        again = replace(RECORD, fetched_at=NOW + MINUTE, fresh_until=NOW + 20 * MINUTE)
        with database.write() as tx:
            tx.status.keep(RECORD)
            tx.status.keep(again)
            assert tx.status.newest(RECORD.source) == again

    def test_an_authority_is_kept_once_and_found_by_its_fingerprint(self, database: Database) -> None:
        with database.write() as tx:
            tx.status.keep_issuers([])
            tx.status.keep_issuers([b"one", b"two"])
            tx.status.keep_issuers([b"two"])
            assert tx.status.issuer(fingerprint_of(b"two")) == b"two"
            assert tx.status.issuer(fingerprint_of(b"three")) is None

    def test_what_ends_soon_is_told_by_source_and_what_was_given_never(self, database: Database) -> None:
        other = replace(RECORD, source="http://ca.test/2.crl", url="http://ca.test/2.crl", digest="sha256:cd")
        late = replace(other, digest="sha256:ef", fetched_at=NOW + MINUTE, fresh_until=NOW + 99 * MINUTE)
        given = replace(RECORD, source=GIVEN, url=GIVEN, digest="sha256:01")
        with database.write() as tx:
            for one in (RECORD, other, late, given):
                tx.status.keep(one)
            assert tx.status.ending(before=NOW + 10 * MINUTE) == [RECORD]
            assert tx.status.ending(before=NOW + 9 * MINUTE) == []

    def test_one_of_several_begins_a_watch(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.watch.begun_at("keys") is None
            assert tx.watch.begin("keys", now=NOW, every=9 * MINUTE)
            assert not tx.watch.begin("keys", now=NOW + 8 * MINUTE, every=9 * MINUTE)
            assert tx.watch.begun_at("keys") == NOW
            assert tx.watch.begin("keys", now=NOW + 9 * MINUTE, every=9 * MINUTE)

    def test_findings_replace_the_former_ones(self, database: Database) -> None:
        with database.write() as tx:
            tx.watch.replace([FINDING, replace(FINDING, whose="unhcr", deliveries=())])
            assert [one.whose for one in tx.watch.findings()] == ["cbsa", "unhcr"]
            assert tx.watch.count() == 2
            tx.watch.replace([FINDING])
            assert tx.watch.findings() == [FINDING]
            tx.watch.replace([])
            assert tx.watch.findings() == []

    def test_an_anchor_for_recipients_stands_beside_those_for_packages(self, database: Database) -> None:
        mine = an_anchor(divisions=frozenset())
        newer = an_anchor(divisions=frozenset(), crls=(), trusted_at=NOW + MINUTE)
        with database.write() as tx:
            assert tx.registry.recipient_anchors_changed() is None
            tx.registry.put_recipient_anchor(mine)
            assert tx.registry.recipient_anchors() == [mine]
            assert tx.registry.anchors() == []
            tx.registry.put_recipient_anchor(newer)
            assert tx.registry.recipient_anchors() == [newer]
            assert tx.registry.recipient_anchors_changed() == NOW + MINUTE
