# mypy: allow-untyped-calls
"""Hangs the structure of a foreign file into the tree of our paper (ISO 32000-1, 14.7).

Each page of theirs gets an entry of its own in the parent tree, and so does each of its links.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import cast

from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from templates.foreign.links import Links
from templates.foreign.reader import dictionary
from templates.foreign.structure import Annotated, Element, Mark


class Tree:
    """The structure tree of our paper."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._root = dictionary(writer.root_object.get("/StructTreeRoot"))
        self._keys = count(int(self._root.get("/ParentTreeNextKey", 0)))
        self._names: dict[str, PdfObject] = {}

    @property
    def there(self) -> bool:
        """Whether our paper is tagged at all."""
        return bool(self._root)

    def hang(
        self, part: Element, *, language: str, pages: Sequence[PageObject], links: Sequence[Links], prefix: str
    ) -> None:
        """Adds the part before what stands on later pages of our paper.

        pages: ours, by the index of theirs; links: of each page. `prefix` makes the names of its elements its own.
        """
        part.words["/Lang"] = part.words.get("/Lang") or language
        writing = _Writing(self._writer, pages, links, prefix)
        document = dictionary(self._first_kid())
        made = writing.element(part, self._first_kid())
        self._insert(document, made, pages[0])
        entries: dict[int, PdfObject] = {}
        for page, owners in zip(pages, writing.owners, strict=True):
            page[NameObject("/StructParents")] = NumberObject(key := next(self._keys))
            entries[key] = ArrayObject(
                owners.get(number, NullObject()) for number in range(max(owners, default=-1) + 1)
            )
        for annotation, owner in writing.linked:
            annotation[NameObject("/StructParent")] = NumberObject(key := next(self._keys))
            entries[key] = owner
        self._names |= writing.names
        self._extend(entries)

    def _first_kid(self) -> PdfObject:
        """Our outermost element."""
        kids = self._root["/K"]
        return cast(PdfObject, kids[0] if isinstance(kids, ArrayObject) else self._root.raw_get("/K"))

    def _insert(self, document: DictionaryObject, made: IndirectObject, first_page: PageObject) -> None:
        """Where the tree is read in the order of the pages."""
        numbers = {_number(page.indirect_reference): index for index, page in enumerate(self._writer.pages)}
        here = numbers[_number(first_page.indirect_reference)]
        kids = document.get("/K")
        if not isinstance(kids, ArrayObject):
            kids = ArrayObject([document.raw_get("/K")] if kids is not None else [])
            document[NameObject("/K")] = kids
        place = next((at for at, kid in enumerate(kids) if _begins(kid, numbers) > here), len(kids))
        kids.insert(place, made)

    def _extend(self, entries: Mapping[int, PdfObject]) -> None:
        """The parent tree stays one flat list, in the order of its keys."""
        tree = dictionary(self._root["/ParentTree"])
        flat = _flat(tree, "/Nums")
        for key, value in sorted(entries.items()):
            flat += [NumberObject(key), value if isinstance(value, IndirectObject) else self._writer._add_object(value)]
        tree.clear()
        tree[NameObject("/Nums")] = ArrayObject(flat)
        self._root[NameObject("/ParentTreeNextKey")] = NumberObject(next(self._keys))

    def finish(self) -> None:
        """Lists the names of the elements that came beside our own."""
        if not self._names:
            return
        flat = _flat(dictionary(self._root.get("/IDTree")), "/Names")
        named = dict(zip(map(str, flat[::2]), flat[1::2], strict=True)) | self._names
        ordered = sorted(named)
        leaf = DictionaryObject(
            {
                NameObject("/Limits"): ArrayObject(TextStringObject(one) for one in (ordered[0], ordered[-1])),
                NameObject("/Names"): ArrayObject(
                    part for name in ordered for part in (TextStringObject(name), named[name])
                ),
            }
        )
        kids = ArrayObject([self._writer._add_object(leaf)])
        self._root[NameObject("/IDTree")] = DictionaryObject({NameObject("/Kids"): kids})


class _Writing:
    def __init__(self, writer: PdfWriter, pages: Sequence[PageObject], links: Sequence[Links], prefix: str) -> None:
        self._writer = writer
        self._pages = pages
        self._links = links
        self._prefix = prefix
        self.owners: list[dict[int, IndirectObject]] = [{} for _ in pages]
        self.linked: list[tuple[DictionaryObject, IndirectObject]] = []
        self.names: dict[str, PdfObject] = {}

    def element(self, element: Element, parent: PdfObject) -> IndirectObject:
        """The element and all below it."""
        made = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/StructElem"),
                NameObject("/S"): NameObject(f"/{self._role(element)}"),
                NameObject("/P"): parent,
            }
        )
        own = self._writer._add_object(made)
        for name, words in element.words.items():
            made[NameObject(name)] = TextStringObject(words)
        if element.attributes:
            renamed = [self._renamed(one) for one in element.attributes]
            made[NameObject("/A")] = renamed[0] if len(renamed) == 1 else ArrayObject(renamed)
        if element.name is not None:
            name = self._prefix + element.name
            made[NameObject("/ID")] = TextStringObject(name)
            self.names[name] = own
        kids = [self._kid(kid, own) for kid in element.kids]
        made[NameObject("/K")] = ArrayObject(kid for kid in kids if kid is not None)
        return own

    def _role(self, element: Element) -> str:
        """A link that leads nowhere any more is a passage."""
        kept = any(isinstance(kid, Annotated) and kid.annotation in self._links[kid.page] for kid in element.kids)
        return "Span" if element.role == "Link" and not kept else element.role

    def _kid(self, kid: Element | Mark | Annotated, owner: IndirectObject) -> PdfObject | None:
        if isinstance(kid, Element):
            return self.element(kid, owner)
        entries: dict[PdfObject, PdfObject] = {NameObject("/Pg"): _reference(self._pages[kid.page])}
        if isinstance(kid, Mark):
            self.owners[kid.page][kid.number] = owner
            entries[NameObject("/Type")] = NameObject("/MCR")
            entries[NameObject("/MCID")] = NumberObject(kid.number)
            return DictionaryObject(entries)
        link = self._links[kid.page].get(kid.annotation)
        if link is None:
            return None
        self.linked.append((dictionary(link), owner))
        entries[NameObject("/Type")] = NameObject("/OBJR")
        entries[NameObject("/Obj")] = link
        return DictionaryObject(entries)

    def _renamed(self, attribute: PdfObject) -> PdfObject:
        """Header cells are named by the names of elements."""
        headers = attribute.get("/Headers") if isinstance(attribute, DictionaryObject) else None
        if isinstance(attribute, DictionaryObject) and isinstance(headers, ArrayObject):
            attribute[NameObject("/Headers")] = ArrayObject(
                TextStringObject(self._prefix + str(one)) for one in headers
            )
        return attribute


def _flat(tree: DictionaryObject, leaf: str) -> list[PdfObject]:
    """The keys and values of a number or name tree of ours."""
    own = tree.get(leaf)
    kids = tree.get("/Kids")
    found = list(own) if isinstance(own, ArrayObject) else []
    for kid in kids if isinstance(kids, ArrayObject) else ():
        found += _flat(dictionary(kid), leaf)
    return found


def _begins(kid: PdfObject, numbers: Mapping[int, int]) -> int:
    """The page of ours that an element begins on."""
    waiting = [kid]
    while waiting:
        one = dictionary(waiting.pop(0))
        if "/Pg" in one:
            return numbers.get(_number(one.raw_get("/Pg")), -1)
        kids = one.get("/K")
        waiting[:0] = list(kids) if isinstance(kids, ArrayObject) else []
    return -1


def _number(reference: object) -> int:
    return reference.idnum if isinstance(reference, IndirectObject) else -1


def _reference(page: PageObject) -> IndirectObject:
    if page.indirect_reference is None:
        raise ValueError("a page of ours that is in no file")
    return page.indirect_reference
