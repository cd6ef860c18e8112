"""The published JSON Schemas (2020-12), generated from the code that reads."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.application.feed.feed_json import acknowledgement_format, control_format, outcome_format
from gateway.application.files.parties_json import dropped_format, parties_format
from gateway.application.intake.decision_json import decision_format
from gateway.application.recipients.directory_file import directory_format
from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing

_URN = "urn:decision-gateway:schema:"


def _decision_package() -> dict[str, Any]:
    return decision_format().schema(identifier=f"{_URN}decision-package:1", title="decision-package/1")


def _recipient_directory() -> dict[str, Any]:
    return directory_format().schema(identifier=f"{_URN}recipient-directory:1", title="recipient-directory/1")


def _file_parties() -> dict[str, Any]:
    return parties_format().schema(identifier=f"{_URN}file-parties:1", title="file-parties/1")


def _dropped_parties() -> dict[str, Any]:
    return dropped_format().schema(identifier=f"{_URN}dropped-parties:1", title="dropped-parties/1")


def _outcome() -> dict[str, Any]:
    return outcome_format().schema(identifier=f"{_URN}outcome:1", title="outcome/1")


def _outcome_batch() -> dict[str, Any]:
    return control_format().schema(identifier=f"{_URN}outcome-batch:1", title="outcome-batch/1")


def _outcome_acknowledgement() -> dict[str, Any]:
    return acknowledgement_format().schema(
        identifier=f"{_URN}outcome-acknowledgement:1", title="outcome-acknowledgement/1"
    )


_SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "decision-package": _decision_package,
    "recipient-directory": _recipient_directory,
    "file-parties": _file_parties,
    "dropped-parties": _dropped_parties,
    "outcome": _outcome,
    "outcome-batch": _outcome_batch,
    "outcome-acknowledgement": _outcome_acknowledgement,
}

NAMES = tuple(_SCHEMAS)
"""The names that `gateway schema` takes."""


def schema(name: str) -> dict[str, Any]:
    """The schema of that name. Raises NoSuchThing (schema.unknown).

    A schema tells the form. What the parts say of each other (ids that name something, the outcomes of a division,
    a recipient or a contact) is checked by the reader alone.
    """
    make = _SCHEMAS.get(name)
    if make is None:
        raise NoSuchThing(Code.SCHEMA_UNKNOWN, expected=", ".join(NAMES))
    return make()
