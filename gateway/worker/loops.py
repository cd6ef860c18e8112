"""Every step over one gateway: the loops that threads run in `gateway serve` and tasks run in `gateway worker`."""

import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from gateway.application.casework import Case
from gateway.application.feed.round import FeedRound
from gateway.application.mail_room.telling_carrier import Told
from gateway.application.planning.plan import Planned
from gateway.application.sweeps import Found, Run
from gateway.bootstrap import Gateway
from gateway.domain.breaker import Outage
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.problem import Problem, ServiceDown
from gateway.logs import Log, cause_of
from gateway.ports.traces import TracedStep
from gateway.worker import figures
from gateway.worker.own_keys import KeyLook
from gateway.worker.pump import (
    CallLoop,
    DeliverLoop,
    DispatchLoop,
    Further,
    Loop,
    ReceiveLoop,
    ReconcileLoop,
    guarded,
)
from gateway.worker.queues import Queue, Wake

log = Log()

DISPATCH_BATCH = 1
"""Dispatches held at once by a plan or render loop, which takes them one after the other: a lease that runs while its
work waits for its turn would run out, and be somebody else's work as well."""
RECEIVE_BATCH = 20
RECONCILE_BATCH = 100
DROP_BATCH = 10
"""Dropped files taken in before the other maintenance has its turn again."""


class Loops:
    """The loops of one process. Each is run by one thread at a time, whoever asks: the deliver loop's connections
    belong to its event loop."""

    def __init__(self, gateway: Gateway, *, wake: Wake, ending: Callable[[], bool], in_one_hand: bool = True) -> None:
        """ending: whether nothing new is to be taken any more; what is in hand is finished. in_one_hand: whoever plans
        a package renders it as well, from what is open already; else each step is claimed by itself."""
        self.keys = KeyLook(gateway.keys_at_hand.check)
        self._ending = ending
        self._deliver = _deliver_loop(gateway, lambda: not self.may_take())
        self._all: Mapping[Queue, Loop] = {
            Queue.INTAKE: _plan_loop(gateway, wake, in_one_hand=in_one_hand),
            Queue.RENDER: _dispatch_loop(gateway, Queue.RENDER, partial(wake, Queue.DELIVER), _render(gateway)),
            Queue.DELIVER: self._deliver,
            Queue.RECEIVE: ReceiveLoop(read=gateway.receive.read, batch=RECEIVE_BATCH),
            Queue.CALL: CallLoop(call=gateway.telling.calls, batch=gateway.settings.endpoints.at_once),
            Queue.MAINTAIN: ReconcileLoop(reconcile=partial(_maintain, gateway), batch=RECONCILE_BATCH),
        }
        self._turns = {queue: threading.Lock() for queue in self._all}

    def name(self, queue: Queue) -> str:
        """What the step is called in logs and answers."""
        return self._all[queue].name

    def may_take(self) -> bool:
        """Whether something new may be taken: not while all is ending, nor while an own key is not here."""
        return not self._ending() and self.keys.may_work()

    def run_once(self, queue: Queue) -> int:
        """Does what is due of a step, or a batch of it, and says how much that was."""
        with self._turns[queue]:
            return self._all[queue].run_once() if self.may_take() else 0

    def run_until_none_due(self, queue: Queue) -> int:
        """The same until nothing of it is due any more, or all is ending."""
        done = 0
        while made := self.run_once(queue):
            done += made
        return done

    def close(self) -> None:
        """Lets go of warm connections."""
        with self._turns[Queue.DELIVER]:
            self._deliver.close()


def _maintain(gateway: Gateway, limit: int) -> int:
    """Once a day the watch over keys; checkpoints; every sweep; and the mails of our own last, so that a mail server
    that does not answer holds nothing else up."""
    found = gateway.key_watch.run_if_due()
    if found:
        log.warning("keys-found-wanting", count=found)
    _checkpoint(gateway)
    gateway.telling.endpoints.forget_if_due()
    gateway.console.forget_news.run_if_due()
    gateway.telling.notices.run_if_due()
    gateway.telling.staff_mails.run_if_due()
    _expire(gateway)
    _count(gateway)
    rest: Mapping[str, Callable[[], int]] = {
        "drop": partial(_dropped, gateway),
        **{f"sweep-{place}": partial(_sweep, sweep, limit) for place, sweep in enumerate(gateway.sweeps)},
        "feed": partial(_feed, gateway),
        "carriers": partial(_carriers, gateway),
        "exchange": partial(_exchange, gateway, limit),
        "staff-mails": partial(_staff_mails, gateway, limit),
    }
    return sum(guarded(what, work) for what, work in rest.items())


def _sweep(sweep: Run, limit: int) -> int:
    return _swept(sweep(limit))


def _swept(found: Mapping[Found, int]) -> int:
    """How much that was; counted, and told aloud where it should never be."""
    for what, count in found.items():
        if count:
            figures.swept(what, count)
    if found.get(Found.FORGOTTEN):
        log.error("deliveries-forgotten", count=found[Found.FORGOTTEN])
    return sum(found.values())


def _exchange(gateway: Gateway, limit: int) -> int:
    if gateway.exchange is None:
        return 0
    gateway.exchange.spent.run_if_due()
    moved = gateway.exchange.uncollected(limit)
    round_ = gateway.exchange.mails(limit)
    if round_.stopped is not None:
        log.error("exchange-mails-stopped", reason=round_.stopped.value)
    return moved + round_.done


def _staff_mails(gateway: Gateway, limit: int) -> int:
    if gateway.telling.send_staff_mails is None:
        return 0
    round_ = gateway.telling.send_staff_mails(limit)
    if round_.stopped is not None:
        log.error("staff-mails-stopped", reason=round_.stopped.value)
    return round_.done


def _dropped(gateway: Gateway) -> int:
    """A folder that is away for a while stops no other work."""
    if gateway.case_systems.drop is None:
        return 0
    try:
        came_to = gateway.case_systems.drop(DROP_BATCH)
    except Problem as problem:
        log.error("drop-failed", **cause_of(problem))
        return 0
    if came_to.refused:
        log.warning("dropped-files-refused", count=came_to.refused)
    return came_to.done


def _feed(gateway: Gateway) -> int:
    """A receiver's folder that is away, or a key that ran out, stops no other work."""
    feed = gateway.case_systems.feed
    if feed is None:
        return 0
    came_to = FeedRound()
    try:
        came_to = feed.run()
    except Problem as problem:
        log.error("feed-failed", **cause_of(problem))
    if came_to.refused:
        log.warning("acknowledgements-refused", count=came_to.refused)
    try:
        feed.morning.run_if_due()
    except Problem as problem:
        log.error("feed-report-failed", **cause_of(problem))
    return came_to.done


def _carriers(gateway: Gateway) -> int:
    """What a carrier's own service is owed. One that is away, or does not take us, stops no other work."""
    done = 0
    for ask in (gateway.mail_room.tell, gateway.mail_room.track):
        told = Told() if ask is None else ask()
        if told.stopped is not None:
            log.error("carrier-stopped", reason=told.stopped.value)
        done += told.done
    return done + _printing(gateway)


def _printing(gateway: Gateway) -> int:
    """A vendor whose server is away, or an answer that cannot be read, stops no other work."""
    printing = gateway.mail_room.printing
    if printing is None:
        return 0
    ordered = printing.order()
    try:
        answered = printing.answers.if_due().total()
    except Problem as problem:
        log.error("print-answers-failed", **cause_of(problem))
        answered = 0
    if ordered.stopped is not None:
        log.error("printing-stopped", **cause_of(ordered.stopped))
    return ordered.done + answered


def _count(gateway: Gateway) -> None:
    """What pages show as it was counted last. A count that fails is made by who asks for it."""
    feed = gateway.case_systems.feed
    try:
        gateway.console.figures.counting.run_if_due()
        if feed is not None:
            feed.standing.counting.run_if_due()
    except Problem as problem:
        log.error("counting-failed", **cause_of(problem))


def _expire(gateway: Gateway) -> None:
    """Once a day what was kept long enough loses its key. A vault that is away stops no other work."""
    try:
        for one in gateway.retention.run_if_due():
            figures.expired()
            log.info(f"{one.what.value}-expired", dispatch=one.dispatch, rule=one.rule)
    except Problem as problem:
        log.error("retention-failed", **cause_of(problem))


def _checkpoint(gateway: Gateway) -> None:
    """A folder that is away for a while, or a key that ran out, stops no other work."""
    try:
        gateway.evidence.checkpoints.run_if_due()
    except Problem as problem:
        log.error("checkpoint-failed", **cause_of(problem))
    try:
        stopped = gateway.evidence.stamps().stopped
    except Problem as problem:
        stopped = problem
    if stopped is not None:
        log.warning("stamps-owed", **cause_of(stopped))


def _outage(destination: str, outage: Outage) -> None:
    """By its name, which settings give: a channel's, or that of an account at a recipient's server."""
    figures.outage(destination, outage)
    log.warning("destination-outage", destination=destination, outage=outage.value)


def _deliver_loop(gateway: Gateway, ending: Callable[[], bool]) -> DeliverLoop:
    async def close() -> None:
        for channel in gateway.channels.values():
            await channel.close()

    return DeliverLoop(
        claim=gateway.claim,
        deliver=partial(_traced_deliver, gateway),
        close=close,
        batch=gateway.settings.work.concurrency,
        ending=ending,
    )


def _plan_loop(gateway: Gateway, wake: Wake, *, in_one_hand: bool) -> DispatchLoop:
    """In one hand, what follows planning is rendering, and after it come the sends."""
    after = Queue.DELIVER if in_one_hand else Queue.RENDER
    work = _plan_and_go_on(gateway) if in_one_hand else _plan(gateway)
    return _dispatch_loop(gateway, Queue.INTAKE, partial(wake, after), work)


def _dispatch_loop(
    gateway: Gateway, queue: Queue, then: Callable[[Sequence[str]], None], work: Callable[[Dispatch], Further | None]
) -> DispatchLoop:
    return DispatchLoop(
        queue=queue,
        step=_STEPS[queue],
        claim=gateway.steps.claim,
        work=work,
        within=gateway.directory.reading_once,
        postpone=gateway.steps.postpone,
        batch=DISPATCH_BATCH,
        large=gateway.large,
        then=then,
    )


_STEPS = {Queue.INTAKE: Step.PLAN, Queue.RENDER: Step.RENDER}


def _plan(gateway: Gateway) -> Callable[[Dispatch], None]:
    def run(dispatch: Dispatch) -> None:
        with gateway.traces.step(TracedStep.PLAN) as about:
            about(dispatch.id)
            gateway.plan(dispatch)

    return run


def _plan_and_go_on(gateway: Gateway) -> Callable[[Dispatch], Further]:
    """The package is read, opened and understood once for both steps."""

    def run(dispatch: Dispatch) -> Further:
        with gateway.traces.step(TracedStep.PLAN) as about:
            about(dispatch.id)
            planned = gateway.plan(dispatch, keep_for=gateway.settings.work.lease)
        return Further(queue=Queue.RENDER, dispatch=planned.case.dispatch, work=partial(render, planned))

    def render(planned: Planned) -> None:
        with gateway.traces.step(TracedStep.RENDER) as about:
            about(planned.case.dispatch.id)
            gateway.render.planned(planned)
        _outcomes(gateway, planned.case)

    return run


def _outcomes(gateway: Gateway, case: Case) -> None:
    """Its outcomes become transactions while it is open. They are owed all the same until then: what fails here is
    done by upkeep, and the step that came to its end stays at its end."""
    feed = gateway.case_systems.feed
    if feed is None:
        return
    try:
        guarded("outcomes", lambda: feed.compose.at_hand(case))
    except ServiceDown as down:
        log.error("upkeep-failed", what="outcomes", **cause_of(down))


def _render(gateway: Gateway) -> Callable[[Dispatch], None]:
    def run(dispatch: Dispatch) -> None:
        with gateway.traces.step(TracedStep.RENDER) as about:
            about(dispatch.id)
            gateway.render(dispatch)

    return run


def _traced_deliver(gateway: Gateway) -> Callable[[Delivery, Attempt], Awaitable[None]]:
    """An attempt, as a step of its dispatch's trace."""
    deliver = gateway.make_deliver(_outage)

    async def run(delivery: Delivery, attempt: Attempt) -> None:
        with gateway.traces.step(TracedStep.DELIVER) as about:
            about(delivery.dispatch, delivery=delivery.id, attempt=attempt.id)
            await deliver(delivery, attempt)

    return run
