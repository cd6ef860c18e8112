"""Hangs the structure of a foreign file into the tree of our paper (ISO 32000-1, 14.7).

Each page of theirs gets an entry of its own in the parent tree, and so does each of its links.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from templates.foreign.links import Links
from templates.foreign.reader import Key, array, dictionary
from templates.foreign.structure import Annotated, Attribute, Element, Mark

_ELEMENT = Name.StructElem


@cache
def _named(role: str) -> Name:
    """A standard role's name: there are some sixty."""
    return Name(f"/{role}")


class Tree:
    """The structure tree of our paper."""

    def __init__(self, ours: Pdf) -> None:
        self._ours = ours
        self._root = dictionary(ours.Root.get("/StructTreeRoot"))
        self._keys = count(int(self._root.get("/ParentTreeNextKey", 0)))
        self._names: dict[str, Object] = {}

    @property
    def there(self) -> bool:
        """Whether our paper is tagged at all."""
        return len(self._root) > 0

    def hang(
        self, part: Element, *, language: str, pages: Sequence[Object], links: Sequence[Links], prefix: str
    ) -> None:
        """Adds the part before what stands on later pages of our paper.

        pages: ours, by the index of theirs; links: of each page. `prefix` makes the names of its elements its own.
        """
        part.words["/Lang"] = part.words.get("/Lang") or language
        writing = _Writing(self._ours, pages, links, prefix)
        document = self._first_kid()
        made = writing.element(part, document)
        self._insert(document, made, pages[0])
        entries: dict[int, Object] = {}
        for page, owners in zip(pages, writing.owners, strict=True):
            page.StructParents = key = next(self._keys)
            listed = Array([owners.get(number) for number in range(max(owners, default=-1) + 1)])
            entries[key] = self._ours.make_indirect(listed)
        for annotation, owner in writing.linked:
            annotation.StructParent = key = next(self._keys)
            entries[key] = owner
        self._names |= writing.names
        self._extend(entries)

    def _first_kid(self) -> Object:
        """Our outermost element."""
        kids = self._root.K
        return kids[0] if isinstance(kids, Array) else kids

    def _insert(self, document: Object, made: Object, first_page: Object) -> None:
        """Where the tree is read in the order of the pages."""
        numbers = {page.obj.objgen: index for index, page in enumerate(self._ours.pages)}
        here = numbers[first_page.objgen]
        kids = document.get("/K")
        if not isinstance(kids, Array):
            document.K = Array([] if kids is None else [kids])
            kids = document.K
        place = next((at for at, kid in enumerate(kids) if _begins(kid, numbers) > here), len(kids))
        kids.insert(place, made)

    def _extend(self, entries: Mapping[int, Object]) -> None:
        """The parent tree stays one flat list, in the order of its keys."""
        flat = _flat(dictionary(self._root.ParentTree), "/Nums")
        for key, value in sorted(entries.items()):
            flat += [key, value]
        self._root.ParentTree = self._ours.make_indirect(Dictionary(Nums=Array(flat)))
        self._root.ParentTreeNextKey = next(self._keys)

    def finish(self) -> None:
        """Lists the names of the elements that came beside our own."""
        if not self._names:
            return
        flat = _flat(dictionary(self._root.get("/IDTree")), "/Names")
        named = dict(zip(map(str, flat[::2]), flat[1::2], strict=True)) | self._names
        ordered = sorted(named)
        leaf = Dictionary(
            Limits=Array([String(one) for one in (ordered[0], ordered[-1])]),
            Names=Array([part for name in ordered for part in (String(name), named[name])]),
        )
        self._root.IDTree = Dictionary(Kids=Array([self._ours.make_indirect(leaf)]))


class _Writing:
    def __init__(self, ours: Pdf, pages: Sequence[Object], links: Sequence[Links], prefix: str) -> None:
        self._ours = ours
        self._pages = pages
        self._links = links
        self._prefix = prefix
        self.owners: list[dict[int, Object]] = [{} for _ in pages]
        self.linked: list[tuple[Object, Object]] = []
        self.names: dict[str, Object] = {}

    def element(self, element: Element, parent: Object) -> Object:
        """The element and all below it."""
        entries: dict[str, object] = {"/Type": _ELEMENT, "/S": _named(self._role(element)), "/P": parent}
        entries |= {name: String(words) for name, words in element.words.items()}
        if element.attributes:
            renamed = [self._renamed(one) for one in element.attributes]
            entries["/A"] = renamed[0] if len(renamed) == 1 else Array(renamed)
        own_page = next((kid.page for kid in element.kids if isinstance(kid, Mark)), None)
        if own_page is not None:
            entries["/Pg"] = self._pages[own_page]
        own = self._ours.make_indirect(Dictionary(entries))
        if element.name is not None:
            name = self._prefix + element.name
            own.ID = String(name)
            self.names[name] = own
        kids = [self._kid(kid, own, own_page) for kid in element.kids]
        own.K = Array([kid for kid in kids if kid is not None])
        return own

    def _role(self, element: Element) -> str:
        """A link that leads nowhere any more is a passage."""
        if element.role != "Link":
            return element.role
        kept = any(isinstance(kid, Annotated) and kid.annotation in self._links[kid.page] for kid in element.kids)
        return "Link" if kept else "Span"

    def _kid(self, kid: Element | Mark | Annotated, owner: Object, own_page: int | None) -> Object | int | None:
        if isinstance(kid, Element):
            return self.element(kid, owner)
        if isinstance(kid, Mark):
            self.owners[kid.page][kid.number] = owner
            if kid.page == own_page:
                return kid.number
            return Dictionary(Type=Name.MCR, Pg=self._pages[kid.page], MCID=kid.number)
        link = self._links[kid.page].get(kid.annotation)
        if link is None:
            return None
        self.linked.append((link, owner))
        return Dictionary(Type=Name.OBJR, Pg=self._pages[kid.page], Obj=link)

    def _renamed(self, attribute: Attribute) -> Attribute:
        """Header cells are named by the names of elements."""
        if isinstance(attribute, Dictionary) and isinstance(headers := attribute.get("/Headers"), Array):
            attribute.Headers = Array([String(self._prefix + str(one)) for one in headers])
        return attribute


def _flat(tree: Object, leaf: str) -> list[object]:
    """The keys and values of a number or name tree of ours."""
    found: list[object] = list(array(tree.get(leaf)))
    for kid in array(tree.get("/Kids")):
        found += _flat(dictionary(kid), leaf)
    return found


def _begins(kid: object, numbers: Mapping[Key, int]) -> int:
    """The page of ours that an element begins on."""
    waiting = [kid]
    while waiting:
        one = dictionary(waiting.pop(0))
        if "/Pg" in one:
            return numbers.get(one.Pg.objgen, -1)
        waiting[:0] = list(array(one.get("/K")))
    return -1
