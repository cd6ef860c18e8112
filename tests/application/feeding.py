"""The outcome feed over the stage of use cases: the real ledger, the real CMS, and the reference receiver."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.serialization import Encoding

from channels.outcome_feed.folder import FeedFolder
from gateway.application.feed.acknowledge import Acknowledge
from gateway.application.feed.batches import Batches, Patience
from gateway.application.feed.codes import gcms_codes
from gateway.application.feed.compose import Compose, ReleasePolicy
from gateway.application.feed.round import FeedRound, RunFeed, Timetable
from gateway.application.feed.standing import FeedStanding
from gateway.application.intake.drop_intake import DropIntake, Kind
from gateway.application.recalls.recall import Recall
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import Release, Transaction
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import Language
from gateway.domain.problem import Problem
from gateway.store.drop_folder import LocalDropFolder
from gateway.store.engine import SqlDatabase
from keys.document_signer import CadesSigner
from keys.feed_protection import FeedEnvelopes
from templates.problem_document import problem_document
from tests.application.stage import Stage
from tests.channels.case_servers import Afar
from tests.keys.pki import Authority, Order, rsa_key
from tests.real.case_system import CaseSystem

DAY = dt.timedelta(days=1)
CLAIMANT = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "name": "A", "contact": {"unknown": True}}


def _in_english(problem: Problem) -> Mapping[str, object]:
    return problem_document(problem, Language.EN)


class FeedStage(Stage):
    """A stage whose packages end in the feed as soon as they are accepted."""

    def __init__(
        self,
        folder: Path,
        *,
        release: Release = Release.NIGHTLY,
        hold: dt.timedelta = dt.timedelta(0),
        near_real_time: bool = False,
        gather: dt.timedelta = dt.timedelta(0),
        most: int = 1000,
        database: SqlDatabase | None = None,
        afar: Afar | None = None,
    ) -> None:
        """afar: through a server at which the folder `feed` is; without one it is reached as it lies."""
        super().__init__(folder, database=database)
        (folder / "feed").mkdir()
        authority = Authority.root()
        order = Order(name="GCMS", uses=("digital_signature", "key_encipherment"))
        self.receiver_key = authority.signer(order, rsa_key("gcms", 2048))
        self.gcms = CaseSystem(folder=folder / "feed", key=self.receiver_key, clock=self.clock.now)
        der = self.receiver_key.certificate.public_bytes(Encoding.DER)
        signer = CadesSigner(OwnKeyName.PACKAGE_ACCEPTANCE, lambda: self.acceptance)
        protection = FeedEnvelopes(signer=signer, check=lambda *_: None, receiver=der, acknowledger=der)
        self.codes = codes = dict(gcms_codes(folder, ""))
        self.compose = compose = Compose(
            database=self.database,
            vault=self.vault,
            open_case=self.open_case,
            codes=codes,
            policy=ReleasePolicy(release=release, hold=hold),
            clock=self.clock,
        )
        batches = Batches(
            database=self.database,
            vault=self.vault,
            protection=protection,
            place=FeedFolder(folder / "feed") if afar is None else afar.place,
            most=most,
            patience=Patience(ask_after=DAY, again_after=DAY),
            clock=self.clock,
        )
        take = Acknowledge(database=self.database, protection=protection, clock=self.clock)
        kind = Kind(ending=".p7s", limit=10_000_000, too_large=Code.FEED_ACKNOWLEDGEMENT_INVALID, take=take)
        here = LocalDropFolder(folder / "feed", endings=[".p7s"], where="feed.folder", quiet=0)
        self.feed = RunFeed(
            database=self.database,
            vault=self.vault,
            compose=compose,
            batches=batches,
            answers=DropIntake(
                here if afar is None else afar.answers, (kind,), refusal=lambda one: problem_document(one, Language.EN)
            ),
            timetable=Timetable(zone=ZoneInfo("America/Toronto"), hour=2, near_real_time=near_real_time, gather=gather),
            clock=self.clock,
        )
        self.standing = FeedStanding(database=self.database, vault=self.vault, codes=codes, clock=self.clock)

    def decided(self, **changes: object) -> Dispatch:
        """An accepted package whose papers are made, for the feed's sake without drawing any."""
        fresh = {"package_id": str(uuid.uuid4())} | changes
        return self.made(self.accept(**fresh))

    def made(self, dispatch: Dispatch) -> Dispatch:
        """Its papers are made."""
        with self.database.write() as tx:
            done = replace(tx.dispatches.get(dispatch.id), step=Step.DONE, next_action_at=None)
            tx.dispatches.save(done)
        return done

    def night(self) -> FeedRound:
        """The next night's round, and whatever follows at once."""
        self.clock.move(DAY)
        came_to = self.feed()
        self.feed()
        return came_to

    def recall(self, dispatch: Dispatch) -> None:
        """By a clerk."""
        Recall(database=self.database, vault=self.vault, clock=self.clock)(dispatch.id, actor="clerk", reason="Wrong")

    def answered(self) -> None:
        """The other side takes what lies there and answers all of it."""
        for path in self.gcms.arrived():
            opened = self.gcms.fetch(path)
            if opened is not None:
                self.gcms.answer(opened)
        self.feed()

    def holds(self) -> dict[str, tuple[str, ...]]:
        """The outcomes that stand with the receiver, by the dispatch that brought them."""
        held: dict[str, tuple[str, ...]] = {}
        with self.database.read() as tx:
            for name, line in self.gcms.in_force().items():
                told = tx.feed.get(name)
                assert told is not None
                held[told.dispatch] = (*held.get(told.dispatch, ()), line["outcome"])
        return held

    def ledger(self, dispatch: Dispatch) -> list[Transaction]:
        """The dispatch's transactions."""
        with self.database.read() as tx:
            return list(tx.feed.of_dispatch(dispatch.id))
