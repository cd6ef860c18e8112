"""Joins the exchange, where it is set up, and the way into it that the channel is given."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from channels.mail.mailer import SmtpMailer
from channels.secure_upload.settings import SecureUploadSettings
from gateway.application.exchange.accounts import ExchangeAccounts
from gateway.application.exchange.collect import CollectFromExchange
from gateway.application.exchange.consents import Consents
from gateway.application.exchange.delegates import Delegates
from gateway.application.exchange.mails import SendExchangeMails
from gateway.application.exchange.own_keys import OwnKeysOfRecipients
from gateway.application.exchange.passkeys import Passkeys
from gateway.application.exchange.provider import SignInByProvider
from gateway.application.exchange.sign_in import SignIn
from gateway.application.exchange.spent import ForgetSpent
from gateway.application.exchange.tokens import ExchangeTokens
from gateway.application.exchange.uncollected import MoveUncollected
from gateway.bootstrap.base import Base
from gateway.bootstrap.others_exchanges import look_at_others
from gateway.bootstrap.providers import sign_in_by_provider
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.ports.passkeys import PasskeyCeremony
from templates.exchange_mail import ExchangeTexts


@dataclass(frozen=True, kw_only=True)
class ExchangeParts:
    """The exchange of one home. `secure`: whether browsers reach it by https. `look_at_others`: tries each account that
    we have in exchanges of others."""

    sign_in: SignIn
    collect: CollectFromExchange
    accounts: ExchangeAccounts
    delegates: Delegates
    consents: Consents
    tokens: ExchangeTokens
    keys: OwnKeysOfRecipients
    spent: ForgetSpent
    mails: SendExchangeMails
    uncollected: MoveUncollected
    passkeys: Passkeys | None
    """None where the exchange has no name that they can be bound to."""
    provider: SignInByProvider | None
    """None where the settings name nobody who vouches for people."""
    secure: bool
    look_at_others: Callable[[], None]


def exchange(base: Base) -> ExchangeParts | None:
    """None where `[channels.secure-upload]` does not stand. Raises SetupWrong (settings.invalid)."""
    table = base.settings.channels.get(ChannelName.SECURE_UPLOAD.value)
    if table is None:
        return None
    settings = SecureUploadSettings.read(table)
    texts = ExchangeTexts(settings.url)
    return ExchangeParts(
        sign_in=SignIn(database=base.database, clock=base.clock),
        collect=CollectFromExchange(database=base.database, vault=base.vault, clock=base.clock, traces=base.traces),
        accounts=ExchangeAccounts(
            database=base.database, vault=base.vault, approvals=base.trust.approvals, clock=base.clock
        ),
        consents=Consents(
            database=base.database,
            directory=base.trust.directory.all,
            held_back=base.parties.held_back,
            clock=base.clock,
        ),
        tokens=ExchangeTokens(database=base.database, clock=base.clock),
        keys=OwnKeysOfRecipients(
            database=base.database,
            vault=base.vault,
            directory=base.trust.directory.all,
            keyring=base.trust.keyring,
            clock=base.clock,
        ),
        spent=ForgetSpent(database=base.database, clock=base.clock),
        delegates=Delegates(database=base.database, vault=base.vault, clock=base.clock),
        mails=SendExchangeMails(
            mailer=SmtpMailer(settings.server(base.home), settings.sender),
            link_text=texts.link,
            notice_text=texts.notice,
            news_text=texts.news,
            database=base.database,
            vault=base.vault,
            clock=base.clock,
        ),
        uncollected=MoveUncollected(database=base.database, vault=base.vault, clock=base.clock),
        passkeys=_passkeys(base, settings) if settings.has_name else None,
        provider=sign_in_by_provider(base, settings.url),
        secure=settings.secure,
        look_at_others=look_at_others(base),
    )


def _passkeys(base: Base, settings: SecureUploadSettings) -> Passkeys:
    @cache
    def ceremony() -> PasskeyCeremony:
        from keys.passkeys import WebAuthnCeremony

        return WebAuthnCeremony(
            settings.url,
            base.settings.gateway.organization,
            whose="exchange account",
            refused=Code.EXCHANGE_PASSKEY_REFUSED,
        )

    return Passkeys(ceremony=ceremony, database=base.database, vault=base.vault, clock=base.clock)
