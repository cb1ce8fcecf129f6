"""Puts the host's trace context around an invocation, for synchronous and asynchronous functions.

Microsoft's runtime does this only for asynchronous functions and only where telemetry is enabled;
synchronous ones lose the trace. Here both have it as soon as the application uses OpenTelemetry.
"""

from __future__ import annotations

import sys


def attach_trace_context(traceparent: str, tracestate: str) -> None:
    """Make the given W3C trace context the parent of spans started in the current context.

    Does nothing where there is none, or where the application never imported OpenTelemetry.
    """
    if not traceparent or "opentelemetry.trace" not in sys.modules:
        return
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": traceparent, "tracestate": tracestate}
    context.attach(TraceContextTextMapPropagator().extract(carrier))
