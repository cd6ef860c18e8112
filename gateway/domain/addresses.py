"""The one form of mail address that is taken and written: a plain addr-spec (RFC 5321 §4.1.2, RFC 5322 §3.4.1).

Mail libraries reinterpret what is not plain (facts, SMTP): `a@x.test, b@y.test` reaches the first, and a bracket in
the address moves its end. So nothing is parsed or mended here: an address is plain or it is refused, at import as at
sending.
"""

import re
from dataclasses import dataclass
from typing import Self

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+(?!\d+\Z){_LABEL})", re.ASCII)
_MOST_LOCAL = 64  # octets, RFC 5321 §4.5.3.1.1
_MOST = 254  # octets: a path of 256 less its brackets, RFC 5321 §4.5.3.1.3


@dataclass(frozen=True)
class MailAddress:
    """A plain addr-spec in ASCII: no name, comment, group, quotes, literal or space. An internationalised domain
    stands only as A-labels (RFC 5890 §2.3.2.1)."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """The address exactly as written. Raises ValueError, which does not quote it."""
        matched = _PLAIN.fullmatch(text) if text is not None and len(text) <= _MOST else None
        if matched is None or len(matched["local"]) > _MOST_LOCAL:
            raise ValueError("not one plain mail address")
        return cls(matched["local"], matched["domain"])

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"
