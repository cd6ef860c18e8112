"""OpenTelemetry traces, where its standard variables name a collector (the extra `traces`)."""

from collections.abc import Mapping
from importlib.util import find_spec

from gateway.logs import Log
from gateway.ports.traces import UNTRACED, Traces

log = Log()

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_EXPORTER = "opentelemetry.exporter.otlp.proto.http"
"""Of the extra alone: the SDK comes along with others too."""


def is_asked_for(environment: Mapping[str, str]) -> bool:
    """Whether a collector is named, and traces are not switched off.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    goes_elsewhere = environment.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp"
    return not is_off and not goes_elsewhere and any(environment.get(name) for name in _ENDPOINTS)


def lacks_extra(environment: Mapping[str, str]) -> bool:
    """Whether a collector is named and what would speak to it is not installed. Loads nothing of it."""
    if not is_asked_for(environment):
        return False
    try:
        return find_spec(_EXPORTER) is None
    except ModuleNotFoundError:  # not even the package around it
        return True


def open_traces(environment: Mapping[str, str]) -> Traces:
    """What the variables ask for. Without the extra nothing is traced, and the log says so: no work stops for it.

    The SDK is loaded only where it is asked for.
    """
    if not is_asked_for(environment):
        return UNTRACED
    try:
        from gateway.traces.exporting import exporting
    except ImportError:
        log.error("traces-extra-missing", extra="traces")
        return UNTRACED
    return exporting(environment)
