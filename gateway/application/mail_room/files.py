"""What a closed manifest needs on paper and in the carrier's system, made from what is kept whenever it is asked for.

Nothing of it is kept: the same manifest gives the same files, so that what was lost on the way is simply made again.
One envelope is open at a time.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.kept_json import from_kept
from gateway.application.mail_room.standing import states_of
from gateway.application.office_dates import today_at, zone_of
from gateway.application.sealed import DataKey, Vault, data_key, package_key
from gateway.domain.codes import Code
from gateway.domain.envelope import Envelope
from gateway.domain.manifest import BatchedItem, CarriageTerms, ItemState, Manifest
from gateway.domain.parties import ChannelName, Language
from gateway.domain.problem import SetupWrong
from gateway.ports import registry_papers as papers
from gateway.ports.database import Database

_LABELS = 50
"""In one file: a printer takes it whole, and so does memory."""
_MOST_TO, _MOST_LINES = 3, 5


@dataclass(frozen=True, kw_only=True)
class MailFile:
    """A file; its name tells the manifest and the place on it, and nobody's name."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class _Envelope:
    """An item with what stands on it; None of what was taken out of the manifest."""

    item: BatchedItem
    envelope: Envelope | None


class ManifestFiles:
    """Makes the files one after the other."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        terms: Mapping[str, CarriageTerms],
        printer: papers.RegistryPrinter,
    ) -> None:
        self._database = database
        self._vault = vault
        self._terms = terms
        self._printer = printer

    def __call__(
        self, number: str, language: Language, *, seen: Callable[[], None] = lambda: None
    ) -> Iterator[MailFile]:
        """The manifest for the driver, the lists for the carrier, the labels, and one file for each envelope. What the
        carrier's own service made takes the place of our labels, and goes with our manifest.
        seen: called for each envelope.

        Raises NoSuchThing (manifest.unknown), Conflict (retention.expired), SetupWrong (settings.invalid: the office
        has no sender's lines; seal.*), InputRefused (document.missing-glyph).
        """
        with self._database.read() as tx:
            manifest, items = tx.manifests.get(number), tx.manifests.items(number)
            states = states_of(tx, items)
            labels = tx.carriages.labels([one.attempt for one in items])
            carriage, key = tx.carriages.get(number), data_key(tx.registry, contexts.EVIDENCE_KEY)
        sender = self._sender(manifest)
        envelopes = []
        for item in items:
            there = states[item.attempt] is not ItemState.WITHDRAWN
            envelopes.append(_Envelope(item=item, envelope=self._open(item) if there else None))
        yield MailFile(name=f"{number}.pdf", content=self._printer.draw(_paper(manifest, envelopes, language)).content)
        listed = [one for one in envelopes if one.envelope is not None]
        yield MailFile(name=f"{number}.csv", content=_csv(manifest, listed))
        yield MailFile(name=f"{number}.json", content=_json(manifest, listed))
        for place, paper in enumerate(carriage.papers if carriage else (), start=1):
            content = self._vault.get(key, contexts.carrier_manifest(number), paper)
            yield MailFile(name=f"{number}-carrier-{place:02d}.pdf", content=content)
        ours = [one for one in listed if one.item.attempt not in labels]
        for start in range(0, len(ours), _LABELS):
            some = [_label(manifest, one, sender, language) for one in ours[start : start + _LABELS]]
            content = self._printer.draw(papers.MailingLabels(labels=tuple(some))).content
            yield MailFile(name=f"{number}-labels-{start // _LABELS + 1:02d}.pdf", content=content)
        for one in listed:
            if one.item.attempt in labels:
                yield self._carriers_label(number, one.item, labels[one.item.attempt])
            yield MailFile(name=f"{number}-{one.item.place:04d}.pdf", content=self._packet(one.item))
            seen()

    def _sender(self, manifest: Manifest) -> tuple[str, ...]:
        terms = self._terms.get(manifest.channel)
        lines = terms.return_to.get(manifest.office) if terms else None
        if lines is None:
            where = f"channels.{manifest.channel}.return_to.{manifest.office}"
            raise SetupWrong(Code.SETTINGS_INVALID, where=where)
        return lines

    def _open(self, item: BatchedItem) -> Envelope:
        sealed = self._vault.open(self._key(item), contexts.envelope(item.attempt), item.envelope)
        return from_kept(Envelope, sealed, where=item.attempt)

    def _carriers_label(self, number: str, item: BatchedItem, label: str) -> MailFile:
        content = self._vault.get(self._key(item), contexts.label(item.attempt), label)
        return MailFile(name=f"{number}-{item.place:04d}-label.pdf", content=content)

    def _packet(self, item: BatchedItem) -> bytes:
        with self._database.look_up() as tx:
            attempts = tx.deliveries.attempts(item.delivery)
        own = next(one for one in attempts if one.id == item.attempt)
        return self._vault.get(self._key(item), contexts.sent(own.id), own.sent_object or "")

    def _key(self, item: BatchedItem) -> DataKey:
        with self._database.look_up() as tx:
            return package_key(tx.registry, tx.dispatches.get(item.dispatch))


def _paper(manifest: Manifest, envelopes: Sequence[_Envelope], language: Language) -> papers.Manifest:
    return papers.Manifest(
        number=manifest.number,
        carrier=manifest.carrier,
        service=ChannelName(manifest.channel),
        office=manifest.office,
        language=language,
        closed_at=manifest.closed_at,
        zone=zone_of(manifest.office),
        items=tuple(
            papers.ManifestItem(
                piece=one.item.piece or one.item.reference,
                destination=one.envelope.address if one.envelope else None,
                sheets=one.item.sheets,
            )
            for one in envelopes
        ),
    )


def _label(manifest: Manifest, one: _Envelope, sender: tuple[str, ...], language: Language) -> papers.MailingLabel:
    if one.envelope is None:
        raise LookupError(one.item.attempt)  # what was taken out is not listed
    return papers.MailingLabel(
        envelope=one.envelope,
        sender=sender,
        service=ChannelName(manifest.channel),
        piece=one.item.piece or one.item.reference,
        language=language,
        made_on=today_at(manifest.office, manifest.closed_at),
    )


def _row(one: _Envelope) -> dict[str, object]:
    """An item as the carrier's system takes it."""
    envelope = one.envelope
    if envelope is None:
        raise LookupError(one.item.attempt)
    address = envelope.address
    return {
        "place": one.item.place,
        "piece": one.item.piece,
        "to": list(envelope.to),
        "lines": list(address.lines),
        "municipality": address.municipality,
        "province": address.province,
        "postal_code": address.postal_code,
        "country": address.country,
        "pages": one.item.pages,
        "sheets": one.item.sheets,
    }


def _json(manifest: Manifest, listed: Sequence[_Envelope]) -> bytes:
    told = {
        "schema": "manifest/1",
        "manifest": manifest.number,
        "carrier": manifest.carrier,
        "service": manifest.channel,
        "office": manifest.office,
        "closed_at": manifest.closed_at.isoformat(),
        "items": [_row(one) for one in listed],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _csv(manifest: Manifest, listed: Sequence[_Envelope]) -> bytes:
    """A line an item, UTF-8; to whom and the lines of an address in as many columns as there may be."""
    to = [f"to_{number}" for number in range(1, _MOST_TO + 1)]
    lines = [f"line_{number}" for number in range(1, _MOST_LINES + 1)]
    rest = ["municipality", "province", "postal_code", "country", "pages", "sheets"]
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(["manifest", "place", "piece", "service", *to, *lines, *rest])
    for row in map(_row, listed):
        writer.writerow(
            [
                manifest.number,
                row["place"],
                row["piece"],
                manifest.channel,
                *_padded(row["to"], len(to)),
                *_padded(row["lines"], len(lines)),
                *(row[name] for name in rest),
            ]
        )
    return target.getvalue().encode()


def _padded(values: object, count: int) -> list[str]:
    given = [str(one) for one in values] if isinstance(values, list) else []
    return given + [""] * (count - len(given))
