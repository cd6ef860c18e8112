"""Our own check of a paper's structure, on pikepdf: what the validator lets pass and a screen reader would stumble on.

Orphans, duplicates and nested marks, reading order, the parent tree, roles, notes and links. Each finding is a
sentence; none means that nothing was found.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf

Place = tuple[int, int]
"""A page's index and a mark's number."""

_SHOWS = frozenset({"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "INLINE IMAGE"})
_ROLES = frozenset(
    {"Document", "Part", "Sect", "Div", "P", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody"}
    | {"BlockQuote", "Note", "Reference", "Link", "Span", "Figure"}
    | {"Table", "Caption", "THead", "TBody", "TR", "TH", "TD"}
)
_PARENTS = {
    "Sect": {"Document", "Part"},
    "LI": {"L"},
    "LBody": {"LI"},
    "Lbl": {"LI", "Note"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TR": {"Table", "THead", "TBody"},
    "TH": {"TR"},
    "TD": {"TR"},
    "Reference": {"P", "H1", "H2", "H3", "H4", "H5", "H6", "LBody", "TD", "TH", "BlockQuote"},
}


@dataclass
class _Tree:
    """What the structure tree says."""

    order: list[Place] = field(default_factory=list)
    owners: dict[Place, int] = field(default_factory=dict)
    annotations: dict[int, int] = field(default_factory=dict)
    headings: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def structure_findings(content: bytes) -> list[str]:
    """What is wrong with the structure of a paper."""
    with pikepdf.open(BytesIO(content)) as pdf:
        findings = list(_catalogue(pdf))
        if findings:
            return findings
        pages = {page.obj.objgen[0]: index for index, page in enumerate(pdf.pages)}
        tree = _Tree()
        root = pdf.Root.StructTreeRoot
        for top in _kids(root):
            if top.P.objgen != root.objgen:
                findings.append("the outermost element does not point to the root")
            _walk(top, pages, tree, None)
        findings += tree.findings
        findings += _headings(tree.headings)
        findings += [f"two notes are named {name}" for name, times in Counter(tree.names).items() if times > 1]
        parents = dict(_numbers(root.ParentTree))
        for index, page in enumerate(pdf.pages):
            findings += _page(pdf, page.obj, index, tree, parents)
        return findings


def _catalogue(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if "/StructTreeRoot" not in root:
        yield "there is no structure tree"
    if not root.get("/MarkInfo", pikepdf.Dictionary()).get("/Marked", False):
        yield "the file does not say that it is tagged"
    if not str(root.get("/Lang", "")):
        yield "the file names no language"
    if not root.get("/ViewerPreferences", pikepdf.Dictionary()).get("/DisplayDocTitle", False):
        yield "the title is not shown"


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _walk(element: Any, pages: dict[int, int], tree: _Tree, parent: str | None) -> None:
    role = str(element.S)[1:]
    tree.findings += _element(element, role, parent)
    if role[0] == "H" and role[1:].isdigit():
        tree.headings.append(int(role[1:]))
    if role == "Note":
        tree.names.append(str(element.get("/ID", "")))
    number = element.objgen[0]
    for kid in _kids(element):
        if isinstance(kid, int):
            _mark((pages[element.Pg.objgen[0]], kid), number, tree)
        elif kid.get("/Type") == "/MCR":
            _mark((pages[kid.Pg.objgen[0]], int(kid.MCID)), number, tree)
        elif kid.get("/Type") == "/OBJR":
            tree.annotations[kid.Obj.objgen[0]] = number
        else:
            if kid.P.objgen != element.objgen:
                tree.findings.append(f"{kid.S} points to another parent")
            _walk(kid, pages, tree, role)


def _element(element: Any, role: str, parent: str | None) -> Iterator[str]:
    if role not in _ROLES:
        yield f"{role} is no role of ours"
    if parent is not None and role in _PARENTS and parent not in _PARENTS[role]:
        yield f"{role} stands in {parent}"
    if role == "Note" and "/ID" not in element:
        yield "a note has no name"
    if role == "Figure" and not str(element.get("/Alt", "")):
        yield "a figure has no words in its place"
    if role == "TH" and "/Scope" not in element.get("/A", {}):
        yield "a header cell names no scope"


def _mark(place: Place, owner: int, tree: _Tree) -> None:
    if place in tree.owners:
        tree.findings.append(f"mark {place[1]} of page {place[0] + 1} stands twice in the tree")
    tree.owners[place] = owner
    tree.order.append(place)


def _headings(levels: list[int]) -> Iterator[str]:
    before = 0
    for level in levels:
        if level > before + 1:
            yield f"a heading of level {level} follows one of level {before}"
        before = level


def _numbers(tree: Any) -> Iterator[tuple[int, Any]]:
    flat = list(tree.get("/Nums", []))
    yield from zip(map(int, flat[::2]), flat[1::2], strict=True)
    for kid in tree.get("/Kids", []):
        yield from _numbers(kid)


def _page(pdf: pikepdf.Pdf, page: Any, index: int, tree: _Tree, parents: dict[int, Any]) -> Iterator[str]:
    where = f"page {index + 1}"
    drawn, findings = _content(page)
    yield from (f"{where}: {finding}" for finding in findings)
    yield from (f"{where}: mark {number} is drawn twice" for number, times in Counter(drawn).items() if times > 1)
    in_tree = [number for at, number in tree.order if at == index]
    yield from (f"{where}: mark {number} is in no element" for number in sorted(set(drawn) - set(in_tree)))
    yield from (f"{where}: mark {number} is nowhere drawn" for number in sorted(set(in_tree) - set(drawn)))
    if [number for number in drawn if number in set(in_tree)] != in_tree:
        yield f"{where}: the order of the tree is not that of the page"
    owners = list(parents.get(int(page.get("/StructParents", -1)), []))
    for number in set(in_tree):
        if number >= len(owners) or owners[number].objgen[0] != tree.owners[index, number]:
            yield f"{where}: the parent tree names another element for mark {number}"
    yield from (f"{where}: {finding}" for finding in _annotations(page, tree, parents))


def _annotations(page: Any, tree: _Tree, parents: dict[int, Any]) -> Iterator[str]:
    for annotation in page.get("/Annots", []):
        owner = tree.annotations.get(annotation.objgen[0])
        named = parents.get(int(annotation.get("/StructParent", -1)))
        if owner is None:
            yield "an annotation is in no element"
        elif named is None or named.objgen[0] != owner:
            yield "the parent tree names another element for an annotation"
        if not str(annotation.get("/Contents", "")):
            yield "an annotation says nothing"


def _content(page: Any) -> tuple[list[int], list[str]]:
    """The marks in the order they are drawn, and what is wrong with them."""
    drawn: list[int] = []
    findings: list[str] = []
    open_marks: list[int | None] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands: list[Any] = list(instruction.operands)
        name = str(instruction.operator)
        if name in {"BDC", "BMC"}:
            properties: Any = operands[1] if len(operands) > 1 else {}
            number = int(properties.MCID) if "/MCID" in properties else None
            if open_marks and number is not None:
                findings.append(f"mark {number} stands within another")
            if number is not None:
                drawn.append(number)
            open_marks.append(number)
        elif name == "EMC":
            if not open_marks:
                findings.append("a mark ends that never began")
            else:
                open_marks.pop()
        elif name in _SHOWS and not open_marks:
            findings.append(f"{name} draws outside all marks")
    if open_marks:
        findings.append("a mark never ends")
    return drawn, findings
