import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import pytest

from tests.localhost.functions_host.running_host import SAMPLE_APP, RunningHost

TRACE = "ab" * 16
MEGABYTE = 1 << 20


def test_a_function_sees_the_request_as_it_was_sent(host: RunningHost) -> None:
    answer = host.call("POST", "/api/echo/a%20b/7?x=1&x=2&empty=", b"hello")

    seen = answer.json()
    assert answer.status == 200
    assert answer.headers["X-Seen"] == "yes"
    assert answer.headers["Content-Type"] == "application/json"
    assert seen["method"] == "POST"
    assert seen["url"] == f"{host.url}/api/echo/a%20b/7?x=1&x=2&empty="
    assert seen["route"] == {"word": "a b", "number": "7"}
    assert seen["query"] == {"x": "1,2"}
    assert seen["bytes"] == 5


def test_an_optional_parameter_may_be_left_out(host: RunningHost) -> None:
    assert host.call("GET", "/api/echo/word").json()["route"] == {"word": "word"}


def test_a_parameter_that_breaks_its_constraint_is_not_found(host: RunningHost) -> None:
    assert host.call("GET", "/api/echo/word/seven").status == 404


def test_a_catch_all_takes_the_rest_of_the_path(host: RunningHost) -> None:
    assert host.call("GET", "/api/files/a/b/c.txt").text == "a/b/c.txt"


def test_a_literal_segment_wins_over_a_catch_all(host: RunningHost) -> None:
    assert host.call("GET", "/api/files/known").text == "the known file"


def test_literal_segments_are_found_without_regard_to_case(host: RunningHost) -> None:
    assert host.call("GET", "/API/Files/x").text == "x"


def test_every_cookie_of_a_response_is_set(host: RunningHost) -> None:
    cookies = host.call("GET", "/api/files/x").headers.get_all("Set-Cookie")

    assert cookies == ["a=1; Path=/", "b=2; HttpOnly"]


def test_an_unknown_path_is_not_found(host: RunningHost) -> None:
    answer = host.call("GET", "/api/nothing")

    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD", "OPTIONS"])
def test_a_method_that_the_function_does_not_take_is_not_found_as_in_azure(
    host: RunningHost, method: str
) -> None:
    assert host.call(method, "/api/files/x").status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "PUT", "POST"])
def test_a_function_without_methods_takes_every_method(host: RunningHost, method: str) -> None:
    answer = host.call(method, "/api/echo/word")

    assert answer.status == 200
    assert (answer.body == b"") is (method == "HEAD")


def test_without_a_key_a_function_is_closed(host: RunningHost) -> None:
    assert host.call("GET", "/api/guarded").status == 401
    assert host.call("GET", "/api/guarded?code=wrong").status == 401
    assert host.call("GET", "/api/guarded", headers={"x-functions-key": "é"}).status == 401


@pytest.mark.parametrize("key", ["host", "master", "own"])
def test_a_key_opens_a_function_as_header_or_parameter(host: RunningHost, key: str) -> None:
    keys = host.keys()
    value = keys["functions"]["guarded"] if key == "own" else keys[key]

    assert host.call("GET", "/api/guarded", headers={"x-functions-key": value}).status == 200
    assert host.call("GET", "/api/guarded?code=" + value.replace("+", "%2B")).status == 200


def test_only_the_master_key_opens_an_admin_function(host: RunningHost) -> None:
    key = {"x-functions-key": host.keys()["host"]}

    assert host.call("GET", "/api/locked", headers=key).status == 401
    assert host.call("GET", "/api/locked", headers=host.master()).status == 200


def test_a_function_that_raises_answers_500_and_the_log_says_why(host: RunningHost) -> None:
    answer = host.call("GET", "/api/broken")

    assert (answer.status, answer.body) == (500, b"")
    (failure,) = [each for each in host.logs() if "broken on purpose" in each.get("exception", "")]
    assert failure["function"] == "broken"
    assert failure["level"] == "ERROR"
    assert failure["invocationId"]


def test_a_functions_own_log_carries_its_invocation(host: RunningHost) -> None:
    invocation = host.call("GET", "/api/echo/log").json()["invocation"]

    lines = [each for each in host.logs() if each.get("invocationId") == invocation]
    messages = [each["message"] for each in lines]
    assert messages == ["echo was called", "GET /api/echo/log answered 200"]


def test_a_body_of_many_megabytes_reaches_the_function(host: RunningHost) -> None:
    answer = host.call("POST", "/api/echo/large", bytes(30 * MEGABYTE))

    assert answer.json()["bytes"] == 30 * MEGABYTE


def test_a_body_above_100_megabytes_is_refused(host: RunningHost) -> None:
    answer = host.call("POST", "/api/echo/large", bytes(100 * MEGABYTE + 1))

    assert answer.status == 413


def test_the_callers_trace_reaches_a_synchronous_function(host: RunningHost) -> None:
    caller = {"traceparent": f"00-{TRACE}-{'cd' * 8}-01"}

    seen = host.call("GET", "/api/echo/trace", headers=caller).json()

    assert seen["trace_parent"].split("-")[1] == TRACE
    assert seen["current_trace"] == TRACE


def test_a_disabled_function_is_not_found(hosts: Callable[..., RunningHost]) -> None:
    host = hosts(**{"AzureWebJobs.echo.Disabled": "true"})

    assert host.call("GET", "/api/echo/word").status == 404
    assert host.call("GET", "/api/files/known").status == 200


def test_requests_beyond_the_limit_are_turned_away(
    hosts: Callable[..., RunningHost], tmp_path: Path
) -> None:
    app = copytree(SAMPLE_APP, tmp_path / "app")
    settings = json.loads((app / "host.json").read_text())
    settings["extensions"]["http"] = {
        "routePrefix": "",
        "maxConcurrentRequests": 1,
        "maxOutstandingRequests": 2,
    }
    (app / "host.json").write_text(json.dumps(settings))
    host = hosts(app=app)

    started = time.monotonic()
    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(lambda _: host.call("GET", "/sleep/0.5"), range(6)))

    assert sorted(each.status for each in answers) == [200, 200, 429, 429, 429, 429]
    assert {each.headers["Retry-After"] for each in answers if each.status == 429} == {"1"}
    assert time.monotonic() - started >= 1.0
