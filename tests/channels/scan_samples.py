"""Files of scans for tests, in the forms that are read; every number and name invented."""

from collections.abc import Sequence

PIN = "7023210039414604"
SIGNATORY = "Z SIGNATAIRE"


def mail_room_list(*rows: Sequence[str]) -> bytes:
    """Rows of item, event, moment, and where told the carrier's number and who signed."""
    lines = [",".join((*row, "", "")[:5]) for row in rows]
    return "\n".join(["item,event,at,tracking,signatory", *lines, ""]).encode()


def carrier_list(*rows: Sequence[str], carrier: str = "canada-post") -> bytes:
    """Rows of number, code, moment, and where told who signed."""
    lines = [f"{carrier},{row[0]},{row[1]},{row[2]},Item seen,TORONTO,{(*row, '')[3]}" for row in rows]
    head = "carrier,tracking_number,event_code,event_time,description,location,signatory"
    return "\r\n".join([head, *lines, ""]).encode("utf-8-sig")


def tracking_detail(
    *events: Sequence[str], pin: str = PIN, space: str = "http://www.canadapost.ca/ws/track-v2"
) -> bytes:
    """Events of code, date, time, zone, and where told who signed, as the service answers: the newest first."""
    shown = "".join(
        f"<occurrence><event-identifier>{code}</event-identifier><event-date>{date}</event-date>"
        f"<event-time>{time}</event-time><event-time-zone>{zone}</event-time-zone>"
        f"<event-description>Item seen</event-description><signatory-name>{''.join(signed)}</signatory-name>"
        f"<event-site>TORONTO</event-site><event-province>ON</event-province></occurrence>"
        for code, date, time, zone, *signed in events
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><tracking-detail xmlns="{space}"><pin>{pin}</pin>'
        f"<service-name>Registered Mail</service-name><significant-events>{shown}</significant-events>"
        "</tracking-detail>"
    ).encode()
