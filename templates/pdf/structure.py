"""The structure of a paper: what its parts are, in reading order (ISO 32000-1, 14.7 and 14.8; ISO 14289-1).

Elements are made with the flowables and filled as these are drawn: a mark is a stretch of a page's content.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Objects:
    """The object numbers of pages and annotations, by index."""

    pages: Sequence[int]
    annotations: Sequence[int]


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


@dataclass(kw_only=True)
class Tables:
    """What the root of a structure tree says beside the tree: who owns each mark and annotation, in the order of the
    keys by which pages and annotations ask, and which elements are named."""

    owners: list[str] = field(default_factory=list)
    named: list[tuple[str, int]] = field(default_factory=list)

    def copy(self) -> "Tables":
        """Another one that begins with the same."""
        return Tables(owners=list(self.owners), named=list(self.named))

    def own(self, owners: Sequence[Element]) -> int:
        """The elements that own the marks of a page; the page's key."""
        return self._add(f"[{' '.join(f'{one.number} 0 R' for one in owners)}]")

    def own_annotation(self, owner: Element) -> int:
        """The element that owns an annotation; the annotation's key."""
        return self._add(f"{owner.number} 0 R")

    def _add(self, entry: str) -> int:
        self.owners.append(entry)
        return len(self.owners) - 1


def write_elements(
    file: PdfFile, tops: Sequence[Element], parent: int, objects: Objects, named: list[tuple[str, int]]
) -> list[int]:
    """Writes elements and all below them under the object `parent`; their numbers."""
    elements = [element for top in tops for element in top.walk()]
    first = file.reserve(len(elements))
    for number, element in enumerate(elements, start=first):
        element.number = number
        if element.name:
            named.append((element.name, number))
    for element in elements:
        above = element.parent.number if element.parent else parent
        file.set(element.number, _written(element, above, objects))
    return [top.number for top in tops]


def write_section(file: PdfFile, number: int, document: int, kids: Sequence[int], language: str | None) -> None:
    """A section of the document that holds the elements `kids`."""
    spoken = f"/Lang{text_string(language)}" if language else ""
    inside = " ".join(f"{one} 0 R" for one in kids)
    file.set(number, f"<</Type/StructElem/S/Sect/P {document} 0 R/K[{inside}]{spoken}>>")


def write_tree(file: PdfFile, root: int, document: int, sections: Sequence[int], tables: Tables) -> None:
    """Writes the root of the tree and the element of the whole document."""
    inside = " ".join(f"{one} 0 R" for one in sections)
    file.set(document, f"<</Type/StructElem/S/Document/P {root} 0 R{f'/K[{inside}]' if inside else ''}>>")
    parents = file.add(f"<</Nums[{' '.join(f'{key} {entry}' for key, entry in enumerate(tables.owners))}]>>")
    names = f"/IDTree<</Kids[{file.add(_name_leaf(sorted(tables.named)))} 0 R]>>" if tables.named else ""
    file.set(
        root,
        f"<</Type/StructTreeRoot/K[{document} 0 R]/ParentTree {parents} 0 R"
        f"/ParentTreeNextKey {len(tables.owners)}{names}>>",
    )


def _name_leaf(named: Sequence[tuple[str, int]]) -> str:
    entries = " ".join(f"{text_string(name)} {number} 0 R" for name, number in named)
    return f"<</Limits[{text_string(named[0][0])} {text_string(named[-1][0])}]/Names[{entries}]>>"


def _written(element: Element, parent: int, objects: Objects) -> str:
    own_page = next((kid.page for kid in element.kids if isinstance(kid, Mark)), None)
    kids = []
    for kid in element.kids:
        match kid:
            case Element():
                kids.append(f"{kid.number} 0 R")
            case Mark() if kid.page == own_page:
                kids.append(str(kid.number))
            case Mark():
                kids.append(f"<</Type/MCR/Pg {objects.pages[kid.page]} 0 R/MCID {kid.number}>>")
            case Annotated():
                kids.append(f"<</Type/OBJR/Pg {objects.pages[kid.page]} 0 R/Obj {objects.annotations[kid.index]} 0 R>>")
    entries = [f"<</Type/StructElem/S/{element.role}/P {parent} 0 R"]
    if own_page is not None:
        entries.append(f"/Pg {objects.pages[own_page]} 0 R")
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
