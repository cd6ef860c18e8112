"""The places that every page leads to, each with the key that goes there after `g`."""

from dataclasses import dataclass

from gateway.domain.accounts import Permission


@dataclass(frozen=True, kw_only=True)
class Place:
    """text: of its name. needs: what who sees it may; of_feed: only where an outcome feed is set up."""

    key: str
    below: str
    text: str
    needs: Permission | None = None
    of_feed: bool = False


PLACES = (
    Place(key="h", below="", text="home.title"),
    Place(key="l", below="/lists/needs-person", text="work.lists"),
    Place(key="n", below="/new", text="new.title", needs=Permission.SUBMIT),
    Place(key="a", below="/approvals", text="approvals.title"),
    Place(key="m", below="/mail-room", text="mail-room.title"),
    Place(key="c", below="/channels", text="channels.title"),
    Place(key="d", below="/directory", text="directory.title"),
    Place(key="u", below="/audit", text="audit.title", needs=Permission.AUDIT),
    Place(key="f", below="/figures", text="figures.title"),
    Place(key="o", below="/feed", text="feed.title", of_feed=True),
)
