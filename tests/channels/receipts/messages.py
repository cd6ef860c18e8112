"""Messages that come back, made by script: shaped like those of real mail systems, with tokens of ours."""

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"


def crlf(text: str) -> bytes:
    """As it travels."""
    return text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def dsn(
    action: str = "failed",
    *,
    status: str = "5.1.1",
    envelope_id: str = TOKEN,
    message_id: str = f"<{TOKEN}@tribunal.example>",
    recipients: int = 1,
    report: str = "message/delivery-status",
) -> bytes:
    """A delivery status notification as Postfix writes it."""
    each = "".join(
        f"""
Final-Recipient: rfc822; counsel{n}@firm.example
Original-Recipient: rfc822;counsel{n}@firm.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx.firm.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown
"""
        for n in range(recipients)
    )
    returned = f"Message-ID: {message_id}\nSubject: [...]\n" if message_id else "Subject: [...]\n"
    envelope = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    return crlf(
        f"""From: MAILER-DAEMON@mx.gw.test (Mail Delivery System)
To: registry@tribunal.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: {report}

Reporting-MTA: dns; mx.gw.test
{envelope}Arrival-Date: Fri, 20 Nov 2026 15:04:00 -0500 (EST)
{each}
--b
Content-Type: text/rfc822-headers

{returned}
--b--
"""
    )


def mdn(disposition: str = "manual-action/MDN-sent-manually; displayed") -> bytes:
    """A disposition notification as Thunderbird writes it."""
    return crlf(
        f"""From: counsel@firm.example
To: registry@tribunal.example
Subject: Return Receipt (displayed)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

This is a Return Receipt.

--b
Content-Type: message/disposition-notification

Reporting-UA: Thunderbird
Final-Recipient: rfc822;counsel@firm.example
Original-Message-ID: <{TOKEN}@tribunal.example>
Disposition: {disposition}

--b--
"""
    )


def letter(*headers: str, body: str = "Thank you.", answers: str = TOKEN) -> bytes:
    """A plain message with further headers; `answers` is the token of the message it replies to, if any."""
    replied = f"In-Reply-To: <{answers}@tribunal.example>\n" if answers else ""
    more = "".join(f"{header}\n" for header in headers)
    return crlf(
        f"From: counsel@firm.example\nTo: registry@tribunal.example\nSubject: Re: [...]\n{replied}{more}\n{body}\n"
    )


QMAIL = crlf(
    f"""Return-Path: <>
From: MAILER-DAEMON@firm.example
To: registry+{TOKEN}@tribunal.example
Subject: failure notice

Hi. This is the qmail-send program at firm.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<counsel@firm.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
"""
)
