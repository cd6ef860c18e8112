"""The structure tree of a foreign file, read into values of ours: roles, words for readers, marks of pages.

Roles are those of PDF 1.7 once the file's own map is applied. What is malformed is left out; a tree that loops, or has
no marks, is none. The file's parent tree is not read: which mark is whose follows from the tree itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from pikepdf import Array, Dictionary, Name, Object, String

from templates.foreign.reader import ForeignFile, Key, dictionary, key_of, says_yes

_DEEPEST = 100
_DEEPEST_ATTRIBUTE = 5  # they hold arrays of figures, at most
_NO_KEY: Key = (0, 0)
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

Attribute = Object | Decimal | str | bool | int


class Mark(NamedTuple):
    """Marked content `number` of page `page` (its index)."""

    page: int
    number: int


class Annotated(NamedTuple):
    """An annotation of page `page`, by the key of its object."""

    page: int
    annotation: Key


@dataclass(slots=True)
class Element:
    """A structure element. `words` are its language and what is said in its place; attributes are plain values."""

    role: str
    words: dict[str, str] = field(default_factory=dict)
    attributes: list[Attribute] = field(default_factory=list)
    name: str | None = None
    kids: list["Element | Mark | Annotated"] = field(default_factory=list)

    def marks(self) -> Iterator[Mark]:
        """All marks below it, in reading order."""
        waiting = self.kids[::-1]
        while waiting:
            kid = waiting.pop()
            if isinstance(kid, Mark):
                yield kid
            elif isinstance(kid, Element):
                waiting += kid.kids[::-1]


def says_it_is_tagged(file: ForeignFile) -> bool:
    """Whether the catalogue says so."""
    return says_yes(dictionary(file.root.get("/MarkInfo")).get("/Marked"))


def structure_of(file: ForeignFile) -> Element | None:
    """The tree under one element of the role Part; None where the file is not tagged, or its tree is unusable."""
    if not says_it_is_tagged(file):
        return None
    tree = dictionary(file.root.get("/StructTreeRoot"))
    pages = {page.page.objgen: index for index, page in enumerate(file.pages)}
    reading = _Reading(pages, dictionary(tree.get("/RoleMap")), dictionary(tree.get("/ClassMap")))
    part = Element("Part")
    try:
        reading.fill(part, tree.get("/K"), page=None, depth=0)
    except _UnusableError:
        return None
    return part if next(part.marks(), None) is not None else None


class _UnusableError(Exception):
    """The tree loops, is too deep or too large, or owns a mark twice."""


_Entries = Mapping[str, object]


class _Reading:
    def __init__(self, pages: Mapping[Key, int], roles: Object, classes: Object) -> None:
        self._pages = pages
        self._role_map = roles
        self._classes = classes
        self._roles: dict[str, str] = {}
        self._seen: set[Key] = set()
        self._marks: set[Mark] = set()
        self._elements = 0

    def fill(self, element: Element, kids: object, *, page: int | None, depth: int) -> None:
        """The kids of a source element, under ours."""
        if depth > _DEEPEST:
            raise _UnusableError
        for kid in _listed(kids):
            self._kid(element, kid, page=page, depth=depth)

    def _kid(self, element: Element, kid: object, *, page: int | None, depth: int) -> None:
        if isinstance(kid, int):
            self._mark(element, page, kid)
        elif isinstance(kid, Dictionary):
            found: _Entries = dict(kid.items())
            match str(found.get("/Type")):
                case "/MCR":
                    if "/Stm" not in found:
                        self._mark(element, self._page(found, page), found.get("/MCID"))
                case "/OBJR":
                    self._annotated(element, found, self._page(found, page))
                case _ if isinstance(found.get("/S"), Name):
                    self._element(element, kid.objgen, found, page=page, depth=depth)

    def _mark(self, element: Element, page: int | None, number: object) -> None:
        if page is None or not isinstance(number, int) or number < 0:
            return
        mark = Mark(page, number)
        if mark in self._marks:
            raise _UnusableError
        self._marks.add(mark)
        element.kids.append(mark)

    def _annotated(self, element: Element, found: _Entries, page: int | None) -> None:
        key = key_of(found.get("/Obj"))
        if page is not None and key != _NO_KEY:
            element.kids.append(Annotated(page, key))

    def _element(self, parent: Element, key: Key, found: _Entries, *, page: int | None, depth: int) -> None:
        self._elements += 1
        if key == _NO_KEY or key in self._seen or self._elements > _MOST_ELEMENTS:
            raise _UnusableError
        self._seen.add(key)
        role = self._role(str(found["/S"])[1:])
        element = Element(role, words=_words(found), attributes=self._attributes(found), name=_name(found))
        parent.kids.append(element)
        self.fill(element, found.get("/K"), page=self._page(found, page), depth=depth + 1)

    def _page(self, found: _Entries, inherited: int | None) -> int | None:
        key = key_of(found.get("/Pg"))
        return self._pages.get(key) if key != _NO_KEY else inherited

    def _role(self, theirs: str) -> str:
        """The standard role, through the file's map; a Document inside a paper of ours is a part of it."""
        if theirs not in self._roles:
            self._roles[theirs] = self._mapped(theirs)
        return self._roles[theirs]

    def _mapped(self, role: str) -> str:
        for _ in range(_DEEPEST):
            mapped = self._role_map.get(f"/{role}")
            if role in _ROLES or not isinstance(mapped, Name):
                break
            role = str(mapped)[1:]
        role = _LATER_ROLES.get(role, role)
        if role == "Document":
            return "Part"
        return role if role in _ROLES else "NonStruct"

    def _attributes(self, found: _Entries) -> list[Attribute]:
        if "/A" not in found and "/C" not in found:
            return []
        classes = (self._classes.get(str(name)) for name in _listed(found.get("/C")) if isinstance(name, Name))
        sources = [*_listed(found.get("/A")), *classes]
        plain = (_plain(one, 0) for one in sources if isinstance(dictionary(one).get("/O"), Name))
        return [one for one in plain if one is not None]


def _listed(value: object) -> Sequence[object]:
    if isinstance(value, Array):
        return list(value)
    return [] if value is None else [value]


def _words(found: _Entries) -> dict[str, str]:
    return {name: str(text) for name in _WORDS if isinstance(text := found.get(name), String)}


def _name(found: _Entries) -> str | None:
    name = found.get("/ID")
    return str(name) if isinstance(name, String) else None


def _plain(value: object, depth: int) -> Attribute | None:
    """A copy of names, figures, texts and what holds nothing else; None for anything that could lead elsewhere."""
    if depth > _DEEPEST_ATTRIBUTE:
        return None
    if isinstance(value, Decimal | bool | int):
        return value
    copied: Attribute | None = None
    if isinstance(value, Name):
        copied = Name(str(value))
    elif isinstance(value, String):
        copied = String(bytes(value))
    elif isinstance(value, Array):
        copied = Array([one for one in (_plain(item, depth + 1) for item in value) if one is not None])
    elif isinstance(value, Dictionary):
        entries = {name: _plain(entry, depth + 1) for name, entry in value.items() if name != "/P"}
        copied = Dictionary({name: one for name, one in entries.items() if one is not None})
    return copied
