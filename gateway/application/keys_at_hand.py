"""Whether this machine has each own key that is in use: what another one rotated is there from then on, and here only
once it was copied.

The database says which: by which key-encryption keys anything is wrapped, and which generation of each key was made
last. Numbers and names only; a look costs a few rows, however much is sealed.
"""

from gateway.domain.codes import Code
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import ServiceDown
from gateway.ports.database import Database
from gateway.ports.own_keys import KeysHere


class KeysAtHand:
    """Holds what is here against what is in use."""

    def __init__(self, *, own: KeysHere, database: Database) -> None:
        self._own = own
        self._database = database

    def check(self) -> None:
        """Raises ServiceDown (key.not-here) with the names of those that are not; SetupWrong (key.*,
        seal.key-permissions) for one that is here and cannot be used."""
        with self._database.look_up() as tx:
            wrapped, in_use = tx.registry.data_key_of_each_wrapping(), tx.registry.own_keys()
        here = self._own.generations()
        lacking = [f"{OwnKeyName.KEY_ENCRYPTION} {one}" for one in self._own.lacking(wrapped)]
        lacking += [
            f"{name} {number}"
            for name, number in sorted(in_use.items())
            if here.get(name, 0) < number and not (lacking and name is OwnKeyName.KEY_ENCRYPTION)
        ]
        if lacking:
            raise ServiceDown(Code.KEY_NOT_HERE, where=", ".join(lacking))

    def tell(self) -> None:
        """What is here is in use from now on, unless something later is."""
        with self._database.write() as tx:
            tx.registry.use_own_keys(self._own.generations())
