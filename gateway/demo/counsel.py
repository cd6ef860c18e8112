"""Counsel who has an account in the exchange: their identity was checked, and they collect what was left for them as
any counsel does, by a link that comes by mail and the code they were given."""

import email
import email.policy
import re
from dataclasses import dataclass, field

from gateway.application.exchange.collect import CollectFromExchange
from gateway.bootstrap import Gateway
from gateway.bootstrap.exchange import ExchangeParts
from gateway.demo.inbox import Check, CheckFailed, OpenedDocument, pages_of
from gateway.demo.mail_server import Mailbox
from gateway.domain.digest import sha256
from gateway.domain.parties import Language

NAME = "counsel-30718q"
ADDRESS = "files@quenby-marsh.example"
OPENED_WITH = "link-and-code"
_METHOD = "passport shown at the counter"
_MAILS = 10
_LINK = re.compile(r"http\S+[?&]link=(\S+)")


@dataclass(frozen=True, kw_only=True)
class Counsel:
    """code: given to them when they showed who they are."""

    name: str
    address: str
    code: str = field(repr=False)


def verify_counsel(gateway: Gateway, *, actor: str) -> Counsel:
    """Opens their account, as `gateway exchange verify` does."""
    verified = _exchange(gateway).accounts.verified(
        NAME, address=ADDRESS, language=Language.EN, method=_METHOD, actor=actor, reason=None
    )
    return Counsel(name=NAME, address=ADDRESS, code=verified.code)


def link_in(content: bytes) -> str | None:
    """The whole link of a mail that holds one."""
    found = _LINK.search(_text(content))
    return found[0] if found else None


def is_plain(content: bytes) -> bool:
    """Whether it is a mail of the exchange, which holds nothing of a case, and no sealed one."""
    return email.message_from_bytes(content, policy=email.policy.default).get_content_type() == "text/plain"


def collect_as_counsel(
    gateway: Gateway, mailbox: Mailbox, counsel: Counsel, *, delivery: str, expected: list[str]
) -> list[OpenedDocument]:
    """The documents of one delivery, the same as `expected` by their digests. Raises CheckFailed."""
    exchange = _exchange(gateway)
    before = len(mailbox.messages)
    exchange.sign_in.ask(counsel.address)
    exchange.mails(_MAILS)
    mails = [one for one in mailbox.messages[before:] if one.recipients == (counsel.address,) and one.protected]
    links = [found[1] for one in mails if (found := _LINK.search(_text(one.content)))]
    if len(links) != 1 or exchange.sign_in.enter(links[0], counsel.code) is None:
        raise CheckFailed(Check.OPENS)
    documents = _taken(exchange.collect, counsel, delivery)
    if [sha256(one.content) for one in documents] != expected:
        raise CheckFailed(Check.SAME)
    return documents


def _taken(collect: CollectFromExchange, counsel: Counsel, delivery: str) -> list[OpenedDocument]:
    entries = [one.entry for one in collect.all(counsel.name) if one.entry.delivery == delivery]
    if len(entries) != 1:
        raise CheckFailed(Check.CAME)
    (entry,) = entries
    documents = []
    for place, document in enumerate(entry.documents):
        content = b"".join(collect.document(counsel.name, entry.id, place).parts)
        documents.append(OpenedDocument(name=document.name, content=content, pages=pages_of(content)))
    return documents


def _text(content: bytes) -> str:
    body = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _exchange(gateway: Gateway) -> ExchangeParts:
    """Which the stage sets up."""
    assert gateway.exchange is not None  # noqa: S101  (the stage's own settings)
    return gateway.exchange
