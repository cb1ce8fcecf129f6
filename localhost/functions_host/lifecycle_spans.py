"""Spans of the host: one around each invocation, with its trace context handed to the worker.

In Azure the host emits them and the Python worker only correlates, so that a local trace looks like
one from Azure. Exporters are configured by telemetry.py; without one the spans cost nothing, and
the trace context of the caller is still handed on.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import tracing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Span, Tracer

SERVER_ERROR = 500

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


class Handle:
    """A span under way, or only a trace context where nothing receives spans.

    Attributes:
        traceparent: the trace context that the invocation runs in; may be empty.
    """

    __slots__ = ("_span", "traceparent")

    def __init__(self, traceparent: str, span: Span | None = None) -> None:
        self.traceparent = traceparent
        self._span = span

    def answered(self, status: int) -> None:
        """Note the HTTP status of the answer."""
        if self._span is not None:
            self._span.set_attribute("http.response.status_code", status)
            if status >= SERVER_ERROR:
                self.failed(f"answered {status}")

    def failed(self, reason: str) -> None:
        """Note that the invocation failed."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_status(Status(StatusCode.ERROR, reason))

    def end(self) -> None:
        """The invocation is over."""
        if self._span is not None:
            self._span.end()


class Spans:
    """Makes the host's spans.

    Args:
        is_exported: whether anything receives them; if not, none are made.
    """

    def __init__(self, *, is_exported: bool = False) -> None:
        self._tracer: Tracer | None = None
        if is_exported:
            from opentelemetry import trace

            self._tracer = trace.get_tracer("careloom.functions_host")

    @contextmanager
    def around(
        self, name: str, function: str, traceparent: str = "", kind: str = "INTERNAL"
    ) -> Iterator[Handle]:
        """A span around an invocation; below the given trace context, or with a fresh one."""
        handle = self.begin(name, function, traceparent, kind)
        if not handle.traceparent:
            handle.traceparent = new_traceparent()
        try:
            yield handle
        finally:
            handle.end()

    def begin(
        self, name: str, function: str, traceparent: str = "", kind: str = "INTERNAL"
    ) -> Handle:
        """Begin a span below the given trace context; without receiver, hand that context on."""
        traceparent = well_formed(traceparent)
        if self._tracer is None:
            return Handle(traceparent)
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        attributes = {"faas.name": function}
        span = self._tracer.start_span(name, parent, SpanKind[kind], attributes)
        return Handle(traceparent_of(span), span)

    def begin_story(
        self, request: pb.OrchestratorRequest, started: pb.ExecutionStartedEvent
    ) -> StorySpan | None:
        """Give the story a span, the same one in all of its turns; its steps appear below it.

        The id and the start of the span travel in the request's trace context, which the worker
        answers unchanged and the hub keeps. Only this copy of the start event names the span as
        parent; the history does not.
        """
        if self._tracer is None or not started.parentTraceContext.traceParent:
            return None
        kept = request.orchestrationTraceContext
        if not kept.spanID.value:
            kept.spanID.value = os.urandom(8).hex()
            kept.spanStartTime.GetCurrentTime()
        parent = pb.TraceContext()
        parent.CopyFrom(started.parentTraceContext)
        own = tracing.reconstruct_trace_context(parent, kept.spanID.value)
        if own is None:
            return None
        started.parentTraceContext.traceParent = own.traceParent
        start_ns: int = kept.spanStartTime.ToNanoseconds()
        return StorySpan(started.name, request.instanceId, start_ns, parent, own)


@dataclass(frozen=True)
class StorySpan:
    """The span of a story, which is made when the story ends, perhaps by another process."""

    name: str
    instance_id: str
    start_ns: int
    parent: pb.TraceContext
    own: pb.TraceContext

    def end_if_over(self, response: pb.OrchestratorResponse) -> None:
        """Make the span if this turn was the last one."""
        for action in response.actions:
            if action.HasField("completeOrchestration"):
                completed = action.completeOrchestration
                tracing.emit_orchestration_span(
                    self.name,
                    self.instance_id,
                    self.start_ns,
                    completed.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED,
                    completed.failureDetails,
                    self.parent,
                    self.own,
                )


def traceparent_of(span: Span) -> str:
    """The W3C form of a span's context."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def well_formed(traceparent: str) -> str:
    """The trace context of a caller, or nothing where it is not one.

    Source: W3C Trace Context, 3.2.2: whoever receives a malformed traceparent begins a new trace.
    """
    return traceparent if _TRACEPARENT.fullmatch(traceparent) else ""


def new_traceparent() -> str:
    """A fresh trace context, marked as sampled.

    Were it not, an application that exports spans of its own would drop them all, because samplers
    do as the parent says.
    """
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
