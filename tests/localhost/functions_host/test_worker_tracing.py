import contextvars

from opentelemetry import trace

from localhost.functions_host.worker_tracing import attach_trace_context

TRACE = "ab" * 16


def current_trace() -> str:
    return format(trace.get_current_span().get_span_context().trace_id, "032x")


def test_the_given_trace_is_the_current_one_in_this_context_alone() -> None:
    context = contextvars.copy_context()

    context.run(attach_trace_context, f"00-{TRACE}-{'cd' * 8}-01", "vendor=1")

    assert context.run(current_trace) == TRACE
    assert current_trace() == "0" * 32


def test_without_a_trace_nothing_changes() -> None:
    attach_trace_context("", "")

    assert current_trace() == "0" * 32
