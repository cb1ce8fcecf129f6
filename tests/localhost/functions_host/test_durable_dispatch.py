import json
import time
from typing import Any

from localhost.functions_host.durable_dispatch import failure_details
from localhost.functions_host.invocations import Answer
from localhost.functions_host.worker_process import TURN_THREADS
from tests.localhost.functions_host.following import ended, start
from tests.localhost.functions_host.running_host import RunningHost

TRACE = "12" * 16


def run(host: RunningHost, story: str, value: Any = None, **headers: str) -> Any:
    answer = host.call("POST", f"/api/run/{story}", json.dumps(value), headers)
    assert answer.status == 200, answer
    return answer.json() if answer.body else None


def test_steps_run_one_after_the_other(host: RunningHost) -> None:
    assert run(host, "three_steps", 1) == 4


def test_a_fan_out_gathers_every_result(host: RunningHost) -> None:
    assert run(host, "fan_out", 100) == sum(range(1, 101))


def test_a_story_calls_another(host: RunningHost) -> None:
    assert run(host, "parent", 5) == 8


def test_a_step_is_retried_until_it_succeeds(host: RunningHost) -> None:
    assert run(host, "retrying", "retry-a") == 3


def test_a_story_that_tries_to_end_its_process_fails_alone(host: RunningHost) -> None:
    """More of them than there are threads for turns, none of which may be lost."""
    for _ in range(TURN_THREADS + 1):
        shown = ended(host, start(host, "leaving", 3))
        assert (shown["runtimeStatus"], shown["output"]) == ("Failed", "SystemExit: 3")

    assert run(host, "three_steps", 1) == 4


def test_an_entity_keeps_its_state_between_calls(host: RunningHost) -> None:
    first = run(host, "counting", 2)

    assert run(host, "counting", 3) == first + 3


def test_slow_blocking_steps_do_not_hold_up_another_story(host: RunningHost) -> None:
    slow = host.call("POST", "/api/start/blocking", json.dumps(3)).json()

    started = time.monotonic()
    assert run(host, "three_steps", 1) == 4
    assert time.monotonic() - started < 1
    assert host.call("GET", slow["statusQueryGetUri"]).json()["runtimeStatus"] == "Running"


def test_synchronous_and_asynchronous_steps_see_one_trace(host: RunningHost) -> None:
    first, second = run(host, "traces")

    assert first == second


def test_a_failures_type_is_the_text_before_the_first_colon() -> None:
    details = failure_details(Answer(ok=False, error="KeyError: 'x: y'", traceback="Traceback"))

    assert details.errorType == "KeyError"
    assert details.errorMessage == "'x: y'"
    assert details.stackTrace.value == "Traceback"


def test_a_failure_that_names_no_type_is_unknown() -> None:
    details = failure_details(Answer(ok=False, error="it broke"))

    assert (details.errorType, details.errorMessage) == ("(unknown)", "it broke")
