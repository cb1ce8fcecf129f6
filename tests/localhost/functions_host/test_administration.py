import pytest

from tests.localhost.functions_host.running_host import RunningHost, until


def test_anyone_may_ping(host: RunningHost) -> None:
    assert host.call("GET", "/admin/host/ping").status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/host/status"),
        ("GET", "/admin/functions"),
        ("GET", "/admin/functions/tick"),
        ("POST", "/admin/functions/tick"),
    ],
)
def test_everything_else_needs_the_master_key(host: RunningHost, method: str, path: str) -> None:
    host_key = {"x-functions-key": host.keys()["host"]}

    assert host.call(method, path).status == 401
    assert host.call(method, path, headers=host_key).status == 401


def test_the_status_shows_the_process_tree(host: RunningHost) -> None:
    status = host.call("GET", "/admin/host/status", headers=host.master()).json()

    assert status["state"] == "Running"
    assert status["processId"] == host.process.pid
    assert len(status["workerProcessIds"]) == 1
    assert status["taskHubEndpoint"].startswith("http://127.0.0.1:")


def test_functions_are_listed_with_their_routes(host: RunningHost) -> None:
    listed = host.call("GET", "/admin/functions", headers=host.master()).json()

    routes = {each["name"]: each["invoke_url_template"] for each in listed}
    assert routes["echo"] == "/api/echo/{word}/{number:int?}"
    assert routes["tick"] is None


def test_one_function_is_shown_with_its_bindings(host: RunningHost) -> None:
    shown = host.call("GET", "/admin/functions/TICK", headers=host.master()).json()

    assert shown["name"] == "tick"
    assert shown["config"]["bindings"][0]["type"] == "timerTrigger"


def test_a_timer_is_run_by_hand(host: RunningHost) -> None:
    before = len([each for each in host.notes() if each.startswith("tick")])

    answer = host.call("POST", "/admin/functions/tick", "{}", host.master())

    assert answer.status == 202
    until(lambda: len([each for each in host.notes() if each.startswith("tick")]) > before)


def test_only_timers_are_run_by_hand(host: RunningHost) -> None:
    assert host.call("POST", "/admin/functions/echo", "{}", host.master()).status == 400
    assert host.call("POST", "/admin/functions/nobody", "{}", host.master()).status == 404
