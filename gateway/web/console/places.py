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

    def current(self, here: str) -> str:
        """What a page at that address, below the language, says of it: that it is the one, or among its pages."""
        if here == self.below:
            return "page"
        first = self.below.split("/")[1:2]
        return "true" if first and here.split("/")[1:2] == first else ""


PLACES = (
    Place(key="h", below="", text="page.first"),
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
