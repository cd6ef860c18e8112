"""One dispatch is one trace, from its submission to what came back, whatever process did which step; and nothing of it
says whose it is."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from gateway.application.exchange.collect import CollectFromExchange
from gateway.bootstrap import gateway as joined
from gateway.bootstrap import open_gateway
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.problem import ServiceDown
from gateway.ports.incoming import BY_MAIL
from gateway.ports.traces import UNTRACED, TracedStep
from gateway.traces import is_asked_for, open_traces
from gateway.traces.spans import DispatchIds, SpanTraces, first_span_of, trace_of
from gateway.worker.embedded import work
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.channels.receipts.messages import dsn
from tests.e2e.built import package
from tests.e2e.world import World
from tests.real.mail_sink import MailSink, running_sink

DISPATCH = "6c1d0c0e-5f0e-4a53-9d9f-0123456789ab"
STEPS = {one.value for one in TracedStep} - {TracedStep.COLLECT.value}


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, tmp_path: Path) -> World:
    mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "server_name": "mx.gw.test"}
    return World(folder=tmp_path, mail=mail | {"sender": "registry@gw.test"}).make()


class Kept(InMemorySpanExporter):
    """Goes on when a process that used it ends."""

    def shutdown(self) -> None:
        """Nothing: the next one adds to it."""


def traces_into(exporter: InMemorySpanExporter) -> SpanTraces:
    """As another process would have them."""
    ids = DispatchIds()
    provider = TracerProvider(id_generator=ids, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return SpanTraces(provider, ids)


def test_a_whole_delivery_is_one_trace_of_several_processes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = Kept()
    monkeypatch.setattr(joined, "open_traces", lambda _: traces_into(exporter))
    raw = package(world)
    dispatch = submitted(world, raw)
    with opened(world) as gateway:
        work(gateway, until_idle=True, max_seconds=None)
        with gateway.database.read() as tx:
            deliveries = [one for one in tx.deliveries.of_dispatch(dispatch) if one.state is DeliveryState.HANDED_OVER]
            attempts = tx.deliveries.attempts_of([one.id for one in deliveries])
    assert deliveries
    with opened(world) as gateway:
        for (attempt,) in attempts.values():
            token = attempt.reference.strip("<>").partition("@")[0]
            gateway.receive.keep(dsn("relayed", status="2.0.0", envelope_id=token), source=BY_MAIL)
        work(gateway, until_idle=True, max_seconds=None)
    assert submitted(world, raw) == dispatch, "the same package again is no span"

    spans = exporter.get_finished_spans()
    assert {one.name for one in spans} == STEPS
    assert {one.context.trace_id for one in spans} == {trace_of(dispatch)}
    (first,) = [one for one in spans if one.name == "submit"]
    assert (first.parent, first.context.span_id) == (None, first_span_of(dispatch))
    assert all(one.parent is not None and one.parent.span_id == first.context.span_id for one in spans if one != first)
    for name, count in (("plan", 1), ("render", 1), ("deliver", len(deliveries)), ("receive", len(deliveries))):
        assert len([one for one in spans if one.name == name]) == count, name
    check_opaque(spans, dispatch, {one.id for one in deliveries}, {one.id for (one,) in attempts.values()})


def check_opaque(spans: tuple[ReadableSpan, ...], dispatch: str, deliveries: set[str], attempts: set[str]) -> None:
    known = {"gateway.dispatch": {dispatch}, "gateway.delivery": deliveries, "gateway.attempt": attempts}
    for span in spans:
        for name, value in (span.attributes or {}).items():
            assert value in known[name], name
        assert (span.events, span.links, span.status.description) == ((), (), None)
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.start_time <= span.end_time
    assert {one for span in spans for one in span.attributes or {}} == known.keys()


class opened:  # noqa: N801  (a block, like a function)
    """Another process's gateway."""

    def __init__(self, world: World) -> None:
        self._gateway = open_gateway(world.home)

    def __enter__(self) -> joined.Gateway:
        return self._gateway

    def __exit__(self, *_: object) -> None:
        self._gateway.close()


def submitted(world: World, raw: bytes) -> str:
    with opened(world) as gateway:
        return gateway.submit.accept(raw, submitted_by="test").dispatch.id


def test_what_a_recipient_takes_from_the_exchange_is_in_the_trace_once_it_is_theirs(tmp_path: Path) -> None:
    on, exporter = Exchanged(tmp_path), InMemorySpanExporter()
    on.verified()
    delivery = on.left()
    traces = traces_into(exporter)
    collect = CollectFromExchange(database=on.database, vault=on.vault, clock=on.clock, traces=traces)
    (left,) = collect.all(ACCOUNT)
    parts = collect.document(ACCOUNT, left.entry.id, 0).parts
    next(parts)
    assert exporter.get_finished_spans() == ()
    assert list(parts) == [b""]
    collect.acknowledge(ACCOUNT, left.entry.id)
    on.close()
    taken, acknowledged = exporter.get_finished_spans()
    assert taken.name == acknowledged.name == "collect"
    ids = {"dispatch": delivery.dispatch, "delivery": delivery.id, "attempt": left.entry.attempt}
    assert taken.attributes == {f"gateway.{name}": one for name, one in ids.items()}
    assert taken.context.trace_id == trace_of(delivery.dispatch)


def breaking(traces: SpanTraces, step: TracedStep, error: Exception) -> None:
    with traces.step(step) as about:
        about(DISPATCH)
        raise error


def test_a_step_that_fails_says_by_what_and_nothing_of_its_words() -> None:
    exporter = InMemorySpanExporter()
    traces = traces_into(exporter)
    with pytest.raises(ValueError, match="secret"):
        breaking(traces, TracedStep.RENDER, ValueError("secret"))
    with pytest.raises(ServiceDown):
        breaking(traces, TracedStep.DELIVER, ServiceDown(Code.STORAGE_UNAVAILABLE))
    with traces.step(TracedStep.RECEIVE):
        pass  # it belongs to nobody
    failed, _ = spans = exporter.get_finished_spans()
    assert [(one.name, one.status.status_code, (one.attributes or {})["error.type"]) for one in spans] == [
        ("render", StatusCode.ERROR, "ValueError"),
        ("deliver", StatusCode.ERROR, "storage.unavailable"),
    ]
    assert "secret" not in failed.to_json()


def test_a_part_of_the_traces_is_kept_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    kept: dict[int, int] = {}
    for number in range(40):
        exporter = InMemorySpanExporter()
        traces = traces_into(exporter)
        dispatch = f"{DISPATCH[:-2]}{number:02d}"
        for step in (TracedStep.SUBMIT, TracedStep.PLAN, TracedStep.DELIVER):
            with traces.step(step) as about:
                about(dispatch)
        kept[len(exporter.get_finished_spans())] = kept.get(len(exporter.get_finished_spans()), 0) + 1
    assert kept.keys() == {0, 3}
    assert min(kept.values()) >= 10


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "registry"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "True"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_off_unless_a_collector_is_named(environment: dict[str, str], *, asked: bool) -> None:
    assert is_asked_for(environment) is asked
    if not asked:
        assert open_traces(environment) is UNTRACED


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        outer = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                outer.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        super().__init__(("127.0.0.1", 0), Taking)


def test_a_collector_gets_the_spans_of_the_command_line_and_without_one_the_sdk_is_not_loaded(
    world: World, tmp_path: Path
) -> None:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        world.variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}"}
        dispatch = world.json("submit", world.package("traced"))["dispatches"][0]["dispatch"]
        world.run("work", "--until-idle")
        collector.shutdown()
        thread.join()
    requests = [ExportTraceServiceRequest.FromString(one) for one in collector.taken]
    resources = [spans for request in requests for spans in request.resource_spans]
    spans = [span for resource in resources for scope in resource.scope_spans for span in scope.spans]
    assert {one.trace_id for one in spans} == {trace_of(dispatch).to_bytes(16)}
    assert {"submit", "plan", "render", "deliver"} == {one.name for one in spans}
    named = {
        one.value.string_value for each in resources for one in each.resource.attributes if one.key == "service.name"
    }
    assert named == {"decision-gateway"}
    loaded = (
        "import sys, gateway.worker.embedded; print([one for one in sys.modules if one.startswith('opentelemetry')])"
    )
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True).stdout.strip() == b"[]"
