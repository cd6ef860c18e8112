"""What a person may settle about a delivery (INTERFACE.md, `gateway resolve`)."""

from enum import StrEnum


class Action(StrEnum):
    """What can be resolved now."""

    RETRY = "retry"
    REROUTE = "reroute"
    """By a channel that the rules leave open."""
    CONFIRM_SENT = "confirm-sent"
    CONFIRM_NOT_SENT = "confirm-not-sent"
    RECORD_SERVICE = "record-service"
    """The papers were handed over by a person: who, to whom, when and where, with the proof."""
    HOLD = "hold"
    RELEASE = "release"
    """What was held goes on. Of papers that were held back: a person has looked, and they are the right ones."""
    CANCEL = "cancel"
