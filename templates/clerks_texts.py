"""The texts that a clerk finds beside what is to be uploaded: no name, no file number, nothing of a decision."""

from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.exchange import ClerksTask
from templates.catalogue import text
from templates.formats import format_number

_GIGA = 1_000_000_000


class ClerksTextsFromCatalogue:
    """`ClerksTexts`."""

    def message(self, language: PreferredLanguage) -> str:
        """See `ClerksTexts`."""
        return "\n\n".join(text("exchange", "connect.message", one) for one in _languages(language)) + "\n"

    def checklist(self, task: ClerksTask) -> str:
        """See `ClerksTexts`."""
        return f"\n{'-' * 78}\n\n".join(_checklist(task, one) for one in Language)


def _languages(language: PreferredLanguage) -> list[Language]:
    return list(Language) if language is PreferredLanguage.BOTH else [Language(language.value)]


def _checklist(task: ClerksTask, language: Language) -> str:
    papers = [
        text(
            "exchange",
            "connect.paper",
            language,
            name=one.name,
            size=format_number(one.size, language),
            digest=one.digest.removeprefix("sha256:"),
        )
        for one in task.papers
    ]
    return text(
        "exchange",
        "connect.checklist",
        language,
        account=task.account,
        reference=task.reference,
        papers="\n".join(papers),
        message=format_number(task.max_message // _GIGA, language),
        conversation=format_number(task.max_conversation // _GIGA, language),
    )
