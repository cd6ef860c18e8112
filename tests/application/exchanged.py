"""The exchange over the stage: the real channel, the real store and sealing, and a mailer that keeps what it sends."""

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from channels.secure_upload.channel import SecureUpload
from channels.secure_upload.clerks_folder import FilesForClerk
from gateway.application.exchange.accounts import ExchangeAccounts
from gateway.application.exchange.clerks_work import ClearClerksFolder, ConfirmUpload
from gateway.application.exchange.collect import CollectFromExchange
from gateway.application.exchange.consents import Consents
from gateway.application.exchange.delegates import Delegates, Person
from gateway.application.exchange.leave import LeaveInExchange
from gateway.application.exchange.mails import SendExchangeMails
from gateway.application.exchange.own_keys import OwnKeysOfRecipients
from gateway.application.exchange.passkeys import Passkeys
from gateway.application.exchange.provider import SignInByProvider
from gateway.application.exchange.sign_in import SignedIn, SignIn
from gateway.application.exchange.spent import ForgetSpent
from gateway.application.exchange.tokens import ExchangeTokens
from gateway.application.exchange.uncollected import MoveUncollected
from gateway.application.people.registry import RecipientAnchors, TrustAnchors
from gateway.application.recalls.recall import Recall
from gateway.application.recalls.recall_report import RecallReports
from gateway.application.recipients.keyring import Keyring
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, Delivery, HandedOver
from gateway.domain.digest import sha256
from gateway.domain.failures import AttemptFailure
from gateway.domain.identity import AskedOfProvider, Vouched
from gateway.domain.parties import Language, Protection, RecipientChannel
from gateway.domain.problem import InputRefused, Problem
from gateway.ports.exchange import PaperToLeave
from gateway.ports.keys import KeyFacts, KeyStanding
from gateway.ports.mails import PlainLetter, Send
from gateway.store.engine import SqlDatabase
from keys.certificate_files import CertificateFiles
from keys.passkeys import WebAuthnCeremony
from templates.exchange_mail import ExchangeTexts
from tests.application.stage import Stage
from tests.channels.uploads import URL, connect, upload_settings

NAMED_URL = "https://exchange.gw.test/exchange"
"""An address that passkeys can be bound to."""
ACCOUNT, ADDRESS = "cbsa-gta", "hearings@cbsa.gw.test"


class KeepingMailer:
    """`PlainMailer` in memory. `fails`: what it answers instead of taking a mail."""

    def __init__(self) -> None:
        self.sent: list[PlainLetter] = []
        self.fails: AttemptFailure | None = None

    @contextmanager
    def round(self) -> Iterator[Send]:
        """See `PlainMailer`."""
        yield self._send

    def _send(self, letter: PlainLetter) -> AttemptResult:
        if self.fails is not None:
            return self.fails
        self.sent.append(letter)
        return HandedOver(words="250 Ok")


class VouchingProvider:
    """`IdentityProvider` without a network: vouches that it is `who`, whose account's claim is `named`."""

    def __init__(self) -> None:
        self.who = self.named = ""
        self.groups: tuple[str, ...] = ()
        self.fails: Problem | None = None
        self.asked: list[AskedOfProvider] = []

    def address(self, asked: AskedOfProvider, redirect: str) -> str:
        """See `IdentityProvider`."""
        self.asked.append(asked)
        return f"https://idp.test/?back={redirect}"

    def identity(self, code: str, asked: AskedOfProvider, redirect: str) -> str:
        """See `IdentityProvider`."""
        if self.fails is not None:
            raise self.fails
        return self.who

    def vouched(self, code: str, asked: AskedOfProvider, redirect: str, *, account: str, groups: str) -> Vouched:
        """See `IdentityProvider`."""
        said = frozenset(self.groups) if groups else frozenset()
        return Vouched(identity=self.identity(code, asked, redirect), account=self.named, groups=said)

    def check(self) -> None:
        """See `IdentityProvider`."""
        if self.fails is not None:
            raise self.fails


class PinnedAsTheyAre:
    """`RecipientKeys` that finds good what looks like a certificate. Stands in for the keys room, which has its own
    tests."""

    def pinned(self, way: RecipientChannel, raw: bytes, fingerprint: str | None) -> RecipientChannel:
        """See `RecipientKeys`."""
        if not raw.startswith(b"-----BEGIN CERTIFICATE"):
            raise InputRefused(Code.KEY_UNREADABLE)
        return replace(way, protection=Protection.SMIME, certificate=raw)

    def facts(self, way: RecipientChannel) -> KeyFacts | None:
        """See `RecipientKeys`."""
        if way.certificate is None:
            return None
        digest = sha256(way.certificate).removeprefix("sha256:")
        ends = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
        return KeyFacts(
            fingerprint=digest, key=digest, not_before=ends, not_after=ends, key_type="RSA", key_size=3072, emails=()
        )

    def standing(self, way: RecipientChannel, at: dt.datetime) -> KeyStanding | None:
        """See `RecipientKeys`."""
        return None


class LateExchange:
    """What the channel is given before the stage it leads into stands."""

    into: LeaveInExchange

    async def leave(self, reference: str, account: str, papers: list[PaperToLeave]) -> object:
        """See `Exchange`."""
        return await self.into.leave(reference, account, papers)

    def left_at(self, reference: str) -> object:
        """See `Exchange`."""
        return self.into.left_at(reference)


class Exchanged(Stage):
    """A gateway whose one channel is the exchange."""

    def __init__(self, folder: Path, database: SqlDatabase | None = None) -> None:
        """database: an empty one; by default SQLite in the folder."""
        late = LateExchange()
        self.clerks_folder = FilesForClerk(folder / "connect")
        upload = SecureUpload(upload_settings(), late, connect(self.clerks_folder))  # type: ignore[arg-type]
        super().__init__(folder, upload, database=database)
        joined = {"database": self.database, "clock": self.clock}
        late.into = self.leave = LeaveInExchange(vault=self.vault, **joined)  # type: ignore[arg-type]
        self.mailer = KeepingMailer()
        self.confirm_upload = ConfirmUpload(vault=self.vault, folder=self.clerks_folder, **joined)  # type: ignore[arg-type]
        self.clear = ClearClerksFolder(database=self.database, folder=self.clerks_folder)
        self.sign_in = SignIn(**joined)  # type: ignore[arg-type]
        self.collect = CollectFromExchange(vault=self.vault, **joined)  # type: ignore[arg-type]
        self.consents = Consents(
            directory=self.directory.all,
            held_back=self.parties.held_back,
            **joined,  # type: ignore[arg-type]
        )
        self.own_keys = OwnKeysOfRecipients(
            directory=self.directory.all,
            keyring=self._keyring(),
            vault=self.vault,
            **joined,  # type: ignore[arg-type]
        )
        self.idp = VouchingProvider()
        self.by_provider = SignInByProvider(provider=self.idp, url=NAMED_URL, vault=self.vault, **joined)  # type: ignore[arg-type]
        self.tokens = ExchangeTokens(**joined)  # type: ignore[arg-type]
        self.spent = ForgetSpent(**joined)  # type: ignore[arg-type]
        self.delegates = Delegates(vault=self.vault, **joined)  # type: ignore[arg-type]
        ceremony = WebAuthnCeremony(
            NAMED_URL, "Registry", whose="exchange account", refused=Code.EXCHANGE_PASSKEY_REFUSED
        )
        self.passkeys = Passkeys(ceremony=lambda: ceremony, vault=self.vault, **joined)  # type: ignore[arg-type]
        self.accounts = ExchangeAccounts(approvals=self.approvals, vault=self.vault, **joined)  # type: ignore[arg-type]
        self.recall = Recall(vault=self.vault, **joined)  # type: ignore[arg-type]
        self.report = RecallReports(database=self.database)
        self.uncollected = MoveUncollected(vault=self.vault, **joined)  # type: ignore[arg-type]
        texts = ExchangeTexts(URL)
        self.mails = SendExchangeMails(
            mailer=self.mailer,
            link_text=texts.link,
            notice_text=texts.notice,
            news_text=texts.news,
            database=self.database,
            vault=self.vault,
            clock=self.clock,
        )

    def _keyring(self) -> Keyring:
        return Keyring(
            certificates=CertificateFiles(),
            directory=self.directory,
            anchors=TrustAnchors(database=self.database),
            recipient_anchors=RecipientAnchors(database=self.database),
            keys=PinnedAsTheyAre(),
            approvals=self.approvals,
            read_directory=lambda *_: (),
            own=tuple,
            clock=self.clock,
        )

    def verified(self, name: str = ACCOUNT, address: str = ADDRESS) -> str:
        """An account whose owner was checked; their code."""
        return self.accounts.verified(
            name, address=address, language=Language.EN, method="video call", actor="alice", reason="seen"
        ).code

    def delegate(self, account: str = ACCOUNT, address: str = "clerk@firm.gw.test") -> str:
        """A delegate whom the account's holder named and the Registry checked; the secret of their session."""
        name = self.delegates.name(account, Person(name="D. Delegate", address=address)).name
        return self.signed_in(self.verified(name, address), address).secret

    def to_leave(self, **changes: object) -> Delivery:
        """A delivery whose papers are made."""
        self.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT))
        return self.planned_and_rendered(**changes)

    def left(self, **changes: object) -> Delivery:
        """A delivery whose papers lie in the exchange."""
        delivery = self.to_leave(**changes)
        self.deliver()
        return self.delivery(delivery.id)

    def mail(self) -> int:
        """How many mails were due."""
        return self.mails(100).done

    def link(self, address: str = ADDRESS) -> str:
        """The secret of a link that was asked for and came by mail."""
        self.sign_in.ask(address)
        self.mail()
        found = re.search(r"link=(\S+)", self.mailer.sent[-1].text)
        assert found
        return found[1]

    def signed_in(self, code: str, address: str = ADDRESS) -> SignedIn:
        """Whoever has both."""
        signed_in = self.sign_in.enter(self.link(address), code)
        assert signed_in is not None
        return signed_in


def damage(on: Exchanged, table: str, column: str, value: bytes = bytes(40)) -> bytes:
    """What stood there; now there stands what no seal opens."""
    with closing(sqlite3.connect(on.folder / "gateway.db")) as connection, connection:
        (stood,) = connection.execute(f"SELECT {column} FROM {table}").fetchone()
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
    return bytes(stood)
