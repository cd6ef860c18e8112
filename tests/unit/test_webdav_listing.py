"""What a WebDAV server may say a folder holds."""

import pytest

from channels.webdav.faults import DavFault, of_status
from channels.webdav.listing import read_listing

ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]><multistatus xmlns="DAV:">&b;</multistatus>'


def told(href: str, kind: str = "", modified: str = "Fri, 27 Nov 2026 16:06:03 GMT") -> bytes:
    """A multistatus of one."""
    time = f"<getlastmodified>{modified}</getlastmodified>" if modified else ""
    prop = f"<propstat><prop><resourcetype>{kind}</resourcetype>{time}</prop></propstat>"
    return f'<multistatus xmlns="DAV:"><response><href>{href}</href>{prop}</response></multistatus>'.encode()


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (told("/case/in/a%20b.p7s"), ["a b.p7s"]),
        (told("https://localhost/case/in/a.p7s"), ["a.p7s"]),
        (told("/case/in/a.p7s", kind="<collection/>"), []),
        (told("/case/in/"), []),
        (told("/case/in/a.p7s", modified=""), []),
        (told("/case/in/..%2F..%2Fa.p7s"), []),
    ],
)
def test_files_alone_are_listed_by_names_that_stay_in_the_folder(answer: bytes, names: list[str]) -> None:
    assert [one.name for one in read_listing(answer)] == names


@pytest.mark.parametrize("answer", [b"", b"<html/>", ENTITY, told("/a", modified="yesterday")])
def test_what_is_no_listing_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (what a library says of a date is its own)
        read_listing(answer)


ANSWERS = {
    301: DavFault.DENIED,
    401: DavFault.AUTHENTICATION,
    404: DavFault.MISSING,
    409: DavFault.DENIED,
    423: DavFault.BUSY,
    502: DavFault.FAILED,
    504: DavFault.FAILED,
    507: DavFault.FULL,
}


@pytest.mark.parametrize(("status", "fault"), ANSWERS.items())
def test_an_answer_of_something_in_between_leaves_doubt_and_a_redirection_is_a_no(status: int, fault: DavFault) -> None:
    assert of_status(status) is fault
