"""Files of scans: each form read strictly, what is not known taken for no more than being on its way."""

import datetime as dt
from pathlib import Path

import pytest

from gateway.application.mail_room.scan_codes import carrier_codes
from gateway.bootstrap.mail_room import readers_of
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.report import Finding
from gateway.domain.scan import FINDING_OF, Scan, ScanMeaning
from tests.channels.scan_samples import PIN, SIGNATORY, carrier_list, mail_room_list, tracking_detail

AT = "2026-11-24T10:15:00-05:00"
CODES = carrier_codes(Path())
MOMENT = dt.datetime(2026, 11, 24, 15, 15, tzinfo=dt.UTC)


def read(raw: bytes) -> list[Scan]:
    (reader,) = [one for one in readers_of(CODES) if one.recognizes(raw)]
    return list(reader.read(raw))


def test_the_mail_rooms_list_speaks_our_own_words() -> None:
    raw = mail_room_list(["RN 473 124 815 CA", "inducted", AT], ["012345678901234567890123", "returned", AT, PIN])
    first, second = read(raw)
    assert (first.item, first.meaning, first.at, first.tracking) == ("RN473124815CA", ScanMeaning.INDUCTED, MOMENT, "")
    assert (second.meaning, second.tracking, second.finding) == (ScanMeaning.RETURNED, PIN, Finding.MAIL_RETURNED)
    assert b"0123456789" not in first.extract


def test_a_carriers_list_keeps_its_codes() -> None:
    raw = carrier_list(
        ["RN473124815CA", "1408", AT, SIGNATORY], ["RN473124829CA", "1417", AT], ["RN473124832CA", "9", AT]
    )
    signed, refused, unknown = read(raw)
    assert [one.finding for one in (signed, refused, unknown)] == [
        Finding.MAIL_SIGNED,
        Finding.MAIL_REFUSED,
        Finding.MAIL_IN_TRANSIT,
    ]
    assert (signed.source, signed.code, signed.at) == ("canada-post", "1408", MOMENT)
    assert SIGNATORY.encode() in signed.extract
    assert [one.known for one in (signed, refused, unknown)] == [True, True, False]


def test_an_office_names_what_its_own_couriers_confirmed(tmp_path: Path) -> None:
    table = '[[carrier]]\ncarrier = "a-courier"\nsource = "Their letter of 2026-11-02"\n'
    (tmp_path / "codes.toml").write_text(table + 'codes = [{ code = "DLV", meaning = "delivered" }]\n')
    codes = carrier_codes(tmp_path, "codes.toml")
    assert set(codes) == {"canada-post", "a-courier"}
    assert codes["a-courier"].meaning("DLV") is ScanMeaning.DELIVERED
    (tmp_path / "codes.toml").write_text(table + 'codes = [{ code = "DLV", meaning = "perhaps" }]\n')
    with pytest.raises(SetupWrong):
        carrier_codes(tmp_path, "codes.toml")
    with pytest.raises(SetupWrong):
        carrier_codes(tmp_path, "none.toml")


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("3000", ScanMeaning.NOTED),
        ("3002", ScanMeaning.NOTED),
        ("2300", ScanMeaning.INDUCTED),
        ("0174", ScanMeaning.IN_TRANSIT),
        ("0167", ScanMeaning.RETURNED),
        ("1443", ScanMeaning.ATTEMPTED),
        ("1701", ScanMeaning.HELD),
        ("1417", ScanMeaning.REFUSED),
        ("1416", ScanMeaning.UNDELIVERABLE),
        ("3001", ScanMeaning.RETURNED),
        ("1408", ScanMeaning.DELIVERED),
        ("9876", ScanMeaning.IN_TRANSIT),
    ],
)
def test_the_posts_codes_mean_what_its_table_says_with_zeros_or_without(code: str, meaning: ScanMeaning) -> None:
    (scan,) = read(carrier_list(["RN473124815CA", code, AT]))
    assert scan.meaning is meaning


@pytest.mark.parametrize("space", ["http://www.canadapost.ca/ws/track-v2", "http://www.canadapost.ca/ws/track", ""])
def test_canada_posts_detail_is_read_whatever_its_version_and_order(space: str) -> None:
    raw = tracking_detail(
        ["20", "2026-11-24", "10:15:00", "EST", SIGNATORY],
        ["1496", "2026-11-24", "10:15:00", "EST"],
        ["0174", "2026-11-24", "08:27:43", "EST"],
        space=space,
    )
    signature, delivered, out = read(raw)
    assert (signature.item, signature.at, signature.finding) == (PIN, MOMENT, Finding.MAIL_SIGNED)
    assert delivered.finding is Finding.MAIL_DELIVERED, "nobody signed by that event"
    assert out.finding is Finding.MAIL_IN_TRANSIT
    assert PIN.encode() in out.extract
    assert SIGNATORY.encode() not in out.extract


def test_a_moment_without_its_zone_or_time_is_read_as_the_latest_that_it_can_be() -> None:
    no_zone, no_time = read(tracking_detail(["1408", "2026-11-24", "10:15:00", ""], ["1408", "2026-11-24", "", "EST"]))
    assert no_zone.at == dt.datetime(2026, 11, 24, 18, 15, tzinfo=dt.UTC)
    assert no_time.at == dt.datetime(2026, 11, 25, 4, 59, 59, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (mail_room_list(["RN473124815CA", "seen", AT]), "line 2, event"),
        (mail_room_list(["RN473124815CA", "held", "2026-11-24 10:15"]), "line 2, at"),
        (mail_room_list(["RN47", "held", AT]), "line 2, item"),
        (mail_room_list(["RN473124815CA", "held", AT], ["RN473124815CA", "held", ""]), "line 3, at"),
        (mail_room_list(["RN473124815CA", "held", AT]) + b"one,two\n", "line 3"),
        (mail_room_list(["RN473124815CA", "held", AT]) + b'"RN473124815CA"x,held,,,\n', "line 3"),
        (mail_room_list(["RN473124815CA", "held", AT]) + b"\xff\n", "file"),
        (carrier_list(["RN473124815CA", "1408", AT], carrier="pigeons"), "line 2, carrier"),
        (carrier_list(["RN473124815CA", "", AT]), "line 2, event_code"),
        (tracking_detail(["1408", "2026-11-24", "10:15:00", "MET"]), f"{PIN}, occurrence 1, event-time-zone"),
        (tracking_detail(["1408", "24/11/2026", "10:15:00", "EST"]), f"{PIN}, occurrence 1, event-date"),
        (tracking_detail(["", "2026-11-24", "10:15:00", "EST"]), f"{PIN}, occurrence 1, event-identifier"),
        (tracking_detail(pin="1"), "pin"),
        (b"<messages><message><code>004</code></message></messages>", "messages/004"),
        (b"<tracking-detail>", "file"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><tracking-detail><pin>&a;</pin></tracking-detail>', "file"),
    ],
)
def test_a_fault_in_one_place_refuses_the_whole_file_and_names_the_place(raw: bytes, where: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(raw)
    assert (refused.value.code, refused.value.where) == (Code.SCANS_FILE_INVALID, where)


def test_every_meaning_has_a_finding_and_no_code_stands_twice() -> None:
    assert set(FINDING_OF) == set(ScanMeaning)
    for one in carrier_codes(Path()).values():
        codes = [code.code for code in one.codes]
        assert len(codes) == len(set(codes)), one.carrier
        assert one.meaning("never heard of") is ScanMeaning.IN_TRANSIT


def test_a_scan_is_known_by_what_it_says_and_not_by_the_name_in_it() -> None:
    first, again = (read(carrier_list(["RN473124815CA", "1408", AT, name]))[0] for name in (SIGNATORY, "SOMEBODY ELSE"))
    (unsigned,) = read(carrier_list(["RN473124815CA", "1408", AT]))
    assert first.digest == again.digest != unsigned.digest
