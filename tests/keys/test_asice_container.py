"""A ZIP that two readers could read in two ways, or that costs more than it may, is refused."""

import io
import struct
import zipfile

import pytest

from gateway.domain.codes import Code
from keys.asice_container import Container, PackageLimits, open_container
from tests.keys.packages import MIMETYPE, zipped
from tests.keys.refusals import refused

GOOD = zipped([("mimetype", MIMETYPE.encode()), ("decision.json", b"{}" * 500), ("documents/a.pdf", b"pdf" * 500)])
DIRECTORY = GOOD.index(b"PK\x01\x02")
"""Where the central directory begins."""


def opened(raw: bytes, **limits: int) -> Container:
    container = open_container(raw, PackageLimits(**limits))
    for name in container.members:
        container.read(name)
    return container


def patched(position: int, value: bytes, raw: bytes = GOOD) -> bytes:
    return raw[:position] + value + raw[position + len(value) :]


def central(index: int, offset: int, value: bytes) -> bytes:
    """The central header of a member changed."""
    position = DIRECTORY
    for _ in range(index):
        position = GOOD.index(b"PK\x01\x02", position + 1)
    return patched(position + offset, value)


def local(index: int, offset: int, value: bytes, raw: bytes = GOOD) -> bytes:
    """The local header of a member changed."""
    position = 0
    for _ in range(index):
        position = raw.index(b"PK\x03\x04", position + 1)
    return patched(position + offset, value, raw)


def both(index: int, central_offset: int, value: bytes) -> bytes:
    """Both headers changed alike; local fields stand two bytes earlier."""
    return local(index, central_offset - 2, value, central(index, central_offset, value))


def test_a_good_container_is_read_whole() -> None:
    container = opened(GOOD)
    assert list(container.members) == ["mimetype", "decision.json", "documents/a.pdf"]
    assert container.read("documents/a.pdf") == b"pdf" * 500


def test_a_container_may_end_with_the_comment_of_the_standard() -> None:
    file = io.BytesIO(GOOD)
    with zipfile.ZipFile(file, "a") as package:
        package.comment = b"mimetype=" + MIMETYPE.encode()
    assert len(opened(file.getvalue()).members) == 3


def streamed() -> bytes:
    """A ZIP written without going back: sizes stand in descriptors after the data."""

    class Pipe(io.BytesIO):
        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        package.writestr("decision.json", b"{}")
    return pipe.getvalue()


def test_a_streamed_zip_is_read() -> None:
    raw = streamed()
    assert b"PK\x07\x08" in raw
    assert opened(raw).read("decision.json") == b"{}"


def test_a_descriptor_that_disagrees_is_refused() -> None:
    raw = streamed()
    with refused(Code.PACKAGE_NOT_ZIP):
        opened(patched(raw.index(b"PK\x07\x08") + 4, b"\0\0\0\0", raw))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK", id="two bytes"),
        pytest.param(b"%PDF-1.7" * 100, id="a PDF"),
        pytest.param(b"\0" + GOOD, id="prepended"),
        pytest.param(b"#!/bin/sh\n" + GOOD, id="self-extracting"),
        pytest.param(GOOD + b"\0", id="trailing"),
        pytest.param(GOOD + GOOD, id="two in a row"),
        pytest.param(GOOD[:-1], id="cut off"),
        pytest.param(GOOD[:DIRECTORY] + b"gap" + GOOD[DIRECTORY:], id="gap before the directory"),
        pytest.param(patched(len(GOOD) - 2, b"\x05\0") + b"hello", id="a comment"),
        pytest.param(patched(len(GOOD) - 14, b"\x01\0"), id="counts disagree"),
        pytest.param(patched(len(GOOD) - 14, b"\x02\0\x02\0"), id="count too small"),
        pytest.param(patched(len(GOOD) - 14, b"\x04\0\x04\0"), id="count too great"),
        pytest.param(patched(len(GOOD) - 10, b"\xff\xff\xff\xff"), id="ZIP64 size"),
        pytest.param(patched(len(GOOD) - 18, b"\x01\0"), id="second disk"),
        pytest.param(central(1, 42, b"\0\0\0\0"), id="overlap: two members in the same bytes"),
        pytest.param(central(1, 34, b"\x01\0"), id="member on another disk"),
        pytest.param(central(1, 0, b"PK\x01\x03"), id="no central header"),
        pytest.param(central(2, 28, b"\xff\xff"), id="name beyond the end"),
        pytest.param(both(2, 20, b"\xff\xff\xff\xff"), id="ZIP64 size of a member"),
    ],
)
def test_what_is_not_one_plain_zip_is_refused(raw: bytes) -> None:
    with refused(Code.PACKAGE_NOT_ZIP):
        opened(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(local(1, 30, b"D"), id="local name differs"),
        pytest.param(local(1, 8, b"\0\0"), id="local method differs"),
        pytest.param(local(1, 14, b"\0\0\0\0"), id="local checksum differs"),
        pytest.param(local(1, 22, b"\x01\0\0\0"), id="local size differs"),
        pytest.param(local(1, 0, b"PK\x03\x05"), id="no local header"),
        pytest.param(local(1, 6, b"\x01\0"), id="local flag differs"),
        pytest.param(both(1, 8, b"\x01\0"), id="encrypted"),
        pytest.param(both(1, 8, b"\x40\0"), id="strongly encrypted"),
        pytest.param(both(1, 8, b"\x20\0"), id="patched data"),
        pytest.param(both(1, 10, b"\x0c\0"), id="bzip2"),
        pytest.param(both(1, 10, b"\x63\0"), id="AES"),
        pytest.param(both(1, 10, b"\x00\0"), id="stored with two sizes"),
        pytest.param(both(1, 16, b"\0\0\0\0"), id="wrong checksum"),
        pytest.param(both(1, 24, struct.pack("<I", 1001)), id="more announced than there is"),
        pytest.param(patched(GOOD.index(b"decision.json") + 13, b"\xff\xff\xff"), id="no deflated data"),
    ],
)
def test_a_member_that_cannot_be_read_in_one_way_is_refused(raw: bytes) -> None:
    with refused(Code.PACKAGE_MEMBER_UNREADABLE):
        opened(raw)


@pytest.mark.parametrize("kind", [0x0001, 0x7075], ids=["ZIP64", "second name"])
def test_an_extra_field_with_another_size_or_name_is_refused(kind: int) -> None:
    entry = zipfile.ZipInfo("documents/a.pdf")
    entry.extra = struct.pack("<HHI", kind, 4, 0)
    with refused(Code.PACKAGE_MEMBER_UNREADABLE, "documents/a.pdf"):
        opened(zipped([("mimetype", MIMETYPE.encode()), (entry, b"x")]))


def test_an_extra_field_that_is_cut_off_is_refused() -> None:
    entry = zipfile.ZipInfo("documents/a.pdf")
    entry.extra = struct.pack("<HH", 0x5455, 9)
    with refused(Code.PACKAGE_MEMBER_UNREADABLE, "documents/a.pdf"):
        opened(zipped([("mimetype", MIMETYPE.encode()), (entry, b"x")]))


def test_a_name_in_a_code_page_is_refused() -> None:
    raw = zipped([("mimetype", MIMETYPE.encode()), ("documents/a.pdf", b"x")])
    with refused(Code.PACKAGE_MEMBER_UNSAFE):
        opened(raw.replace(b"documents/a.pdf", b"documents/\x82.pdf"))


def test_a_bomb_that_announces_itself_is_refused_before_it_is_inflated() -> None:
    with refused(Code.PACKAGE_EXPANDS_TOO_MUCH, "documents/bomb.pdf"):
        open_container(
            zipped([("mimetype", MIMETYPE.encode()), ("documents/bomb.pdf", bytes(20_000_000))]), PackageLimits()
        )


def test_a_bomb_that_announces_little_is_stopped_at_what_it_announced() -> None:
    raw = zipped([("mimetype", MIMETYPE.encode()), ("documents/bomb.pdf", bytes(20_000_000))])
    lying = raw.replace(struct.pack("<I", 20_000_000), struct.pack("<I", 1000))
    with refused(Code.PACKAGE_EXPANDS_TOO_MUCH, "documents/bomb.pdf"):
        opened(lying)


def test_many_members_that_are_much_together_are_refused() -> None:
    members = [(f"documents/{number}.pdf", bytes(range(256)) * 40) for number in range(20)]
    with refused(Code.PACKAGE_EXPANDS_TOO_MUCH):
        opened(zipped([("mimetype", MIMETYPE.encode()), *members]), inflated_bytes=100_000)


def test_ten_thousand_members_are_refused_by_their_number() -> None:
    members = [(f"documents/{number}.pdf", b"") for number in range(10_000)]
    with refused(Code.PACKAGE_TOO_MANY_MEMBERS):
        opened(zipped([("mimetype", MIMETYPE.encode()), *members]))


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"package_bytes": len(GOOD) - 1}, Code.PACKAGE_TOO_LARGE),
        ({"members": 2}, Code.PACKAGE_TOO_MANY_MEMBERS),
        ({"member_bytes": 1499}, Code.PACKAGE_MEMBER_TOO_LARGE),
        ({"inflated_bytes": 2530}, Code.PACKAGE_EXPANDS_TOO_MUCH),
    ],
)
def test_one_over_a_limit_is_refused(limits: dict[str, int], code: Code) -> None:
    with refused(code):
        opened(GOOD, **limits)


def test_the_limits_themselves_are_allowed() -> None:
    container = opened(GOOD, package_bytes=len(GOOD), members=3, member_bytes=1500, inflated_bytes=2531)
    assert len(container.members) == 3


def test_nothing_is_needed_but_the_mimetype_and_it_must_be_stored() -> None:
    assert list(opened(zipped([("mimetype", MIMETYPE.encode())])).members) == ["mimetype"]
    with refused(Code.PACKAGE_NOT_ASIC):
        opened(zipped([]))
    with refused(Code.PACKAGE_NOT_ASIC):
        opened(zipped([(zipfile.ZipInfo("mimetype"), MIMETYPE.encode())]).replace(b"mimetype", b"mimetypf"))


def named(*names: str) -> bytes:
    """A container that holds `mimetype` and entries of these names, as Info-ZIP writes them: UTF-8 without the flag."""
    plain = [name.encode() for name in names]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as container:
        container.writestr("mimetype", MIMETYPE)
        for number, name in enumerate(plain):
            container.writestr("x" * (len(name) - 1) + str(number), b"" if name.endswith(b"/") else b"content")
    raw = made.getvalue()
    for number, name in enumerate(plain):
        raw = raw.replace(b"x" * (len(name) - 1) + str(number).encode(), name)
    return raw


def test_folders_of_members_are_passed_over_as_zip_r_writes_them() -> None:
    container = open_container(named("documents/", "documents/reasons.pdf"), PackageLimits())
    assert list(container.members) == ["mimetype", "documents/reasons.pdf"]


@pytest.mark.parametrize("folder", ["empty/", "documents/reasons.pdf/"])
def test_a_folder_that_holds_no_member_is_no_part_of_what_was_signed(folder: str) -> None:
    with refused(Code.PACKAGE_MEMBER_UNLISTED, folder):
        open_container(named("documents/reasons.pdf", folder), PackageLimits())


def test_names_in_utf_8_are_read_with_and_without_the_flag_that_says_so() -> None:
    container = open_container(named("documents/décision.pdf"), PackageLimits())
    assert list(container.members) == ["mimetype", "documents/décision.pdf"]
