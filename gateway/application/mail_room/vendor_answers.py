"""What the print and mail vendor made of a manifest, item by item: what was spoiled is made anew, what is missing or
was made twice calls a person.

Nothing is made anew on an account that its vendor did not sign, before the vendor was told not to make or mail the
former envelope, or once a carrier was seen to have that.
"""

import datetime as dt
from collections import Counter
from dataclasses import replace

from gateway.application import contexts
from gateway.application.mail_room.taking_out import TakeOut, Unfit
from gateway.application.mail_room.vendor_account import account_fault, read_account
from gateway.application.mail_room.vendor_withdrawals import WithdrawFromVendor
from gateway.application.rounds import Round
from gateway.application.sealed import Vault, data_key
from gateway.domain.delivery import DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem
from gateway.domain.print_order import PrintOrder, PrintOutcome, PrintState, reconciled
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.scan import ScanMeaning
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.printing import PrintVendor, SignedAnswers

ACTOR = "print-vendor"
EVERY = dt.timedelta(minutes=5)
_NAME = "print-answers"
_NO_FILE = "none"
_SCANS = 100
_NOT_THERE = frozenset({PrintState.OPEN, PrintState.MADE})
"""States in which no vendor can account for a manifest: no slip names anything of it."""
_WAITING = frozenset({DeliveryState.BATCHED, DeliveryState.HANDED_OVER})


class TakeVendorAnswers:
    """Takes in what lies there. The same answer again changes nothing."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        vendor: PrintVendor,
        take_out: TakeOut,
        signed: SignedAnswers | None,
        withdraw: WithdrawFromVendor,
        clock: Clock,
    ) -> None:
        """signed: reads what the vendor signs; None: it signs nothing. withdraw: sees to what was taken out meanwhile,
        before an answer is taken for the end of an order."""
        self._signed = signed
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._vault = vault
        self._vendor = vendor
        self._take_out = take_out
        self._withdraw = withdraw
        self._clock = clock

    def if_due(self) -> Counter[PrintOutcome]:
        """The same every few minutes, by whichever process comes first."""
        if not self._round.begins(self._clock.now()):
            return Counter()
        return self()

    def __call__(self) -> Counter[PrintOutcome]:
        """What items came to. Raises ServiceDown, SetupWrong (sftp.*), InputRefused (scans.file-invalid, signature.*,
        feed.signer): of a file that cannot be read or is not the vendor's; it lies there still, for a person, and held
        none of the others up."""
        outcomes, refused = Counter[PrintOutcome](), list[InputRefused]()
        self._withdraw()
        with self._vendor.answers() as answers:
            for answer in answers:
                try:
                    outcomes += self.take(answer.content)
                except InputRefused as problem:
                    refused.append(problem)
                    continue
                answer.let_go()
        if refused:
            raise refused[0]
        return outcomes

    def check(self) -> None:
        """Looks into the vendor's folders, and takes nothing. Raises ServiceDown, SetupWrong (sftp.*)."""
        self._vendor.lies(_NO_FILE, "", 0)
        with self._vendor.answers():
            pass

    def take(self, content: bytes) -> Counter[PrintOutcome]:
        """One answer. Raises InputRefused (scans.file-invalid, signature.*, feed.signer), ServiceDown, SetupWrong
        (sftp.*)."""
        said = content if self._signed is None else self._signed.acknowledgement(content, self._clock.now())
        number, told = read_account(said)
        with self._database.look_up() as tx:
            order, items = tx.print_orders.get(number), tx.manifests.items(number)
        if order is None or order.state in _NOT_THERE:
            raise account_fault("manifest", number)
        if order.answer is not None:
            if order.answer == sha256(said):
                return Counter()
            raise account_fault("manifest", "one answer")
        outcomes, strangers = reconciled([one.piece or "" for one in items], told)
        if strangers:
            raise account_fault("piece", "a piece of the manifest")
        for item in items:
            self._settle(item, outcomes[item.piece or ""])
        self._end(order, content, said, Counter(outcomes.values()))
        return Counter(outcomes.values())

    def _settle(self, item: BatchedItem, outcome: PrintOutcome) -> None:
        if outcome is PrintOutcome.PRINTED:
            return
        if outcome is PrintOutcome.SPOILED and self._may_be_made_anew(item):
            self._withdraw.tell(item)
            found = Unfit(codes=(item.reference,), why=outcome.value, anew=True)
            if self._take_out.unfit(item, found, actor=ACTOR):
                return
        self._call(item, outcome)

    def _may_be_made_anew(self, item: BatchedItem) -> bool:
        if self._signed is None:
            return False
        with self._database.look_up() as tx:
            scans = tx.scans.find(delivery=item.delivery, limit=_SCANS)
            batched = tx.deliveries.get(item.delivery).state is DeliveryState.BATCHED
        return batched and all(one.attempt != item.attempt or one.meaning is ScanMeaning.NOTED for one in scans)

    def _call(self, item: BatchedItem, outcome: PrintOutcome) -> None:
        with self._database.write() as tx:
            before = tx.deliveries.get(item.delivery, lock=True)
            own = tx.deliveries.attempts(item.delivery)[-1].id == item.attempt
            if before.state not in _WAITING or not own or before.reason is Reason.MAIL_PRINT_DOUBTED:
                return
            tx.deliveries.save(replace(before, reason=Reason.MAIL_PRINT_DOUBTED))
            tx.records.append(
                Event(
                    name=EventName.PERSON_CALLED,
                    at=self._clock.now(),
                    actor=ACTOR,
                    dispatch=item.dispatch,
                    delivery=item.delivery,
                    attempt=item.attempt,
                    facts={"reason": Reason.MAIL_PRINT_DOUBTED.value, "outcome": outcome.value},
                )
            )

    def _end(self, order: PrintOrder, account: bytes, said: bytes, outcomes: Counter[PrintOutcome]) -> None:
        """account: as it came, which is kept; said: what the vendor signed in it, or the same."""
        facts: dict[str, str | int | bool] = {
            "manifest": order.manifest,
            "answer": sha256(said),
            "account": sha256(account),
        }
        facts |= {outcome.value: outcomes[outcome] for outcome in PrintOutcome}
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        with self._vault.keeping() as put:
            context = contexts.print_account(order.manifest)
            kept = [put(key, context, one) for one in dict.fromkeys((account, said))]
            with self._database.write() as tx:
                stands = tx.print_orders.get(order.manifest, lock=True) or order
                answered = replace(stands, state=PrintState.ANSWERED, answer=sha256(said), objects=())
                tx.print_orders.save(replace(answered, account=kept[0], said=kept[-1]))
                event = Event(name=EventName.PRINTING_ANSWERED, at=self._clock.now(), actor=ACTOR, facts=facts)
                tx.records.append(event)
        for one in order.objects:  # they hold decisions, and are needed no more
            self._vault.delete(one)
