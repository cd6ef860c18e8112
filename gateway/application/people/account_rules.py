"""The limits of accounts and of signing in as data: `sign_in.toml`."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from gateway.application.rules import read_rules, rule_text
from gateway.domain.rate import Rate


@dataclass(frozen=True, kw_only=True)
class AddressLimit:
    """`[address]`: tries in vain from one address."""

    at_once: int = field(metadata={"ge": 1, "le": 1000})
    again_after_seconds: int = field(metadata={"ge": 1, "le": 86_400})
    source: str = field(metadata={"min_length": 1})
    source_fr: str = field(metadata={"min_length": 1})

    @property
    def rate(self) -> Rate:
        """As arithmetic."""
        return Rate(interval=dt.timedelta(seconds=self.again_after_seconds), burst=self.at_once)


@dataclass(frozen=True, kw_only=True)
class AccountLimit:
    """`[account]`: when an account that nobody uses is dormant."""

    dormant_after_days: int = field(metadata={"ge": 1, "le": 3650})
    source: str = field(metadata={"min_length": 1})
    source_fr: str = field(metadata={"min_length": 1})

    @property
    def dormant_after(self) -> dt.timedelta:
        """Since it was last used."""
        return dt.timedelta(days=self.dormant_after_days)


@dataclass(frozen=True, kw_only=True)
class NewsLimit:
    """`[news]`: how long what a person is told of their sign-in is kept."""

    read_kept_days: int = field(metadata={"ge": 0, "le": 3650})
    unread_kept_days: int = field(metadata={"ge": 30, "le": 3650})
    source: str = field(metadata={"min_length": 1})
    source_fr: str = field(metadata={"min_length": 1})

    @property
    def read_kept(self) -> dt.timedelta:
        """Since it happened, once it was read."""
        return dt.timedelta(days=self.read_kept_days)

    @property
    def unread_kept(self) -> dt.timedelta:
        """Since it happened, where nobody read it."""
        return dt.timedelta(days=self.unread_kept_days)


@dataclass(frozen=True, kw_only=True)
class SignInFile:
    """`sign_in.toml`."""

    address: AddressLimit
    account: AccountLimit
    news: NewsLimit


@cache
def _file() -> SignInFile:
    name = "sign_in.toml"
    return read_rules(name, rule_text(name), SignInFile)


def address_rate() -> Rate:
    """How often one address may try in vain."""
    return _file().address.rate


def news_rules() -> NewsLimit:
    """How long news of a sign-in are kept."""
    return _file().news


def account_rules() -> AccountLimit:
    """When an account is dormant."""
    return _file().account
