"""Spans to the collector that the standard variables name, in the background, in batches."""

from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from gateway.traces.spans import DispatchIds, SpanTraces

SERVICE = "decision-gateway"


def exporting(environment: Mapping[str, str]) -> SpanTraces:
    """Every variable of the SDK and of its OTLP exporter holds as its documentation says; the service has a name where
    none gives it one."""
    ids = DispatchIds()
    named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(
        resource=Resource.create({} if named else {SERVICE_NAME: SERVICE}), id_generator=ids, shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return SpanTraces(provider, ids)
