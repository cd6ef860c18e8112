"""How a delivery reaches its recipient at this moment: asked just before each attempt, whatever was planned."""

from collections.abc import Callable

from gateway.application.files.file_parties import FileParties
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.sealed import DataKey
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.failures import Refused
from gateway.domain.parties import ChannelName, RecipientChannel
from gateway.domain.reasons import Reason
from gateway.domain.ways import asked_way, way_of
from gateway.ports.database import Database


class Reach:
    """Looks the address up anew. suspended: the channels whose carrier does not deliver now."""

    def __init__(
        self,
        *,
        database: Database,
        directory: RecipientDirectory,
        parties: FileParties,
        suspended: Callable[[], frozenset[str]],
    ) -> None:
        self._database = database
        self._directory = directory
        self._parties = parties
        self._suspended = suspended

    def __call__(
        self, dispatch: Dispatch, delivery: Delivery, channel: str, key: DataKey
    ) -> RecipientChannel | Refused:
        """The address for that channel, or why nothing may be sent to it now.

        It is the directory's where the delivery was planned for an entry of it, else the contact that the signed
        package gave, for which the papers were made: never an address that only an unsigned message names.
        """
        with self._directory.reading_once():
            return self._as_it_stands(dispatch, delivery, channel, key)

    def _as_it_stands(
        self, dispatch: Dispatch, delivery: Delivery, channel: str, key: DataKey
    ) -> RecipientChannel | Refused:
        way = self.way(delivery, channel, key)
        if way is None:
            return Refused(reason=Reason.RECIPIENT_CHANGED)
        if channel in self._suspended():
            return Refused(reason=Reason.CARRIER_SUSPENDED)
        withheld = self._parties.held_back(dispatch, delivery, channel, key)
        return way if withheld is None else Refused(reason=withheld)

    def exchange_way(self, delivery: Delivery, key: DataKey) -> RecipientChannel | None:
        """Where the recipient's exchange account stands now; None: they have none."""
        return self.way(delivery, ChannelName.SECURE_UPLOAD, key)

    def way(self, delivery: Delivery, channel: str, key: DataKey) -> RecipientChannel | None:
        """The address for that channel, whatever forbids it now; None where there is none."""
        if delivery.recipient is not None:
            entry = self._directory.get(delivery.recipient)
            if entry is None:
                return None
            return entry.channel(channel) or self._as_asked(delivery, channel)
        made_for = self._parties.made_for(delivery, key)
        return None if made_for is None else way_of(made_for.participant, None, channel)

    def _as_asked(self, delivery: Delivery, channel: str) -> RecipientChannel | None:
        """A way that the entry does not name and that needs no address, where a person asked for it by name."""
        way = asked_way(channel)
        if way is None:
            return None
        with self._database.look_up() as tx:
            acts = [one.facts for one in tx.records.events(delivery.dispatch) if one.delivery == delivery.id]
        asked = any((one.get("action"), one.get("channel")) == (Action.REROUTE, channel) for one in acts)
        return way if asked else None
