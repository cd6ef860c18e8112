"""What the papers of one participant are about: only the persons the participant stands for, and their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gateway.domain.audience import persons_of
from gateway.domain.codes import Code
from gateway.domain.package import DecisionPackage, DocumentKind, Person, Recourse
from gateway.domain.parties import Language, PreferredLanguage
from gateway.domain.problem import InputRefused
from gateway.ports.papers import Papers
from templates.catalogue import text
from templates.pdf.furniture import Furniture
from templates.words import division_name


@dataclass(frozen=True)
class Matter:
    """One participant's view of a package."""

    papers: Papers

    @property
    def package(self) -> DecisionPackage:
        """The package."""
        return self.papers.package

    @cached_property
    def persons(self) -> tuple[Person, ...]:
        """The persons whom the participant stands for; nobody else is named in letter or notice.

        Raises InputRefused (decision.contradiction) when there are none: whom it concerns is never guessed.
        """
        persons = persons_of(self.package, self.papers.participant)
        if not persons:
            where = f"$.participants[?(@.id=='{self.papers.participant.id}')].represents"
            raise InputRefused(Code.DECISION_CONTRADICTION, where=where)
        return persons

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The file numbers of those persons."""
        own = {person.id for person in self.persons}
        return tuple(one.number for one in self.package.files if own & set(one.persons))

    def files_of(self, person: Person) -> str:
        """The file numbers of one person."""
        return ", ".join(one.number for one in self.package.files if person.id in one.persons)

    @property
    def file_list(self) -> str:
        """All file numbers as text."""
        return ", ".join(self.files)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages the participant is written to in: `both` is English, then French."""
        if self.papers.language is PreferredLanguage.BOTH:
            return (Language.EN, Language.FR)
        return (Language(self.papers.language.value),)

    @property
    def stage(self) -> str:
        """What brings the papers, a key of the catalogues: a relation, else the nature of the decision."""
        relation = self.package.relation
        return relation.kind.value if relation else self.package.proceeding.nature.value

    @property
    def brings_notice(self) -> bool:
        """Whether we render a notice of decision: the rules say so, whatever the division."""
        return self.papers.notice

    @property
    def by_recourse(self) -> dict[Recourse, list[Person]]:
        """The persons by the recourse the Registry noted for them; nobody for whom it noted none of either kind."""
        groups: dict[Recourse, list[Person]] = {}
        for person in self.persons:
            if person.recourse:
                groups.setdefault(person.recourse, []).append(person)
        return groups

    @property
    def brings_recourse_information(self) -> bool:
        """Whether we render information on recourse: as the rules say, unless the package holds it."""
        came = any(source.document.kind is DocumentKind.APPEAL_INFORMATION for source in self.papers.documents)
        return (
            self.papers.recourse_information
            and not came
            and any(recourse.forum != "none" for recourse in self.by_recourse)
        )

    def furniture(self, language: Language, *, head_on_first: bool = True, strip: bool = False) -> Furniture:
        """The edge of the pages: division, file numbers, page x of y."""
        return Furniture(
            head=division_name(self.package.division, language),
            files=text("papers", "page.files", language, files=self.file_list, count=len(self.files)),
            number=lambda page, pages: text("papers", "page.number", language, page=page, pages=pages),
            head_on_first=head_on_first,
            strip=strip,
        )


def full_name(person: Person) -> str:
    """Given and family name."""
    return " ".join(part for part in (person.given_name, person.family_name) if part)


def names(persons: Sequence[Person]) -> list[str]:
    """Their full names."""
    return [full_name(person) for person in persons]
