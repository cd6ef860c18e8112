"""The words for codes of the domain, in the vocabulary of INTERFACE.md (`catalogues/*/words.toml`)."""

from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import ProceedingType, RemovalOrder
from gateway.domain.parties import Language
from templates.catalogue import has, text


def tag(language: Language) -> str:
    """The BCP 47 tag of the language as it is written in Canada."""
    return f"{language.value}-CA"


def word(kind: str, code: str, language: Language) -> str:
    """The word of `kind` for a code: `word("channel", "fax", …)`. Raises CatalogueError when there is none."""
    return text("words", f"{kind}.{code}", language)


def entry(kind: str, code: str, language: Language) -> str:
    """The word as it begins a line of a form: 'Counsel'."""
    return capitalized(word(kind, code, language))


def channel_entry(channel: str, language: Language) -> str:
    """The channel as it begins a line of a form; a third party's goes by its own name."""
    return entry("channel", channel, language) if has("words", f"channel.{channel}", language) else channel


def capitalized(words: str) -> str:
    """The words as they begin a line: the first letter a capital, the rest as it is."""
    return words[:1].upper() + words[1:]


def division_name(division: Division, language: Language) -> str:
    """'Refugee Protection Division'; 'Section de la protection des réfugiés'."""
    return word("division.name", division.value, language)


def division_code(division: Division, language: Language) -> str:
    """'RPD'; 'SPR'."""
    return word("division.code", division.value, language)


def office_name(office: str, language: Language) -> str:
    """The place of an office. A registry may add its own: one that the catalogue lacks is shown by its id."""
    if has("words", f"office.{office}", language):
        return word("office", office, language)
    return office.replace("-", " ").title()


def carrier_name(carrier: str, language: Language) -> str:
    """A carrier as it calls itself in that language, where the catalogue knows it; else as the settings name it."""
    return word("carrier", carrier, language) if has("words", f"carrier.{carrier}", language) else carrier


def outcome_sentence(division: Division, proceeding: ProceedingType, outcome: OutcomeCode, language: Language) -> str:
    """What was decided, as a sentence; a withdrawal or abandonment says of what."""
    key = f"outcome.{division.value}.{outcome.value}"
    for candidate in (key, f"{key}.{proceeding.value}"):
        if has("words", candidate, language):
            return text("words", candidate, language)
    return text("words", f"{key}.any", language)


def removal_order_phrase(order: RemovalOrder, language: Language) -> str:
    """'Departure order made (IRPA 44(2))': the order, what was done to it, and the provisions if any."""
    phrase = word(f"removal-order.{order.kind.value}", order.action.value, language)
    if not order.provisions:
        return phrase
    provisions = ", ".join(citation(provision, language) for provision in order.provisions)
    return text("papers", "notice.removal-order-under", language, order=phrase, provisions=provisions)


def citation(provision: str, language: Language) -> str:
    """A provision with its instrument named as in that language: 'IRPA 49(2)'; 'LIPR 49(2)'."""
    instrument, space, rest = provision.partition(" ")
    if space and has("words", f"instrument.{instrument}", language):
        return f"{word('instrument', instrument, language)}\u00a0{rest}"
    return provision
