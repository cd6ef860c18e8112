"""Certificates of a recipient in a directory of others: looked at, and one of them proposed when a person names it.

Nothing is taken by itself: the directory says what it likes, and the pin is what two people put there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application.people.approvals import Made
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.keyring import Keyring
from gateway.application.views import View
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName, Protection, RecipientChannel
from gateway.domain.problem import InputRefused, NoSuchThing, SetupWrong
from gateway.ports.clock import Clock
from gateway.ports.key_directories import KeyDirectory
from gateway.ports.keys import RecipientKeys


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A certificate that the directory holds. `fault`: why it may not be used; `pinned`: whether it is in use."""

    certificate: bytes
    view: View
    fault: Code | None
    pinned: bool


class KeyLookup:
    """Looks up. `source` is None where no directory is set up."""

    def __init__(
        self,
        *,
        source: KeyDirectory | None,
        directory: RecipientDirectory,
        keyring: Keyring,
        keys: RecipientKeys,
        clock: Clock,
    ) -> None:
        self._source = source
        self._directory = directory
        self._keyring = keyring
        self._keys = keys
        self._clock = clock

    def check(self) -> None:
        """Whether the directory that is set up answers; nothing without one. Raises as `KeyDirectory.check`."""
        if self._source is not None:
            self._source.check()

    def look_up(self, recipient_id: str) -> Sequence[Candidate]:
        """What the directory holds for the recipient's pinned address; nothing is changed.

        Raises NoSuchThing (recipient.unknown), InputRefused (recipient.address-invalid when there is none), SetupWrong
        (settings.invalid without a directory; and as `KeyDirectory`), ServiceDown (directory.unavailable).
        """
        entry = self._directory.known(recipient_id)
        way = entry.channel(ChannelName.ENCRYPTED_EMAIL)
        if way is None or way.address is None:
            raise InputRefused(Code.RECIPIENT_ADDRESS_INVALID, where=recipient_id)
        if self._source is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where="directory.url")
        return [self._candidate(way, found) for found in self._source.certificates(way.address)]

    def propose(self, recipient_id: str, fingerprint: str, *, actor: str, reason: str | None) -> Made:
        """Pins the certificate of that fingerprint, or proposes to, as an import does.

        Raises as `look_up`; NoSuchThing (key.not-in-directory); InputRefused (key.*) for one with a fault; and as
        `Keyring.pin`.
        """
        wanted = fingerprint.replace(":", "").lower()
        found = [one for one in self.look_up(recipient_id) if one.view["fingerprint"] == wanted]
        if not found:
            raise NoSuchThing(Code.KEY_NOT_IN_DIRECTORY, where=recipient_id)
        if found[0].fault is not None:
            raise InputRefused(found[0].fault, where=recipient_id)
        made, _ = self._keyring.pin(recipient_id, found[0].certificate, fingerprint=wanted, actor=actor, reason=reason)
        return made

    def _candidate(self, way: RecipientChannel, certificate: bytes) -> Candidate:
        offered = replace(way, protection=Protection.SMIME, certificate=certificate, public_key=None, fingerprint=None)
        return Candidate(
            certificate=certificate,
            view=self._keyring.certificate(certificate),
            fault=self._fault(offered),
            pinned=way.certificate == certificate,
        )

    def _fault(self, offered: RecipientChannel) -> Code | None:
        """A certificate that somebody hands in may name no address; one of a directory must name the pinned one."""
        try:
            self._keys.standing(offered, self._clock.now())
            facts = self._keys.facts(offered)
        except InputRefused as problem:
            return problem.code
        return None if facts is not None and facts.emails else Code.KEY_WRONG_ADDRESS
