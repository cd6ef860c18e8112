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
    CORRECT_ADDRESS = "correct-address"
    """Another address of their own for a participant, before anything is known to have reached them: by two people."""
    REPLACE_RECIPIENT = "replace-recipient"
    """Another entry of the directory: by two people."""
    RE_SERVE = "re-serve"
    """What was sent came back, or is believed never to have come: once more, to another address, by two people."""
    HOLD = "hold"
    RELEASE = "release"
    """What was held goes on. Of papers that were held back: a person has looked, and they are the right ones."""
    CANCEL = "cancel"
