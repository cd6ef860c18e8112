"""A folder at the receiver's server, reached over HTTPS by WebDAV."""

from channels.webdav.client import DavClient
from channels.webdav.faults import IN_DOUBT, DavError
from channels.webdav.link import DavLink
from gateway.ports.feed import Put

_WHERE = "feed.server"
_FOLDER = "outcomes"


class FeedWebdav:
    """Implements `gateway.ports.feed.FeedPlace`. Only `outcomes` in the account's folder is made."""

    def __init__(self, link: DavLink) -> None:
        self._link = link

    def put(self, name: str, content: bytes) -> Put:
        """See `FeedPlace`. Under its own name it appears by a move: only who asked for that and got no answer, or one
        of something between us and the server, does not know."""
        draft, moving = (_FOLDER, f"{name}.part"), False

        async def put(client: DavClient) -> None:
            nonlocal moving
            await client.make_folder((_FOLDER,))
            await client.put(draft, content)
            moving = True
            await client.move(draft, (_FOLDER, name))

        try:
            self._link.ask(put)
        except DavError as error:
            if moving and error.fault in IN_DOUBT:
                return Put.UNKNOWN
            raise error.problem(_WHERE) from None
        finally:
            self._link.close()
        return Put.THERE

    def holds(self, name: str, size: int) -> bool:
        """See `FeedPlace`."""
        try:
            return self._link.ask(lambda client: client.size((_FOLDER, name))) == size
        except DavError as error:
            raise error.problem(_WHERE) from None
        finally:
            self._link.close()
