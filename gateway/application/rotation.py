"""Replacing the gateway's own keys while it runs. See docs/adr/0008."""

from gateway.application.keys_at_hand import KeysAtHand
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import InputRefused
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.own_keys import OwnKeyring, Rewrapper, Rotation

_BATCH = 500
_IN_TOKENS = frozenset(
    {
        OwnKeyName.PACKAGE_ACCEPTANCE,
        OwnKeyName.MAIL_SIGNING,
        OwnKeyName.EVIDENCE_SIGNING,
        OwnKeyName.DISPATCH_SEAL,
    }
)


class RotateKeys:
    """Makes a new key and records who did it. After a new KEK every data key is wrapped by it; no object is touched."""

    def __init__(
        self, *, own: OwnKeyring, at_hand: KeysAtHand, sealer: Rewrapper, database: Database, clock: Clock
    ) -> None:
        self._own = own
        self.at_hand = at_hand
        self._sealer = sealer
        self._database = database
        self._clock = clock

    def __call__(self, name: OwnKeyName, *, actor: str, token: str | None = None) -> Rotation:
        """`token`: see `OwnKeyring`. Raises InputRefused (request.invalid) for a key that no token can hold;
        SetupWrong (key.*, seal.*, file.unreadable); ServiceDown, as where a KEK is to follow one that is on another
        machine alone (key.not-here). A rotation of the KEK that was cut off is
        completed by the next one: until then the old KEK opens what it wrapped."""
        if token is not None and name not in _IN_TOKENS:
            raise InputRefused(Code.REQUEST_INVALID, where="--token", expected=", ".join(sorted(_IN_TOKENS)))
        if name is OwnKeyName.KEY_ENCRYPTION:
            self.at_hand.check()  # what is wrapped by one that is not here could not be wrapped anew
        now = self._clock.now()
        rotation = self._own.rotate(name, at=now, token=token)
        facts = {"key": name.value, "fingerprint": rotation.fingerprint, "replaced": rotation.replaced}
        with self._database.write() as tx:
            tx.records.append(Event(name=EventName.KEY_ROTATED, at=now, actor=actor, facts=facts))
            tx.registry.use_own_keys({name: self._own.generations()[name]})
        if name is OwnKeyName.KEY_ENCRYPTION:
            self._rewrap_all()
        return rotation

    def _rewrap_all(self) -> None:
        after = ""
        while True:
            with self._database.write() as tx:
                batch = tx.registry.data_keys(after=after, limit=_BATCH)
                for key_id, wrapped in batch:
                    tx.registry.rewrap_data_key(key_id, self._sealer.rewrap(key_id, wrapped))
            if len(batch) < _BATCH:
                return
            after = batch[-1][0]
