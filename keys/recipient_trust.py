"""Whether content may be encrypted under the certificate that is pinned to a recipient, at one moment.

The pin, put there by two people, says whose the certificate is. What a pin cannot say is whether its issuer has taken
it back since. So a certificate is judged as far as there is something to judge it by:

- under an anchor for recipients (`gateway keys trust --recipients`) its chain and its revocation must hold;
- where no anchor stands for it, but it names where its status is published, that status cannot be verified: refused;
- where it names nothing (a self-signed certificate, above all), the pin is all there ever was, and taking it back is
  to change the directory. `[trust] revocation = "required"` refuses these too.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509

from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.trust import Revocation, TrustedAnchor
from gateway.ports.keys import KeyStanding
from keys.certificates import fingerprint
from keys.recipient_certificates import certificate_facts, check_recipient_certificate
from keys.revocation import Refusals, RevocationPolicy, RevocationRules, check_revocation
from keys.status_reading import read_list
from keys.status_sources import names_source
from keys.trust import Chain, between, certificates, valid_chain
from keys.trust_refusal import way_up

REFUSALS = Refusals(revoked=Code.KEY_REVOKED, unknown=Code.KEY_REVOCATION_UNKNOWN)
_MOST_CHAINS = 10_000

_Name = tuple[x509.Certificate, bytes, tuple[bytes, ...]]
"""A chain is found for a certificate, an anchor, and the intermediates that are offered."""


@dataclass(frozen=True)
class _Window:
    """A chain with the time in which every certificate of it is valid."""

    chain: Chain
    since: dt.datetime
    until: dt.datetime


class RecipientTrust:
    """Judges recipients' certificates. `anchors` gives those that stand for recipients now."""

    def __init__(self, *, anchors: Callable[[], Sequence[TrustedAnchor]], rules: RevocationRules) -> None:
        self._anchors = anchors
        self._rules = rules
        self._chains: dict[_Name, _Window] = {}

    def standing(self, way: RecipientChannel, at: dt.datetime) -> KeyStanding | None:
        """How the way's certificate stands when it may be used; None where the way has none.

        Raises InputRefused: as `check_recipient_certificate`, and key.wrong-address, key.chain-broken, key.revoked,
        key.revocation-unknown.
        """
        if way.certificate is None:
            return None
        certificate = check_recipient_certificate(way.certificate, at)
        _check_address(certificate_facts(way.certificate).emails, way.address)
        anchors = self._anchors()
        found = self._chain(certificate, anchors, at)
        if found is None:
            return self._by_pin_alone(certificate, anchors)
        anchor, chain = found
        lists = [read_list(der) for one in anchors for der in one.crls]
        revocation = check_revocation(
            chain, lists, at=at, rules=self._rules, expected=bool(anchor.crls), refusals=REFUSALS
        )
        return KeyStanding(
            fingerprint=fingerprint(certificate),
            anchor=anchor.fingerprint,
            revocation=revocation.revocation,
            responses=revocation.responses,
            issuers=tuple(between(chain)),
        )

    def _chain(
        self, certificate: x509.Certificate, anchors: Sequence[TrustedAnchor], at: dt.datetime
    ) -> tuple[TrustedAnchor, Chain] | None:
        """An anchor and a chain to it. Building chains costs more than all the rest: one is kept for as long as every
        certificate of it is valid."""
        offered = tuple(der for one in anchors for der in one.intermediates)
        for anchor in anchors:
            name = (certificate, anchor.certificate, offered)
            kept = self._chains.get(name)
            if kept is None or not kept.since <= at <= kept.until:
                (root,) = certificates([anchor.certificate])
                chain = valid_chain(certificate, certificates(offered), root, at)
                if chain is None:
                    continue
                kept = self._keep(name, chain)
            return anchor, kept.chain
        return None

    def _keep(self, name: _Name, chain: Chain) -> _Window:
        if len(self._chains) >= _MOST_CHAINS:
            self._chains.clear()
        since = max(one.not_valid_before_utc for one in chain)
        self._chains[name] = _Window(chain, since, min(one.not_valid_after_utc for one in chain))
        return self._chains[name]

    def _by_pin_alone(self, certificate: x509.Certificate, anchors: Sequence[TrustedAnchor]) -> KeyStanding:
        pool = certificates(der for one in anchors for der in one.intermediates)
        roots = certificates(one.certificate for one in anchors)
        if names_source(certificate) or way_up(certificate, pool, roots) is not None:
            raise InputRefused(Code.KEY_CHAIN_BROKEN, certificate=fingerprint(certificate))
        if self._rules.policy is RevocationPolicy.REQUIRED:
            raise InputRefused(Code.KEY_REVOCATION_UNKNOWN, certificate=fingerprint(certificate))
        return KeyStanding(fingerprint=fingerprint(certificate), anchor=None, revocation=Revocation.NO_SOURCE)


def _check_address(names: tuple[str, ...], address: str | None) -> None:
    """The address that the key is pinned to is one of those in the certificate; where it names none, the approval
    ties the two (RFC 8550 §3). Domains are alike in any case, the part before them only as written."""
    if not names or address is None:
        return
    wanted = MailAddress.parse(address)
    for name in names:
        try:
            given = MailAddress.parse(name)
        except ValueError:
            continue
        if (given.local, given.domain.lower()) == (wanted.local, wanted.domain.lower()):
            return
    raise InputRefused(Code.KEY_WRONG_ADDRESS)
