"""The life of a host: start, crash of a worker, crash of the host, orderly stop."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.localhost.functions_host.running_host import RunningHost, until


def children(process_id: int) -> set[int]:
    listed = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    return {int(each) for each in listed.split()}


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


def test_the_application_is_given_the_connections_of_the_local_services(host: RunningHost) -> None:
    cosmos = host.call("GET", "/api/settings/COSMOS_CONNECTION").text
    events = host.call("GET", "/api/settings/EventHubConnection").text

    assert cosmos.startswith("AccountEndpoint=http://127.0.0.1:")
    assert "AccountKey=" in cosmos
    assert events.startswith("Endpoint=sb://127.0.0.1:")
    assert "UseDevelopmentEmulator=true" in events
    assert host.call("GET", "/api/settings/TASKHUB_NAME").text == "careloom"


def test_connections_of_ones_own_win_over_the_local_services(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts(services=True, COSMOS_CONNECTION__accountEndpoint="https://example.invalid/")

    assert host.call("GET", "/api/settings/COSMOS_CONNECTION").body == b""
    assert not (host.data / "cosmos.db").exists()


def test_a_worker_that_is_killed_is_replaced_and_its_stories_end(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts()
    started = [
        host.call("POST", "/api/start/slow_steps", json.dumps(f"story-{number}")).json()
        for number in range(10)
    ]
    (worker,) = host.worker_ids()
    until(lambda: len(host.notes()) >= 5)

    os.kill(worker, signal.SIGKILL)

    def have_ended() -> bool:
        urls = [each["statusQueryGetUri"] for each in started]
        return all(host.call("GET", url).status == 200 for url in urls)

    until(have_ended)
    assert host.worker_ids() != [worker]
    assert {f"step story-{story} {step}" for story in range(10) for step in range(5)} <= set(
        host.notes()
    )


def test_a_request_whose_worker_dies_answers_500_and_the_next_one_is_served(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts()

    assert host.call("GET", "/api/die").status == 500
    assert host.call("GET", "/api/echo/alive").status == 200


def test_several_workers_share_the_load(hosts: Callable[..., RunningHost]) -> None:
    host = hosts(FUNCTIONS_WORKER_PROCESS_COUNT="2")
    assert len(host.worker_ids()) == 2

    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(lambda _: host.call("GET", "/api/worker/0.1"), range(4)))

    assert {int(each.text) for each in answers} == set(host.worker_ids())


def test_after_kill_9_every_story_ends_and_no_step_is_found_twice(
    hosts: Callable[..., RunningHost],
) -> None:
    first = hosts("kept")
    started = [
        first.call("POST", f"/api/start/slow_steps?id=story-{number}", json.dumps(f"s{number}"))
        for number in range(20)
    ]
    assert {each.status for each in started} == {202}
    until(lambda: len(first.notes()) >= 20)
    offspring = children(first.process.pid)
    first.kill()
    until(lambda: not any(is_alive(each) for each in offspring))

    second = hosts("kept")

    def shown(number: int, query: str = "") -> Any:
        url = f"/runtime/webhooks/durabletask/instances/story-{number}{query}"
        return second.call("GET", url, headers=second.master()).json()

    until(lambda: all(shown(each)["runtimeStatus"] == "Completed" for each in range(20)))
    for number in range(20):
        history = shown(number, "?showHistory=true")["historyEvents"]
        assert [each["EventType"] for each in history].count("TaskCompleted") == 5


def test_an_orderly_stop_lets_requests_and_stories_steps_end(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts()
    with ThreadPoolExecutor(1) as caller:
        slow = caller.submit(host.call, "GET", "/api/sleep/1.0")
        host.call("POST", "/api/start/slow_steps", '"last"')
        time.sleep(0.2)
        offspring = children(host.process.pid)

        code = host.stop()

        assert slow.result().text == "slept"
    assert code == 0
    assert not any(is_alive(each) for each in offspring)
    assert not [each for each in host.logs() if each["level"] in ("ERROR", "WARNING")]


def test_a_run_that_takes_too_long_is_ended_with_its_worker(
    hosts: Callable[..., RunningHost], sample: Callable[..., Path]
) -> None:
    host = hosts(app=sample(functionTimeout="00:00:01"))

    started = time.monotonic()
    assert host.call("GET", "/api/sleep/20.0").status == 500
    assert time.monotonic() - started < 5
    assert any("Timeout value of 1" in each["message"] for each in host.logs())
    assert host.call("GET", "/api/echo/alive").status == 200


def test_the_local_services_are_started_again_where_they_die(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts(services=True)
    endpoint = host.call("GET", "/api/settings/COSMOS_CONNECTION").text
    address = endpoint.removeprefix("AccountEndpoint=").partition("/;")[0]
    (services,) = children(host.process.pid) - set(host.worker_ids())

    os.kill(services, signal.SIGKILL)

    def is_serving() -> bool:
        try:
            return host.call("GET", address + "/").status == 401
        except ConnectionError:
            return False

    until(is_serving)
    assert services not in children(host.process.pid)
