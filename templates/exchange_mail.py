"""The exchange's own mails, in both official languages' own words: no name, no file number, nothing of a decision."""

from gateway.domain.exchange import ExchangeMailKind
from gateway.domain.parties import Language
from gateway.ports.papers import MessageText
from templates.catalogue import text


class ExchangeTexts:
    """Texts with the address of the exchange, `https://…/exchange`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def link(self, language: Language, secret: str) -> MessageText:
        """The mail with a link to sign in; it opens nothing without the code."""
        return self._mail("link", language, f"{self._url}/{language.value}/enter?link={secret}")

    def notice(self, language: Language, reference: str | None = None) -> MessageText:
        """Something is left. The address is that of the exchange, and signs nobody in. reference: the reader's own."""
        kind = "notice" if reference is None else "notice-with-reference"
        return self._mail(kind, language, f"{self._url}/{language.value}", reference=reference or "")

    def news(self, language: Language, kind: ExchangeMailKind) -> MessageText:
        """Something of the account was changed. The address is that of the exchange, and signs nobody in."""
        return self._mail(kind.value, language, f"{self._url}/{language.value}")

    def _mail(self, kind: str, language: Language, address: str, **facts: str) -> MessageText:
        subject = text("exchange", f"{kind}.subject", language)
        words = text("exchange", f"{kind}.text", language, address=address, **facts)
        return MessageText(subject=subject, text=words + "\n")
