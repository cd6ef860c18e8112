"""What is wrong with a home, and how to mend it: each check by itself, so that one broken part hides no other."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from gateway.application.sending.destinations import unanswering
from gateway.application.views import View
from gateway.bootstrap import Gateway, broker_url, key_folder, open_gateway
from gateway.checks import Check, Detail, Finding, Name
from gateway.domain.codes import Code
from gateway.domain.delivery import NEEDING_PERSON
from gateway.domain.dispatch import Step
from gateway.domain.feed import STAFF_WORK, unanswered
from gateway.domain.key_findings import KeyOwner
from gateway.domain.problem import Problem, ServiceDown
from gateway.mail_room_checks import carrier_service, mail_room, print_vendor
from gateway.ports.watch import BACKUP
from gateway.traces import lacks_extra
from gateway.worker.broker import Broker
from keys.certificate_files import CertificateFiles

LEAST_FREE = 1_000_000_000
"""Bytes of free space below which `doctor` warns."""
LONGEST_WAIT = dt.timedelta(minutes=1)
"""For how long due work may wait before `doctor` warns: workers look for it each second."""
LONGEST_UNSEEN = dt.timedelta(minutes=5)
"""For how long nobody may have looked into a mailbox before `doctor` warns: workers do so each minute at least."""
LONGEST_UNTOLD = dt.timedelta(minutes=15)
"""For how long an endpoint may not have been told of a change before `doctor` warns."""
LONGEST_UNSTAMPED = dt.timedelta(minutes=15)
"""For how long a checkpoint may be without its time stamp before `doctor` warns."""
LONGEST_WITHOUT_BACKUP = dt.timedelta(days=2)
"""How old the last backup may be before `doctor` warns: one is taken each night."""


def examine(home: Path) -> Iterator[Check]:
    """Every check. When the home cannot be opened, that is the last one."""
    try:
        gateway = open_gateway(home)
    except Problem as problem:
        yield Check(name=Name.HOME, finding=Finding.WRONG, problem=problem)
        return
    try:
        yield Check(name=Name.HOME)
        for name, look in _CHECKS.items():
            try:
                yield look(gateway, home)
            except Problem as problem:
                yield Check(name=name, finding=Finding.WRONG, problem=problem)
    finally:
        gateway.close()


def _keys(gateway: Gateway, home: Path) -> Check:
    gateway.keys_at_hand.check()
    expired = _expired(gateway, "own")
    if expired:
        return Check(
            name=Name.KEYS, finding=Finding.WRONG, detail=Detail.OWN_EXPIRED, facts={"name": str(expired[0]["whose"])}
        )
    ending = min(gateway.key_watch.own_findings(), key=lambda one: one.until, default=None)
    if ending is not None:
        facts = {"name": ending.whose, "until": ending.until.astimezone().date().isoformat()}
        return Check(name=Name.KEYS, finding=Finding.WARNING, detail=Detail.OWN_EXPIRING, facts=facts)
    if key_folder(home, gateway.settings).resolve().is_relative_to(home.resolve()):
        return Check(name=Name.KEYS, finding=Finding.WARNING, detail=Detail.KEYS_INSIDE_HOME)
    return Check(name=Name.KEYS)


def _vault(gateway: Gateway, _: Path) -> Check:
    gateway.vault.check()
    return Check(name=Name.VAULT)


def _space(_: Gateway, home: Path) -> Check:
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        facts = {"megabytes": free // 1_000_000}
        return Check(name=Name.SPACE, finding=Finding.WARNING, detail=Detail.SPACE, facts=facts)
    return Check(name=Name.SPACE)


def _trust(gateway: Gateway, _: Path) -> Check:
    with gateway.database.read() as tx:
        trusted = tx.registry.anchors()
    if not trusted:
        return Check(name=Name.TRUST, finding=Finding.WARNING, detail=Detail.NO_ANCHOR)
    now, certificates = gateway.clock.now(), CertificateFiles()
    stale = [one for one in trusted for crl in one.anchor.crls if certificates.list_ends(crl) <= now]
    if stale:
        facts: dict[str, str | int] = {"count": len(stale), "first": stale[0].anchor.fingerprint}
        return Check(name=Name.TRUST, finding=Finding.WRONG, detail=Detail.LIST_STALE, facts=facts)
    return Check(name=Name.TRUST)


def _channels(gateway: Gateway, _: Path) -> Check:
    if not gateway.channels:
        return Check(name=Name.CHANNELS, finding=Finding.WARNING, detail=Detail.NO_CHANNEL)
    return Check(name=Name.CHANNELS)


def _rules(gateway: Gateway, _: Path) -> Check:
    undecided = gateway.router.rules.rules.undecided()
    if undecided:
        facts = {"count": len(undecided)}
        return Check(
            name=Name.RULES, finding=Finding.WARNING, detail=Detail.UNDECIDED, facts=facts, undecided=undecided
        )
    return Check(name=Name.RULES)


def _pauses(gateway: Gateway, _: Path) -> Check:
    now = gateway.clock.now()
    with gateway.database.read() as tx:
        paused = [one for one in tx.registry.pauses() if one.until > now]
    if paused:
        facts = {"channel": paused[0].channel, "reason": paused[0].reason}
        return Check(name=Name.PAUSES, finding=Finding.WRONG, detail=Detail.PAUSED, facts=facts)
    return Check(name=Name.PAUSES)


def _destinations(gateway: Gateway, _: Path) -> Check:
    silent = unanswering(gateway.database)
    if silent:
        since = silent[0].breaker.since or gateway.clock.now()
        facts = {"channel": silent[0].name, "since": since.astimezone().isoformat(" ", "minutes")}
        return Check(name=Name.DESTINATIONS, finding=Finding.WRONG, detail=Detail.UNANSWERED, facts=facts)
    return Check(name=Name.DESTINATIONS)


def _recipients(gateway: Gateway, _: Path) -> Check:
    expired = _expired(gateway, "recipient")
    if expired:
        facts: dict[str, str | int] = {"count": len(expired), "first": str(expired[0]["whose"])}
        return Check(name=Name.RECIPIENTS, finding=Finding.WARNING, detail=Detail.EXPIRED, facts=facts)
    found = [one for one in gateway.key_watch.last() if one.owner is KeyOwner.RECIPIENT]
    if found:
        facts = {"count": len(found), "first": found[0].whose}
        return Check(name=Name.RECIPIENTS, finding=Finding.WARNING, detail=Detail.KEYS_WANTING, facts=facts)
    return Check(name=Name.RECIPIENTS)


def _directory(gateway: Gateway, _: Path) -> Check:
    """Only a warning when it is away: nothing but a person's question goes there."""
    try:
        gateway.lookup.check()
    except ServiceDown as problem:
        return Check(name=Name.DIRECTORY, finding=Finding.WARNING, problem=problem)
    return Check(name=Name.DIRECTORY)


def _steps(gateway: Gateway, _: Path) -> Check:
    with gateway.database.read() as tx:
        stuck = tx.dispatches.count_by_step().get(Step.STUCK, 0)
    if stuck:
        return Check(name=Name.STEPS, finding=Finding.WRONG, detail=Detail.STUCK, facts={"count": stuck})
    return Check(name=Name.STEPS)


def _work(gateway: Gateway, _: Path) -> Check:
    with gateway.database.read() as tx:
        counts, overdue = tx.deliveries.count_by_state(), sum(tx.deliveries.count_overdue().values())
        not_yet = tx.deliveries.count_waiting_for_report()
    waiting = overdue - not_yet + sum(count for state, count in counts.items() if state in NEEDING_PERSON)
    if waiting:
        return Check(name=Name.WORK, finding=Finding.WARNING, detail=Detail.NEEDS_PERSON, facts={"count": waiting})
    return Check(name=Name.WORK)


def _receipts(gateway: Gateway, _: Path) -> Check:
    with gateway.database.read() as tx:
        waiting = tx.incoming.count_for_person()
    if waiting:
        return Check(name=Name.RECEIPTS, finding=Finding.WARNING, detail=Detail.CAME_BACK, facts={"count": waiting})
    return Check(name=Name.RECEIPTS)


def _broker(gateway: Gateway, home: Path) -> Check:
    """Only a warning when it is away: the work goes on without it."""
    if gateway.settings.gateway.broker:
        try:
            Broker(broker_url(home, gateway.settings)).check()
        except ServiceDown as problem:
            return Check(name=Name.BROKER, finding=Finding.WARNING, problem=problem)
    return Check(name=Name.BROKER)


def _waiting(gateway: Gateway, _: Path) -> Check:
    with gateway.database.read() as tx:
        due = tx.deliveries.next_action_at()
    late = gateway.clock.now() - due if due else dt.timedelta()
    if late > LONGEST_WAIT:
        facts = {"minutes": int(late.total_seconds() // 60)}
        return Check(name=Name.WAITING, finding=Finding.WARNING, detail=Detail.LATE, facts=facts)
    return Check(name=Name.WAITING)


_LYING: Mapping[Code | None, Detail] = {
    Code.RECEIPT_TOO_LARGE: Detail.LYING,
    Code.MAILBOX_MESSAGE: Detail.NOT_GIVEN_OUT,
}
"""What lies in a mailbox and is not taken in."""


def _mailboxes(gateway: Gateway, _: Path) -> Check:
    """Each is looked into here and now, and asked when a worker did so last."""
    for collect in gateway.collects:
        with collect.mailbox.visit():
            pass
    with gateway.database.read() as tx:
        stands = [one for one in tx.mailboxes.all() if one.name in {each.mailbox.name for each in gateway.collects}]
    for one in stands:
        if (detail := _LYING.get(one.problem)) is not None:
            return Check(name=Name.MAILBOXES, finding=Finding.WRONG, detail=detail, facts={"mailbox": one.name})
        silence = gateway.clock.now() - one.looked_at if one.looked_at else dt.timedelta()
        if silence > LONGEST_UNSEEN:
            facts: dict[str, str | int] = {"mailbox": one.name, "minutes": int(silence.total_seconds() // 60)}
            return Check(name=Name.MAILBOXES, finding=Finding.WARNING, detail=Detail.UNSEEN, facts=facts)
    return Check(name=Name.MAILBOXES)


def _exchanges(gateway: Gateway, _: Path) -> Check:
    """Each account that we have in exchanges of others is tried here and now; of ours, what is not told."""
    if gateway.exchange is not None:
        gateway.exchange.look_at_others()
    with gateway.database.read() as tx:
        mails = tx.exchange.untold()
    silence = gateway.clock.now() - mails.since if mails is not None else dt.timedelta()
    if mails is not None and silence > LONGEST_UNTOLD:
        facts: dict[str, str | int] = {"count": mails.count, "minutes": int(silence.total_seconds() // 60)}
        return Check(name=Name.EXCHANGES, finding=Finding.WARNING, detail=Detail.MAILS_UNTOLD, facts=facts)
    return Check(name=Name.EXCHANGES)


def _providers(gateway: Gateway, _: Path) -> Check:
    """Those who vouch for recipients and for staff: without them, who has no other way does not sign in."""
    if gateway.exchange is not None and gateway.exchange.provider is not None:
        gateway.exchange.provider.check()
    if gateway.console.provider is not None:
        gateway.console.provider.check()
    return Check(name=Name.PROVIDERS)


def _sign_in(gateway: Gateway, _: Path) -> Check:
    """TLS is a proxy's: unnamed, it hides where tries to sign in come from."""
    if gateway.console.secure and not gateway.settings.web.proxies:
        return Check(name=Name.SIGN_IN, finding=Finding.WARNING, detail=Detail.NO_PROXIES)
    return Check(name=Name.SIGN_IN)


def _endpoints(gateway: Gateway, _: Path) -> Check:
    """Those that are called no more need a person; of those that do not answer an operator should know."""
    now = gateway.clock.now()
    for one in gateway.telling.endpoints.all():
        facts: dict[str, str | int] = {"endpoint": one.endpoint.id}
        if one.endpoint.suspended_at is not None:
            facts |= {"since": one.endpoint.suspended_at.astimezone().isoformat(" ", "minutes")}
            return Check(name=Name.ENDPOINTS, finding=Finding.WRONG, detail=Detail.SUSPENDED, facts=facts)
        if one.untold is not None and now - one.untold.since > LONGEST_UNTOLD:
            facts |= {"minutes": int((now - one.untold.since).total_seconds() // 60)}
            return Check(name=Name.ENDPOINTS, finding=Finding.WARNING, detail=Detail.UNTOLD, facts=facts)
    with gateway.database.read() as tx:
        mails = tx.staff_mails.untold()
    if mails is not None and now - mails.since > LONGEST_UNTOLD:
        facts = {"count": mails.count, "minutes": int((now - mails.since).total_seconds() // 60)}
        return Check(name=Name.ENDPOINTS, finding=Finding.WARNING, detail=Detail.STAFF_UNTOLD, facts=facts)
    return Check(name=Name.ENDPOINTS)


def _ledger(gateway: Gateway, _: Path) -> Check:
    """Whoever may write the database can remove its newest events together with the checkpoints over them."""
    if not gateway.settings.evidence.checkpoints:
        return Check(name=Name.LEDGER, finding=Finding.WARNING, detail=Detail.LEDGER_ALONE)
    return Check(name=Name.LEDGER)


def _stamps(gateway: Gateway, _: Path) -> Check:
    """Only a warning when some are owed: checkpoints stand without."""
    gateway.evidence.stamps.check()
    with gateway.database.read() as tx:
        owed = tx.ledger.owed_stamps()
    if owed is not None and gateway.clock.now() - owed.since > LONGEST_UNSTAMPED:
        facts: dict[str, str | int] = {"count": owed.count, "since": owed.since.astimezone().isoformat(" ", "minutes")}
        return Check(name=Name.STAMPS, finding=Finding.WARNING, detail=Detail.UNSTAMPED, facts=facts)
    return Check(name=Name.STAMPS)


def _backup(gateway: Gateway, _: Path) -> Check:
    with gateway.database.read() as tx:
        taken = tx.watch.begun_at(BACKUP)
    if taken is None:
        return Check(name=Name.BACKUP, finding=Finding.WARNING, detail=Detail.NO_BACKUP)
    if gateway.clock.now() - taken > LONGEST_WITHOUT_BACKUP:
        facts = {"since": taken.astimezone().isoformat(" ", "minutes")}
        return Check(name=Name.BACKUP, finding=Finding.WARNING, detail=Detail.OLD_BACKUP, facts=facts)
    return Check(name=Name.BACKUP)


def _drop(gateway: Gateway, _: Path) -> Check:
    """Whoever dropped a refused file was told why; it lies there until somebody took it away."""
    refused = gateway.case_systems.drop.refused() if gateway.case_systems.drop is not None else 0
    if refused:
        facts: dict[str, str | int] = {"count": refused}
        return Check(name=Name.DROP, finding=Finding.WARNING, detail=Detail.DROP_REFUSED, facts=facts)
    return Check(name=Name.DROP)


def _feed(gateway: Gateway, _: Path) -> Check:
    """Also of a feed that is no longer set up: what it owed is owed."""
    with gateway.database.read() as tx:
        silent = [one for one in tx.feed.batches(unfinished=True) if unanswered(one)]
        work = tx.feed.count(STAFF_WORK)
    if silent:
        facts: dict[str, str | int] = {"count": len(silent), "first": silent[0].sequence}
        return Check(name=Name.FEED, finding=Finding.WARNING, detail=Detail.FEED_UNANSWERED, facts=facts)
    if work:
        return Check(name=Name.FEED, finding=Finding.WARNING, detail=Detail.FEED_WORK, facts={"count": work})
    return Check(name=Name.FEED)


def _accounts(gateway: Gateway, _: Path) -> Check:
    if gateway.approvals.in_bootstrap:
        return Check(name=Name.ACCOUNTS, finding=Finding.WARNING, detail=Detail.BOOTSTRAP)
    waiting = len(gateway.approvals.all(open_only=True))
    if waiting:
        facts = {"count": waiting}
        return Check(name=Name.ACCOUNTS, finding=Finding.WARNING, detail=Detail.APPROVALS_WAIT, facts=facts)
    return Check(name=Name.ACCOUNTS)


def _traces(_: Gateway, __: Path) -> Check:
    """Without the extra the work goes on untraced, and but one line of the log at each start would say so."""
    if lacks_extra(os.environ):
        return Check(name=Name.TRACES, finding=Finding.WARNING, detail=Detail.TRACES_EXTRA)
    return Check(name=Name.TRACES)


def _expired(gateway: Gateway, what: str) -> Sequence[View]:
    return [row for row in gateway.keyring.all() if row["what"] == what and row["expired"]]


_CHECKS: Mapping[Name, Callable[[Gateway, Path], Check]] = {
    Name.KEYS: _keys,
    Name.VAULT: _vault,
    Name.SPACE: _space,
    Name.TRUST: _trust,
    Name.CHANNELS: _channels,
    Name.RULES: _rules,
    Name.PAUSES: _pauses,
    Name.DESTINATIONS: _destinations,
    Name.RECIPIENTS: _recipients,
    Name.DIRECTORY: _directory,
    Name.STEPS: _steps,
    Name.WORK: _work,
    Name.RECEIPTS: _receipts,
    Name.BROKER: _broker,
    Name.WAITING: _waiting,
    Name.MAILBOXES: _mailboxes,
    Name.EXCHANGES: _exchanges,
    Name.PROVIDERS: _providers,
    Name.SIGN_IN: _sign_in,
    Name.ENDPOINTS: _endpoints,
    Name.LEDGER: _ledger,
    Name.STAMPS: _stamps,
    Name.BACKUP: _backup,
    Name.MAIL_ROOM: mail_room,
    Name.CARRIER_SERVICE: carrier_service,
    Name.PRINT_VENDOR: print_vendor,
    Name.DROP: _drop,
    Name.FEED: _feed,
    Name.ACCOUNTS: _accounts,
    Name.TRACES: _traces,
}
