"""OpenTelemetry traces, where its standard variables name a collector (the extra `traces`)."""

from collections.abc import Mapping

from gateway.logs import Log
from gateway.ports.traces import UNTRACED, Traces

log = Log()

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def is_asked_for(environment: Mapping[str, str]) -> bool:
    """Whether a collector is named, and traces are not switched off.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    goes_elsewhere = environment.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp"
    return not is_off and not goes_elsewhere and any(environment.get(name) for name in _ENDPOINTS)


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
