import json
from collections.abc import Callable
from typing import Any

import pytest
from durabletask.internal import tracing

from localhost.functions_host.lifecycle_spans import Spans, well_formed
from tests.localhost.functions_host.running_host import RunningHost, until

TRACE = "12" * 16
CALLER = f"00-{TRACE}-{'34' * 8}-01"


def spans_of(host: RunningHost) -> dict[str, dict[str, Any]]:
    """The spans that the host has exported to the console, by name."""
    return {each["name"]: each for each in host.logs() if "context" in each}


def test_one_trace_runs_from_the_caller_through_the_story_to_its_steps(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts(OTEL_TRACES_EXPORTER="console")

    answer = host.call("POST", "/api/run/traces", "null", {"traceparent": CALLER})
    until(lambda: "POST /api/run/{story}" in spans_of(host))

    found = spans_of(host)
    request, story = found["POST /api/run/{story}"], found["orchestration:traces"]
    steps = [found["activity:sync_trace"], found["activity:async_trace"]]
    assert answer.json() == [TRACE, TRACE]
    assert {each["context"]["trace_id"] for each in found.values()} == {f"0x{TRACE}"}
    assert request["parent_id"] == f"0x{'34' * 8}"
    assert request["attributes"]["http.response.status_code"] == 200
    assert story["parent_id"] == request["context"]["span_id"]
    assert {each["parent_id"] for each in steps} == {story["context"]["span_id"]}
    assert story["start_time"] <= steps[0]["start_time"]
    assert story["end_time"] >= steps[1]["end_time"]


def test_failures_are_marked(hosts: Callable[..., RunningHost]) -> None:
    host = hosts(OTEL_TRACES_EXPORTER="console")

    host.call("GET", "/api/broken")
    host.call("POST", "/api/run/failing", json.dumps("marked"), {"traceparent": CALLER})
    until(lambda: "orchestration:failing" in spans_of(host))

    found = spans_of(host)
    for name in ("GET /api/broken", "activity:fail", "orchestration:failing"):
        assert found[name]["status"]["status_code"] == "ERROR", name


def test_without_a_receiver_the_callers_trace_is_handed_on() -> None:
    with Spans().around("name", "function", CALLER) as span:
        assert span.traceparent == CALLER


@pytest.mark.parametrize(
    "malformed",
    [
        *("", "garbage", CALLER[:-3], f"{CALLER}-more", CALLER.replace("12", "zz")),
        *(f"ff{CALLER[2:]}", CALLER.replace("12", "00"), CALLER.replace("34", "00")),
    ],
)
def test_a_malformed_trace_is_not_gone_on_with(malformed: str) -> None:
    assert well_formed(malformed) == ""
    with Spans().around("name", "function", malformed) as span:
        assert well_formed(span.traceparent) == span.traceparent != malformed


def test_without_a_caller_a_trace_is_begun() -> None:
    with Spans().around("name", "function") as first, Spans().around("name", "function") as second:
        assert len(first.traceparent) == len(CALLER)
        assert first.traceparent != second.traceparent
        assert first.traceparent.endswith("-01")


def test_the_sdks_private_span_functions_are_where_they_were() -> None:
    assert callable(tracing.emit_orchestration_span)
    assert callable(tracing.reconstruct_trace_context)
