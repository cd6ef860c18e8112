# mypy: allow-untyped-calls
"""The structure tree of a foreign file, read into values of ours: roles, words for readers, marks of pages.

Roles are those of PDF 1.7 once the file's own map is applied. What is malformed is left out; a tree that loops, or has
no marks, is none. The file's parent tree is not read: which mark is whose follows from the tree itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from templates.foreign.reader import ForeignFile, dictionary

_DEEPEST = 100
_MOST_ELEMENTS = 200_000

_ROLES = frozenset(
    {"Art", "BlockQuote", "Caption", "Div", "Document", "Index", "NonStruct", "P", "Part", "Private", "Sect", "TOC"}
    | {"TOCI", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "LBody", "Lbl"}
    | {"Table", "TR", "TH", "TD", "THead", "TBody", "TFoot"}
    | {"Annot", "BibEntry", "Code", "Link", "Note", "Quote", "Reference", "Span"}
    | {"RB", "RP", "RT", "Ruby", "WP", "WT", "Warichu", "Figure", "Form", "Formula"}
)
"""ISO 32000-1, 14.8.4."""
_LATER_ROLES = {
    "Aside": "Div",
    "DocumentFragment": "Div",
    "Em": "Span",
    "FENote": "Note",
    "Strong": "Span",
    "Sub": "Span",
    "Title": "P",
}
"""Of ISO 32000-2, and what is nearest to them."""
_WORDS = ("/Lang", "/Alt", "/ActualText", "/E")

Attribute = PdfObject


@dataclass(frozen=True)
class Mark:
    """Marked content `number` of page `page` (its index)."""

    page: int
    number: int


@dataclass(frozen=True)
class Annotated:
    """An annotation of page `page`, by the number of its object."""

    page: int
    annotation: tuple[int, int]


@dataclass
class Element:
    """A structure element. `words` are its language and what is said in its place; attributes are plain values."""

    role: str
    words: dict[str, str] = field(default_factory=dict)
    attributes: list[Attribute] = field(default_factory=list)
    name: str | None = None
    kids: list["Element | Mark | Annotated"] = field(default_factory=list)

    def marks(self) -> Iterator[Mark]:
        """All marks below it, in reading order."""
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.marks()
            elif isinstance(kid, Mark):
                yield kid


def says_it_is_tagged(file: ForeignFile) -> bool:
    """Whether the catalogue says so."""
    return bool(getattr(dictionary(file.root.get("/MarkInfo")).get("/Marked"), "value", False))


def structure_of(file: ForeignFile) -> Element | None:
    """The tree under one element of the role Part; None where the file is not tagged, or its tree is unusable."""
    if not says_it_is_tagged(file):
        return None
    tree = dictionary(file.root.get("/StructTreeRoot"))
    pages = {key: index for index, page in enumerate(file.pages) if (key := _key(page.page.indirect_reference))}
    reading = _Reading(pages, dictionary(tree.get("/RoleMap")), dictionary(tree.get("/ClassMap")))
    part = Element("Part")
    try:
        reading.fill(part, tree, page=None, depth=0)
    except _UnusableError:
        return None
    return part if next(part.marks(), None) is not None else None


class _UnusableError(Exception):
    """The tree loops, is too deep or too large, or owns a mark twice."""


class _Reading:
    def __init__(
        self, pages: Mapping[tuple[int, int], int], roles: DictionaryObject, classes: DictionaryObject
    ) -> None:
        self._pages = pages
        self._role_map = roles
        self._classes = classes
        self._seen: set[tuple[int, int]] = set()
        self._marks: set[Mark] = set()
        self._elements = 0

    def fill(self, element: Element, source: DictionaryObject, *, page: int | None, depth: int) -> None:
        """The kids of a source element, under ours."""
        if depth > _DEEPEST:
            raise _UnusableError
        kids = source.get("/K")
        kids = kids.get_object() if kids is not None else None
        for kid in kids if isinstance(kids, ArrayObject) else [source.raw_get("/K")] if kids is not None else []:
            self._kid(element, kid, page=page, depth=depth)

    def _kid(self, element: Element, kid: PdfObject, *, page: int | None, depth: int) -> None:
        found = kid.get_object()
        if isinstance(found, NumberObject):
            self._mark(element, page, int(found))
        elif isinstance(found, DictionaryObject) and not isinstance(found, StreamObject):
            match found.get("/Type"):
                case "/MCR":
                    if "/Stm" not in found:
                        self._mark(element, self._page(found, page), int(found.get("/MCID", -1)))
                case "/OBJR":
                    self._annotated(element, found, self._page(found, page))
                case _ if isinstance(found.get("/S"), NameObject):
                    self._element(element, kid, found, page=page, depth=depth)

    def _mark(self, element: Element, page: int | None, number: int) -> None:
        if page is None or number < 0:
            return
        mark = Mark(page, number)
        if mark in self._marks:
            raise _UnusableError
        self._marks.add(mark)
        element.kids.append(mark)

    def _annotated(self, element: Element, found: DictionaryObject, page: int | None) -> None:
        key = _key(found.raw_get("/Obj")) if "/Obj" in found else None
        if page is not None and key is not None:
            element.kids.append(Annotated(page, key))

    def _element(
        self, parent: Element, kid: PdfObject, found: DictionaryObject, *, page: int | None, depth: int
    ) -> None:
        key = _key(kid)
        self._elements += 1
        if key is None or key in self._seen or self._elements > _MOST_ELEMENTS:
            raise _UnusableError
        self._seen.add(key)
        element = Element(self._role(found), words=_words(found), attributes=self._attributes(found), name=_name(found))
        parent.kids.append(element)
        self.fill(element, found, page=self._page(found, page), depth=depth + 1)

    def _page(self, found: DictionaryObject, inherited: int | None) -> int | None:
        key = _key(found.raw_get("/Pg")) if "/Pg" in found else None
        return self._pages.get(key) if key is not None else inherited

    def _role(self, found: DictionaryObject) -> str:
        """The standard role, through the file's map; a Document inside a paper of ours is a part of it."""
        role = str(found["/S"])[1:]
        for _ in range(_DEEPEST):
            mapped = self._role_map.get(f"/{role}")
            if role in _ROLES or not isinstance(mapped, NameObject):
                break
            role = str(mapped)[1:]
        role = _LATER_ROLES.get(role, role)
        if role == "Document":
            return "Part"
        return role if role in _ROLES else "NonStruct"

    def _attributes(self, found: DictionaryObject) -> list[Attribute]:
        sources = [*_listed(found.get("/A")), *(self._classes.get(str(name)) for name in _listed(found.get("/C")))]
        plain = (_plain(one, 0) for one in sources if isinstance(dictionary(one).get("/O"), NameObject))
        return [one for one in plain if one is not None]


def _listed(value: object) -> list[PdfObject]:
    found = value.get_object() if isinstance(value, PdfObject) else None
    if found is None:
        return []
    return list(found) if isinstance(found, ArrayObject) else [found]


def _words(found: DictionaryObject) -> dict[str, str]:
    texts = ((name, found.get(name)) for name in _WORDS)
    return {name: str(text) for name, text in texts if isinstance(text, TextStringObject)}


def _name(found: DictionaryObject) -> str | None:
    name = found.get("/ID")
    return str(name) if isinstance(name, TextStringObject | ByteStringObject) else None


def _plain(value: object, depth: int) -> Attribute | None:
    """A copy of names, figures, texts and what holds nothing else; None for anything that could lead elsewhere."""
    found = value.get_object() if isinstance(value, PdfObject) else None
    if isinstance(found, NameObject | NumberObject | FloatObject | TextStringObject | BooleanObject):
        return found
    if depth > 4 or isinstance(found, StreamObject):  # noqa: PLR2004  (attributes hold arrays of figures, at most)
        return None
    if isinstance(found, ArrayObject):
        items = [_plain(one, depth + 1) for one in found]
        return ArrayObject(one for one in items if one is not None)
    if isinstance(found, DictionaryObject):
        entries = {NameObject(name): _plain(found.get(name), depth + 1) for name in found if name != "/P"}
        return DictionaryObject({name: one for name, one in entries.items() if one is not None})
    return None


def _key(value: object) -> tuple[int, int] | None:
    return (value.idnum, value.generation) if isinstance(value, IndirectObject) else None
