"""What a closed manifest needs on paper and in the carrier's system, made from what is kept whenever it is asked for.

Nothing of it is kept: the same manifest gives the same files, so that what was lost on the way is simply made again.
One envelope is open at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.dates.office_dates import today_at, zone_of
from gateway.application.kept_json import from_kept
from gateway.application.mail_room.lists import as_csv, as_json
from gateway.application.mail_room.pages import listed, listed_by_turns
from gateway.application.mail_room.standing import states_of
from gateway.application.sealed import DataKey, Vault, data_key, package_key
from gateway.domain.codes import Code
from gateway.domain.envelope import Envelope
from gateway.domain.manifest import BatchedItem, CarriageTerms, ItemState, Manifest
from gateway.domain.parties import ChannelName, Language
from gateway.domain.problem import SetupWrong
from gateway.ports import registry_papers as papers
from gateway.ports.database import Database

LINES, _LABELS = 250, 50
"""In one file: a printer takes it whole, and so does memory."""


@dataclass(frozen=True, kw_only=True)
class MailFile:
    """A file; its name tells the manifest and the place on it, and nobody's name."""

    name: str
    content: bytes

    @property
    def size(self) -> int:
        """Octets."""
        return len(self.content)


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """A manifest as its files show it. gone: the attempts of what was taken out of it."""

    manifest: Manifest
    lines: int
    gone: frozenset[str]


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
        standing = self._stands(number)
        sender = self._sender(standing.manifest)
        yield from self._manifest(standing, language)
        yield MailFile(name=f"{number}.csv", content=as_csv(standing.manifest, self._opened(standing)))
        yield MailFile(name=f"{number}.json", content=as_json(standing.manifest, self._opened(standing)))
        yield from self._carriers_papers(number)
        yield from self._labels(standing, sender, language)
        for item in self._there(standing):
            yield from self._of_envelope(number, item)
            seen()

    def paper(self, number: str, language: Language) -> Iterator[MailFile]:
        """What the driver signs: ours, and the carrier's own. Raises as the whole does."""
        yield from self._manifest(self._stands(number), language)
        yield from self._carriers_papers(number)

    def labels(self, number: str, language: Language) -> Iterator[MailFile]:
        """What goes onto the envelopes: ours, and those of the carrier's own service. Raises as the whole does."""
        standing = self._stands(number)
        yield from self._labels(standing, self._sender(standing.manifest), language)
        for item in self._there(standing):
            yield from self._own_label(number, item)

    def _stands(self, number: str) -> _Standing:
        with self._database.read() as tx:
            return _standing(tx.manifests.get(number), listed(tx, number), lambda items: states_of(tx, items))

    def _manifest(self, standing: _Standing, language: Language) -> Iterator[MailFile]:
        """What the driver signs, and the lines that have no room on it."""
        number = standing.manifest.number
        for items in listed_by_turns(self._database, number, some=LINES):
            first = items[0].place or 1
            lines = [
                papers.ManifestItem(
                    piece=one.piece or one.reference,
                    destination=None if one.attempt in standing.gone else self._open(one).address,
                    sheets=one.sheets,
                )
                for one in items
            ]
            content = self._printer.draw(_paper(standing, lines, first, language)).content
            yield MailFile(name=f"{number}.pdf" if first == 1 else f"{number}-lines-{first:04d}.pdf", content=content)

    def _carriers_papers(self, number: str) -> Iterator[MailFile]:
        with self._database.look_up() as tx:
            carriage, key = tx.carriages.get(number), data_key(tx.registry, contexts.EVIDENCE_KEY)
        for place, paper in enumerate(carriage.papers if carriage else (), start=1):
            content = self._vault.get(key, contexts.carrier_manifest(number), paper)
            yield MailFile(name=f"{number}-carrier-{place:02d}.pdf", content=content)

    def _labels(self, standing: _Standing, sender: tuple[str, ...], language: Language) -> Iterator[MailFile]:
        """Ours, for those envelopes that the carrier's own service made none for."""
        made, waiting = 0, list[papers.MailingLabel]()
        for item in self._there(standing):
            if self._carriers_label(item) is None:
                waiting.append(_label(standing.manifest, item, self._open(item), sender, language))
            if len(waiting) == _LABELS:
                made += 1
                yield self._sheet_of_labels(standing, made, waiting)
                waiting = []
        if waiting:
            yield self._sheet_of_labels(standing, made + 1, waiting)

    def _sheet_of_labels(self, standing: _Standing, place: int, labels: Sequence[papers.MailingLabel]) -> MailFile:
        content = self._printer.draw(papers.MailingLabels(labels=tuple(labels))).content
        return MailFile(name=f"{standing.manifest.number}-labels-{place:02d}.pdf", content=content)

    def _there(self, standing: _Standing) -> Iterator[BatchedItem]:
        """What is to leave."""
        for items in listed_by_turns(self._database, standing.manifest.number):
            yield from (one for one in items if one.attempt not in standing.gone)

    def _opened(self, standing: _Standing) -> Iterator[tuple[BatchedItem, Envelope]]:
        """The same with what stands on each."""
        return ((one, self._open(one)) for one in self._there(standing))

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

    def _of_envelope(self, number: str, item: BatchedItem) -> Iterator[MailFile]:
        """Its label, if the carrier made it, and what is put into it."""
        yield from self._own_label(number, item)
        key = self._key(item)
        with self._database.look_up() as tx:
            attempts = tx.deliveries.attempts(item.delivery)
        own = next(one for one in attempts if one.id == item.attempt)
        content = self._vault.get(key, contexts.sent(own.id), own.sent_object or "")
        yield MailFile(name=f"{number}-{item.place:04d}.pdf", content=content)

    def _own_label(self, number: str, item: BatchedItem) -> Iterator[MailFile]:
        """The label that the carrier's own service made of it, if it made one."""
        label = self._carriers_label(item)
        if label is not None:
            content = self._vault.get(self._key(item), contexts.label(item.attempt), label)
            yield MailFile(name=f"{number}-{item.place:04d}-label.pdf", content=content)

    def _carriers_label(self, item: BatchedItem) -> str | None:
        with self._database.look_up() as tx:
            return tx.carriages.labels([item.attempt]).get(item.attempt)

    def _key(self, item: BatchedItem) -> DataKey:
        with self._database.look_up() as tx:
            return package_key(tx.registry, tx.dispatches.get(item.dispatch))


def _standing(
    manifest: Manifest,
    pages: Iterator[Sequence[BatchedItem]],
    states: Callable[[Sequence[BatchedItem]], Mapping[str, ItemState]],
) -> _Standing:
    lines, gone = 0, set[str]()
    for items in pages:
        lines += len(items)
        gone |= {attempt for attempt, state in states(items).items() if state is ItemState.WITHDRAWN}
    return _Standing(manifest=manifest, lines=lines, gone=frozenset(gone))


def _paper(
    standing: _Standing, lines: Sequence[papers.ManifestItem], first: int, language: Language
) -> papers.Manifest:
    manifest = standing.manifest
    return papers.Manifest(
        number=manifest.number,
        carrier=manifest.carrier,
        service=ChannelName(manifest.channel),
        office=manifest.office,
        language=language,
        closed_at=manifest.closed_at,
        zone=zone_of(manifest.office),
        pieces=standing.lines - len(standing.gone),
        first=first,
        lines=standing.lines,
        items=tuple(lines),
    )


def _label(
    manifest: Manifest, item: BatchedItem, envelope: Envelope, sender: tuple[str, ...], language: Language
) -> papers.MailingLabel:
    return papers.MailingLabel(
        envelope=envelope,
        sender=sender,
        service=ChannelName(manifest.channel),
        piece=item.piece or item.reference,
        language=language,
        made_on=today_at(manifest.office, manifest.closed_at),
    )
