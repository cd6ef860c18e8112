"""What the exchange's pages are made of: texts of one language, moments and sizes as a person reads them."""

import datetime as dt

from fastapi.responses import HTMLResponse

from gateway.application.dates.office_dates import zone_of
from gateway.application.exchange.collect import Left
from gateway.application.exchange.delegates import Named
from gateway.application.exchange.own_keys import OwnKey
from gateway.bootstrap import Gateway
from gateway.domain.account_consent import AccountConsent
from gateway.domain.entry_note import EntryNote
from gateway.domain.exchange import Entry
from gateway.domain.exchange_tokens import ExchangeToken
from gateway.domain.parties import Language
from gateway.domain.passkeys import Passkey
from gateway.web import frame
from gateway.web.safety import guard
from templates.catalogue import text
from templates.formats import format_date, format_number, format_time, format_zone
from templates.words import capitalized, division_code

_KILO = 1000


class Pages:
    """The pages of one home in one language."""

    def __init__(self, gateway: Gateway, language: Language, *, secure: bool) -> None:
        self._gateway = gateway
        self._language = language
        self._secure = secure

    def page(self, name: str, *, status: int = 200, here: str = "", **facts: object) -> HTMLResponse:
        """One page. `here`: where the other language's page is, below the language."""
        other = Language.FR if self._language is Language.EN else Language.EN
        html = (
            frame.environment("gateway.web.exchange", "pages")
            .get_template(f"{name}.html")
            .render(
                t=self._text,
                language=self._language.value,
                other=other.value,
                root="/exchange",
                home=f"/exchange/{self._language.value}",
                there=f"/exchange/{other.value}{here}",
                **facts,
            )
        )
        response = HTMLResponse(html, status, {"Content-Language": self._language.value})
        guard(response, secure=self._secure)
        return response

    def listed(self, left: Left) -> dict[str, object]:
        """What one card of the list shows."""
        entry, files, note = left.entry, left.conversation.files, left.note or EntryNote()
        return {
            "id": entry.id,
            "title": self._text("list.file", files=", ".join(files), count=len(files)),
            "division": division_code(left.conversation.division, self._language),
            "left": self._text("list.left", moment=self._moment(entry.left_at)),
            "standing": _standing(entry),
            "withdrawn": entry.retracted_at
            and self._text("list.withdrawn-on", moment=self._moment(entry.retracted_at)),
            "acknowledged": entry.acknowledged_at
            and self._text("list.acknowledged", moment=self._moment(entry.acknowledged_at)),
            "reference": note.reference and self._text("list.reference", reference=note.reference),
            "unreadable": left.note is None,
            "limits": [
                {"period": capitalized(one.period), "trigger": one.trigger, "provision": one.provision}
                for one in (limit.words(self._language) for limit in note.limits)
            ],
            "documents": [
                self._text("list.download", name=one.name, size=self._size(one.size)) for one in entry.documents
            ],
            "all": self._text(
                "list.download-all",
                count=len(entry.documents),
                size=self._size(sum(one.size for one in entry.documents)),
            ),
        }

    def delegate(self, named: Named) -> dict[str, object]:
        """What one line of the delegates shows."""
        return {
            "id": named.delegate.name,
            "name": named.person.name,
            "address": named.person.address,
            "standing": self._text("delegates.checked" if named.checked else "delegates.waiting"),
            "named": self._text("delegates.named-on", moment=self._moment(named.delegate.named_at)),
        }

    def consent(self, last: AccountConsent | None) -> str:
        """What was last said, as a sentence."""
        if last is None:
            return self._text("consent.nothing")
        return self._text("consent.accepts" if last.accepts else "consent.refuses", moment=self._moment(last.at))

    def own_key(self, standing: OwnKey | None) -> dict[str, object] | None:
        """How the key stands, as sentences."""
        if standing is None:
            return None
        waiting = [self._text("keys.waiting", moment=self._moment(one)) for one in standing.waiting]
        if standing.key is None:
            return {"now": self._text("keys.none"), "fingerprint": "", "waiting": waiting}
        said = self._text("keys.now", kind=str(standing.key["key"]))
        return {"now": said, "fingerprint": standing.key["fingerprint"], "waiting": waiting}

    def token(self, token: ExchangeToken) -> dict[str, object]:
        """What one line of the tokens shows."""
        used, unused = token.used_at, self._text("tokens.unused")
        return {
            "id": token.id,
            "made": self._text("tokens.made-on", moment=self._moment(token.made_at)),
            "expires": self._text("tokens.expires-on", moment=self._moment(token.expires_at)),
            "used": self._text("tokens.used-on", moment=self._moment(used)) if used else unused,
        }

    def passkey(self, passkey: Passkey) -> dict[str, object]:
        """What one line of the passkeys shows."""
        added, used, unused = passkey.added_at, passkey.used_at, self._text("passkeys.unused")
        return {
            "id": passkey.id,
            "added": self._text("passkeys.added-on", moment=self._moment(added)),
            "used": self._text("passkeys.used-on", moment=self._moment(used)) if used else unused,
        }

    def _text(self, key: str, **facts: str | int) -> str:
        return text("exchange", key, self._language, **facts)

    def _moment(self, moment: dt.datetime) -> str:
        """On the clock of the home's office."""
        here = moment.astimezone(zone_of(self._gateway.settings.gateway.office))
        return self._text(
            "list.moment",
            date=format_date(here.date(), self._language),
            time=format_time(here.time(), self._language),
            zone=format_zone(here, self._language),
        )

    def _size(self, size: int) -> str:
        return self._text("page.unit", number=format_number(max(1, round(size / _KILO)), self._language))


def _standing(entry: Entry) -> str:
    if entry.retracted_at is not None:
        return "withdrawn"
    if entry.collected:
        return "collected"
    return "some" if entry.taken else "new"
