"""Steps as spans. The trace is the dispatch's: its number, and that of its first span, are reckoned from the dispatch's
identifier, which every part finds in the database. So nothing of a trace travels with the broker (ADR 57)."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from gateway.logs import cause_of
from gateway.ports.traces import About, TracedStep

_KINDS = {
    TracedStep.SUBMIT: SpanKind.SERVER,
    TracedStep.DELIVER: SpanKind.PRODUCER,
    TracedStep.RECEIVE: SpanKind.CONSUMER,
}


def trace_of(dispatch: str) -> int:
    """The number of a dispatch's trace. Hashed, since samplers take its last 64 bits for a number by chance, of which a
    UUID has two that never change."""
    return int.from_bytes(hashlib.sha256(dispatch.encode()).digest()[:16])


def first_span_of(dispatch: str) -> int:
    """The span in which it was accepted, of which every other is a child."""
    return int.from_bytes(hashlib.sha256(dispatch.encode()).digest()[16:24])


class DispatchIds(IdGenerator):
    """Identifiers by chance, but for the span in which a dispatch was accepted."""

    def __init__(self) -> None:
        self._others = RandomIdGenerator()
        self._local = threading.local()

    @contextmanager
    def first_of(self, dispatch: str) -> Iterator[None]:
        """The span that this thread starts in the block is the first of that dispatch."""
        self._local.dispatch = dispatch
        try:
            yield
        finally:
            self._local.dispatch = None

    def generate_trace_id(self) -> int:
        """See `IdGenerator`."""
        dispatch = getattr(self._local, "dispatch", None)
        return trace_of(dispatch) if dispatch else self._others.generate_trace_id()

    def generate_span_id(self) -> int:
        """See `IdGenerator`."""
        dispatch = getattr(self._local, "dispatch", None)
        return first_span_of(dispatch) if dispatch else self._others.generate_span_id()


@dataclass
class _Learned:
    """What was said of a step."""

    dispatch: str | None = None
    delivery: str | None = None
    attempt: str | None = None

    def __call__(self, dispatch: str, *, delivery: str | None = None, attempt: str | None = None) -> None:
        """See `About`."""
        self.dispatch, self.delivery, self.attempt = dispatch, delivery, attempt

    @property
    def attributes(self) -> dict[str, str]:
        """Identifiers alone."""
        told = {"dispatch": self.dispatch, "delivery": self.delivery, "attempt": self.attempt}
        return {f"gateway.{name}": value for name, value in told.items() if value is not None}


class SpanTraces:
    """`Traces` as spans of that provider, which was made with these `ids`."""

    def __init__(self, provider: TracerProvider, ids: DispatchIds) -> None:
        self._provider = provider
        self._ids = ids
        self._tracer = provider.get_tracer("decision-gateway")

    @contextmanager
    def step(self, step: TracedStep) -> Iterator[About]:
        """See `Traces`."""
        learned, begun = _Learned(), time.time_ns()
        try:
            yield learned
        except BaseException as error:
            self._span(step, learned, begun, error)
            raise
        self._span(step, learned, begun, None)

    def close(self) -> None:
        """See `Traces`."""
        self._provider.shutdown()

    def _span(self, step: TracedStep, learned: _Learned, begun: int, error: BaseException | None) -> None:
        """Made once the step is over: not before is it known whose it is."""
        if learned.dispatch is None:
            return
        attributes, kind = learned.attributes, _KINDS.get(step, SpanKind.INTERNAL)
        if error is not None:
            attributes["error.type"] = cause_of(error)["cause"]  # never its words
        if step is TracedStep.SUBMIT:
            with self._ids.first_of(learned.dispatch):
                span = self._tracer.start_span(
                    step.value, context=Context(), kind=kind, attributes=attributes, start_time=begun
                )
        else:
            parent = self._under(learned.dispatch)
            span = self._tracer.start_span(
                step.value, context=parent, kind=kind, attributes=attributes, start_time=begun
            )
        if error is not None:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def _under(self, dispatch: str) -> Context:
        """Below its first span. Whether that one was sampled is decided anew, and alike, from the trace."""
        trace = trace_of(dispatch)
        decision = self._provider.sampler.should_sample(None, trace, TracedStep.SUBMIT.value).decision
        first = SpanContext(
            trace_id=trace,
            span_id=first_span_of(dispatch),
            is_remote=True,
            trace_flags=TraceFlags(
                TraceFlags.SAMPLED if decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
            ),
        )
        return set_span_in_context(NonRecordingSpan(first), Context())
