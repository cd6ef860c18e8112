"""Joins what decides on trust: directory, approvals, keyring, revocation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from channels.registry import ChannelRegistry
from gateway.application.people.approvals import Applies, Approvals
from gateway.application.people.registry import RecipientAnchors, TrustAnchors
from gateway.application.people.staff import AccountChanges, Staff
from gateway.application.recipients.directory import PinnedKey, RecipientDirectory
from gateway.application.recipients.directory_file import read_directory
from gateway.application.recipients.entry_address import ChangeEntryAddress
from gateway.application.recipients.key_lookup import KeyLookup
from gateway.application.recipients.key_watch import KeyWatch
from gateway.application.recipients.keyring import Keyring
from gateway.application.recipients.recipient_json import recipient_from_json, recipient_to_json
from gateway.application.revocation import StatusKeeper
from gateway.application.sealed import Vault
from gateway.domain.parties import ChannelName, Protection, RecipientChannel
from gateway.domain.problem import located
from gateway.domain.proposals import ChangeKind
from gateway.domain.trust import StatusSource
from gateway.ports.channels import MessageProtector
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.key_directories import KeyDirectory
from gateway.ports.keys import KeyFacts
from gateway.settings import TrustSettings
from keys.certificate_files import CertificateFiles
from keys.live import LiveOwnKeys
from keys.openpgp import OpenPgpProtector
from keys.openpgp_keys import OpenPgpKeyReader
from keys.openpgp_room import OpenPgpRoom
from keys.protectors import JoinedProtector
from keys.recipient_keys import RecipientKeys
from keys.recipient_trust import RecipientTrust
from keys.revocation import RevocationPolicy, RevocationRules
from keys.smime import SmimeProtector
from keys.status_reading import read_status
from keys.trusting_protector import TrustingProtector


@dataclass(frozen=True, kw_only=True)
class TrustParts:
    """What decides on trust, joined."""

    rules: RevocationRules
    status: StatusKeeper
    protector: TrustingProtector
    directory: RecipientDirectory
    approvals: Approvals
    staff: Staff
    keyring: Keyring
    entry_address: ChangeEntryAddress
    key_watch: KeyWatch
    lookup: KeyLookup


def join_trust(
    *,
    settings: TrustSettings,
    source: KeyDirectory | None,
    database: Database,
    vault: Vault,
    protector: MessageProtector,
    openpgp: OpenPgpKeyReader,
    own: Callable[[], Sequence[tuple[str, KeyFacts]]],
    others: Mapping[ChangeKind, Applies],
    clock: Clock,
) -> TrustParts:
    """Joins them. `protector` encrypts where trust allows it; `openpgp` reads OpenPGP keys; `source`: where others
    keep certificates; `own` gives our keys by name; `others`: further changes that take two people."""
    status = _status(settings, database, vault, clock)
    rules = RevocationRules(
        policy=RevocationPolicy(settings.revocation), max_age=settings.max_age or None, published=status
    )
    recipient_anchors, anchors = RecipientAnchors(database=database), TrustAnchors(database=database)
    trust = RecipientTrust(anchors=recipient_anchors.now, rules=rules)
    directory = RecipientDirectory(
        database=database, vault=vault, encode=recipient_to_json, decode=recipient_from_json, key_of=_pinned_key
    )
    kinds: dict[ChangeKind, Applies] = {
        **dict.fromkeys((ChangeKind.RECIPIENT, ChangeKind.OWN_KEY), directory),
        ChangeKind.ANCHOR: anchors,
        ChangeKind.RECIPIENT_ANCHOR: recipient_anchors,
        ChangeKind.ACCOUNT: AccountChanges(),
    }
    approvals = Approvals(database=database, vault=vault, kinds=kinds | dict(others), clock=clock)
    keys = RecipientKeys(trust=trust, openpgp=openpgp)
    joined = _Joined(
        directory=directory, anchors=anchors, recipient_anchors=recipient_anchors, keys=keys, own=own, clock=clock
    )
    keyring = _keyring(joined, approvals)
    return TrustParts(
        rules=rules,
        status=status,
        protector=TrustingProtector(protector, trust),
        directory=directory,
        approvals=approvals,
        staff=Staff(database=database, approvals=approvals, clock=clock),
        keyring=keyring,
        entry_address=_entry_address(joined, database, approvals),
        key_watch=_key_watch(joined, database, status),
        lookup=KeyLookup(source=source, directory=directory, keyring=keyring, keys=keys, clock=clock),
    )


def joined_protector(own: LiveOwnKeys, room: OpenPgpRoom, openpgp: OpenPgpKeyReader) -> JoinedProtector:
    """What encrypts, by the protection that the recipient's profile names."""
    return JoinedProtector(
        {
            Protection.SMIME: SmimeProtector(lambda: own.current().mail_signing),
            Protection.OPENPGP: OpenPgpProtector(lambda: own.current().openpgp, room, openpgp),
        }
    )


@dataclass(frozen=True, kw_only=True)
class _Joined:
    """What the keyring and its watch both look at."""

    directory: RecipientDirectory
    anchors: TrustAnchors
    recipient_anchors: RecipientAnchors
    keys: RecipientKeys
    own: Callable[[], Sequence[tuple[str, KeyFacts]]]
    clock: Clock


def _keyring(joined: _Joined, approvals: Approvals) -> Keyring:
    certificates = CertificateFiles()
    return Keyring(
        certificates=certificates,
        directory=joined.directory,
        anchors=joined.anchors,
        recipient_anchors=joined.recipient_anchors,
        keys=joined.keys,
        approvals=approvals,
        read_directory=lambda raw, read: read_directory(
            raw,
            read_certificate=partial(_certificate, certificates, read),
            read_public_key=read,
            # Those of others too, as soon as they are installed: an address may be known before its way is opened.
            channel_types={*ChannelName, *ChannelRegistry().names},
        ),
        own=joined.own,
        clock=joined.clock,
    )


def _entry_address(joined: _Joined, database: Database, approvals: Approvals) -> ChangeEntryAddress:
    return ChangeEntryAddress(
        database=database, directory=joined.directory, keys=joined.keys, approvals=approvals, clock=joined.clock
    )


def _key_watch(joined: _Joined, database: Database, status: StatusKeeper) -> KeyWatch:
    return KeyWatch(
        database=database,
        certificates=CertificateFiles(),
        directory=joined.directory,
        anchors=joined.anchors,
        recipient_anchors=joined.recipient_anchors,
        own=joined.own,
        keys=joined.keys,
        renew=status.renew,
        clock=joined.clock,
    )


def _status(settings: TrustSettings, database: Database, vault: Vault, clock: Clock) -> StatusKeeper:
    def fetch(sources: Sequence[StatusSource]) -> Mapping[StatusSource, bytes]:
        from keys.status_fetch import HttpStatusFetcher  # with its HTTP client, which only those need who ask

        return HttpStatusFetcher(time_limit=settings.fetch_time_limit, max_bytes=settings.fetch_limit)(sources)

    read = partial(read_status, max_age=settings.max_age or None)
    return StatusKeeper(database=database, vault=vault, fetch=fetch, read=read, clock=clock)


def _pinned_key(way: RecipientChannel) -> PinnedKey | None:
    if way.certificate is not None:
        facts = CertificateFiles().facts(way.certificate)
        return PinnedKey(key=facts.key, fingerprint=facts.fingerprint, addresses=facts.emails)
    if way.public_key is not None and way.fingerprint is not None:
        return PinnedKey(key=f"openpgp:{way.fingerprint}", fingerprint=way.fingerprint)
    return None


def _certificate(certificates: CertificateFiles, read: Callable[[str], bytes], path: str) -> bytes:
    with located(path):
        return certificates.to_der(read(path))
