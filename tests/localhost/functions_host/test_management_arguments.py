import pytest

from tests.localhost.functions_host.following import BASE, JSON, start
from tests.localhost.functions_host.running_host import RunningHost, until


def test_an_event_that_is_not_json_is_refused(host: RunningHost) -> None:
    urls = start(host, "review", 60)

    url = urls["sendEventPostUri"].replace("{eventName}", "decided")

    assert host.call("POST", url, "{", JSON).status == 400
    assert host.call("POST", url, b"\xff\xfe1\x00", JSON).status == 400
    assert host.call("POST", url, '"approved"').status == 400
    host.call("POST", urls["terminatePostUri"])


@pytest.mark.parametrize(
    "query", ["runtimeStatus=Sleeping", "top=many", "top=%C2%B2", "createdTimeFrom=yesterday"]
)
def test_a_list_with_a_wrong_filter_is_refused(host: RunningHost, code: str, query: str) -> None:
    assert host.call("GET", f"{BASE}/instances?{code}&{query}").status == 400


def test_a_page_of_any_size_and_a_slash_at_the_end_are_taken(host: RunningHost, code: str) -> None:
    assert host.call("GET", f"{BASE}/instances/?{code}&top=99999999999").status == 200


@pytest.mark.parametrize("token", ["x", "5", "[1, 2]", '[{"a": 1}, "b"]', f'[{1 << 70}, "b"]'])
def test_a_foreign_continuation_token_is_refused(host: RunningHost, code: str, token: str) -> None:
    headers = {"x-ms-continuation-token": token}

    assert host.call("GET", f"{BASE}/instances?{code}", headers=headers).status == 400


def test_a_story_is_started_in_the_version_that_is_asked_for(host: RunningHost, code: str) -> None:
    url = f"{BASE}/orchestrators/versioned?{code}&timeout=20"

    assert host.call("POST", url).json() == "1.0.0"
    assert host.call("POST", url + "&version=0.9").json() == "0.9"


def test_a_story_goes_on_in_the_trace_of_its_caller(host: RunningHost, code: str) -> None:
    trace = "12" * 16
    url = f"{BASE}/orchestrators/traces?{code}&timeout=20"

    answer = host.call("POST", url, headers={"traceparent": f"00-{trace}-{'34' * 8}-01"})

    assert answer.json() == [trace, trace]
    first, second = host.call("POST", url).json()
    assert first == second != "0" * 32


def test_a_caller_may_wait_for_the_end(host: RunningHost, code: str) -> None:
    url = f"{BASE}/orchestrators"

    completed = host.call("POST", f"{url}/three_steps?{code}&timeout=20&pollingInterval=1", "4")
    failed = host.call("POST", f"{url}/failing?{code}&timeout=20", '"soon"')
    running = host.call("POST", f"{url}/review?{code}&timeout=0.1", "60")

    assert (completed.status, completed.json()) == (200, 7)
    assert (failed.status, failed.json()["runtimeStatus"]) == (200, "Failed")
    assert running.status == 202
    assert running.headers["Retry-After"] == "10"
    assert host.call("POST", running.json()["terminatePostUri"]).status == 202
    for timeout in ("long", "nan", "-1"):
        assert host.call("POST", f"{url}/review?{code}&timeout={timeout}").status == 400


def test_an_entity_takes_text_and_is_deleted(host: RunningHost, code: str) -> None:
    url = f"{BASE}/entities/notepad/from-outside?{code}"

    assert host.call("POST", url + "&op=write", "5").status == 202
    until(lambda: host.call("GET", url).body == b'"5"')
    assert host.call("POST", url + "&op=write", "{", JSON).status == 400
    assert host.call("POST", url + "&op=write", "5", JSON).status == 202
    until(lambda: host.call("GET", url).body == b"5")
    assert host.call("DELETE", url).status == 202
    until(lambda: host.call("GET", url).status == 404)
