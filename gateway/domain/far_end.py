"""Which far end a delivery is spoken to by: what limits and breakers belong to, under one name for all workers.

A channel speaks to one, and bears its name: our mail server, our own exchange. Uploads go to as many as there are
recipients with a server of their own, and one that is silent must not hold up the papers for the others.
"""

from gateway.domain.parties import ChannelName, ExchangeKind, Recipient, RecipientChannel

_BETWEEN = "/"
_OF_RECIPIENTS = frozenset({ExchangeKind.SFTP, ExchangeKind.TUS})


def server_of(recipient: Recipient | None) -> str | None:
    """The recipient's own server that uploads for them go to: its name in the file of others' exchanges."""
    way = None if recipient is None else recipient.channel(ChannelName.SECURE_UPLOAD)
    return None if way is None else server_at(way)


def server_at(way: RecipientChannel) -> str | None:
    """The recipient's own server that is spoken to on that way, if it is one."""
    return way.account if way.type == ChannelName.SECURE_UPLOAD and way.exchange in _OF_RECIPIENTS else None


def destination_of(channel: str, server: str | None) -> str:
    """The name of the far end that a channel speaks to for a recipient with that server of their own."""
    return f"{channel}{_BETWEEN}{server}" if channel == ChannelName.SECURE_UPLOAD and server else channel


def channel_to(destination: str) -> str:
    """The channel that speaks to the far end of that name."""
    return destination.partition(_BETWEEN)[0]
