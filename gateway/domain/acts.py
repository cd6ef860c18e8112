"""What a person may settle about a delivery (INTERFACE.md, `gateway resolve`)."""

from enum import StrEnum


class Action(StrEnum):
    """What can be resolved now."""

    RETRY = "retry"
    CONFIRM_SENT = "confirm-sent"
    CONFIRM_NOT_SENT = "confirm-not-sent"
    RELEASE = "release"
    """A person has looked at the papers that were held back: they are the right ones."""
