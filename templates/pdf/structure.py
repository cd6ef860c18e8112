"""The structure of a paper: what its parts are, in reading order (ISO 32000-1, 14.7 and 14.8; ISO 14289-1).

Elements are made with the flowables and filled as these are drawn: a mark is a stretch of a page's content.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from templates.pdf.file import PdfFile, text_string

_KEPT_WHEN_EMPTY = frozenset({"TD", "TH", "TR"})
"""A table keeps its cells even if nothing stands in them; other elements without content are left out."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Marked content `number` of page `page` (its index)."""

    page: int
    number: int


@dataclass(frozen=True, slots=True)
class Annotated:
    """An annotation on page `page`, by its index among all of the paper."""

    page: int
    index: int


class Element:
    """A structure element. `language` is a BCP 47 tag where it differs from that around it."""

    __slots__ = ("alternative", "attributes", "kids", "language", "name", "number", "parent", "role")

    def __init__(
        self, role: str, *, language: str | None = None, attributes: str = "", alternative: str = "", name: str = ""
    ) -> None:
        self.role = role
        self.language = language
        self.attributes = attributes
        self.alternative = alternative
        self.name = name
        self.kids: list[Element | Mark | Annotated] = []
        self.parent: Element | None = None
        self.number = 0

    def adopt(self, child: "Element") -> "Element":
        """Makes the element the last child; the child."""
        child.parent = self
        self.kids.append(child)
        return child

    def new(self, role: str, *, language: str | None = None, attributes: str = "") -> "Element":
        """A new last child."""
        return self.adopt(Element(role, language=language, attributes=attributes))

    @property
    def place_name(self) -> str:
        """Its name, or that of the element right around it: a link to a note leads to the note's first line."""
        return self.name or (self.parent.name if self.parent else "")

    @property
    def top(self) -> "Element":
        """The outermost element around it."""
        element = self
        while element.parent is not None:
            element = element.parent
        return element

    def walk(self) -> Iterator["Element"]:
        """This element and all below it, in reading order."""
        yield self
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.walk()

    def prune(self) -> bool:
        """Leaves out elements without content; whether this one has any."""
        self.kids = [kid for kid in self.kids if not isinstance(kid, Element) or kid.prune()]
        return bool(self.kids) or self.role in _KEPT_WHEN_EMPTY


@dataclass(frozen=True, kw_only=True)
class Owners:
    """Which element owns each mark of each page, and each annotation."""

    marks: Sequence[Sequence[Element]]
    annotations: Sequence[Element]


def write_structure(
    file: PdfFile, document: Element, pages: Sequence[int], annotations: Sequence[int], owners: Owners
) -> int:
    """Writes the structure tree; the number of its root. `pages` and `annotations` are object numbers."""
    document.prune()
    elements = list(document.walk())
    root = file.reserve(len(elements) + 1)
    for number, element in enumerate(elements, start=root + 1):
        element.number = number
    named = []
    for element in elements:
        parent = element.parent.number if element.parent else root
        file.set(element.number, _written(element, parent, pages, annotations))
        if element.name:
            named.append(element)
    tree = [f"{page} [{' '.join(f'{one.number} 0 R' for one in marks)}]" for page, marks in enumerate(owners.marks)]
    tree += [f"{len(pages) + index} {one.number} 0 R" for index, one in enumerate(owners.annotations)]
    parents = file.add(f"<</Nums[{' '.join(tree)}]>>")
    names = ""
    if named:
        entries = " ".join(
            f"{text_string(one.name)} {one.number} 0 R" for one in sorted(named, key=lambda one: one.name)
        )
        names = f"/IDTree<</Kids[{file.add(_name_leaf(named, entries))} 0 R]>>"
    file.set(
        root,
        f"<</Type/StructTreeRoot/K[{document.number} 0 R]/ParentTree {parents} 0 R"
        f"/ParentTreeNextKey {len(pages) + len(annotations)}{names}>>",
    )
    return root


def _name_leaf(named: Sequence[Element], entries: str) -> str:
    names = sorted(one.name for one in named)
    return f"<</Limits[{text_string(names[0])} {text_string(names[-1])}]/Names[{entries}]>>"


def _written(element: Element, parent: int, pages: Sequence[int], annotations: Sequence[int]) -> str:
    own_page = next((kid.page for kid in element.kids if isinstance(kid, Mark)), None)
    kids = []
    for kid in element.kids:
        match kid:
            case Element():
                kids.append(f"{kid.number} 0 R")
            case Mark() if kid.page == own_page:
                kids.append(str(kid.number))
            case Mark():
                kids.append(f"<</Type/MCR/Pg {pages[kid.page]} 0 R/MCID {kid.number}>>")
            case Annotated():
                kids.append(f"<</Type/OBJR/Pg {pages[kid.page]} 0 R/Obj {annotations[kid.index]} 0 R>>")
    entries = [f"<</Type/StructElem/S/{element.role}/P {parent} 0 R"]
    if own_page is not None:
        entries.append(f"/Pg {pages[own_page]} 0 R")
    if kids:
        entries.append(f"/K[{' '.join(kids)}]")
    if element.language:
        entries.append(f"/Lang{text_string(element.language)}")
    if element.alternative:
        entries.append(f"/Alt{text_string(element.alternative)}")
    if element.name:
        entries.append(f"/ID{text_string(element.name)}")
    if element.attributes:
        entries.append(f"/A{element.attributes}")
    return "".join([*entries, ">>"])
