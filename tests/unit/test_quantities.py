"""Durations and sizes: one whole number and one unit, read and written alike."""

import datetime as dt

import pytest

from gateway.domain.quantities import Bytes, duration, size, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", dt.timedelta(milliseconds=500)),
        ("0s", dt.timedelta()),
        ("45s", dt.timedelta(seconds=45)),
        ("10m", dt.timedelta(minutes=10)),
        ("4h", dt.timedelta(hours=4)),
        ("2d", dt.timedelta(days=2)),
    ],
)
def test_durations(text: str, expected: dt.timedelta) -> None:
    assert duration(text) == expected
    assert duration(written(expected)) == expected


@pytest.mark.parametrize(("text", "expected"), [("7B", 7), ("20KB", 20_000), ("10MB", 10_000_000), ("1GB", 10**9)])
def test_sizes(text: str, expected: int) -> None:
    assert size(text) == expected
    assert written(size(text)) == text


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (dt.timedelta(), "0s"),
        (dt.timedelta(seconds=90), "90s"),
        (dt.timedelta(minutes=120), "2h"),
        (dt.timedelta(milliseconds=1500), "1500ms"),
        (Bytes(0), "0B"),
        (Bytes(1_500_000), "1500KB"),
    ],
)
def test_a_quantity_is_written_in_the_largest_unit_that_leaves_a_whole_number(
    quantity: dt.timedelta | Bytes, text: str
) -> None:
    assert written(quantity) == text


@pytest.mark.parametrize("read", [duration, size])
@pytest.mark.parametrize(
    "text", ["", "s", "1.5s", "-1s", "1 s", "1S", "1w", "1kB", "1MiB", "١s", "1e3s", "1s\n", None, 5, True, "9999999d"]
)
def test_what_is_no_quantity_is_refused(read: object, text: object) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match=r"whole number|more than anybody means"):
        read(text)
