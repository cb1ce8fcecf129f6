import json
import signal
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from azure.eventhub import EventData, EventHubProducerClient

from tests.localhost.functions_host.running_host import SAMPLE_APP, RunningHost, until


def publish_to(connection: str, hub: str, bodies: list[str], key: str | None = None) -> None:
    with EventHubProducerClient.from_connection_string(connection, eventhub_name=hub) as producer:
        producer.send_batch([EventData(body) for body in bodies], partition_key=key)


def publish(host: RunningHost, hub: str, bodies: list[str], key: str | None = None) -> None:
    """Publish events as anyone would, with the SDK."""
    publish_to(connection_of(host), hub, bodies, key)


def connection_of(host: RunningHost) -> str:
    return host.call("GET", "/api/settings/EventHubConnection").text


def test_every_event_of_a_batch_reaches_its_function_in_order(host: RunningHost) -> None:
    bodies = [f"batch-{number}" for number in range(120)]

    publish(host, "inbound", bodies, key="patient-1")

    def seen() -> list[str]:
        return [each for each in host.notes() if each.startswith("event batch-")]

    until(lambda: len(seen()) >= len(bodies))
    assert seen() == [f"event {body} key=patient-1" for body in bodies]


def test_a_function_of_cardinality_one_takes_them_one_by_one(host: RunningHost) -> None:
    publish(host, "single", ["first", "second"], key="k")

    def seen() -> list[str]:
        return [each for each in host.notes() if each.startswith("single ")]

    until(lambda: len(seen()) == 2)
    assert [each.split()[1] for each in seen()] == ["first", "second"]
    first, second = (int(each.partition("sequence=")[2]) for each in seen())
    assert second == first + 1


def test_after_a_crash_consuming_goes_on_where_it_was(hosts: Callable[..., RunningHost]) -> None:
    first = hosts("kept", services=True)
    connection = connection_of(first)
    publish(first, "inbound", ["before-1", "before-2"])
    until(lambda: sum("before" in each for each in first.notes()) == 2)
    until(lambda: any("were handled" in each["message"] for each in first.logs()))
    first.process.send_signal(signal.SIGSTOP)  # So that it cannot handle what comes now.
    publish_to(connection, "inbound", ["meanwhile"])
    first.kill()

    second = hosts("kept", services=True)

    until(lambda: any("meanwhile" in each for each in second.notes()))
    assert sum("before" in each for each in second.notes()) == 2


def test_a_batch_whose_worker_dies_is_handled_again(host: RunningHost) -> None:
    publish(host, "deadly", ["mourned"])

    until(lambda: "survived mourned" in host.notes())
    assert host.notes().count("dying of mourned") == 1


def test_a_failing_batch_is_tried_again_as_its_policy_says_and_then_left(
    host: RunningHost,
) -> None:
    publish(host, "failing", ["bad"])
    until(lambda: host.notes().count("tried bad") == 3)

    publish(host, "failing", ["good"])

    until(lambda: "tried good" in host.notes())
    assert host.notes().count("tried bad") == 3


def test_events_that_are_still_being_retried_when_the_host_stops_are_taken_up_again(
    hosts: Callable[..., RunningHost],
) -> None:
    first = hosts("kept", services=True)
    publish(first, "patient", ["slow"])
    until(lambda: "tried patiently slow 0" in first.notes())
    assert first.stop() == 0

    second = hosts("kept", services=True)

    until(lambda: second.notes().count("tried patiently slow 0") == 2)


def test_a_hub_whose_connection_is_not_set_is_refused_by_name(
    hosts: Callable[..., RunningHost], tmp_path: Path
) -> None:
    app = copytree(SAMPLE_APP, tmp_path / "app")
    (app / "function_app.py").write_text(
        (app / "function_app.py").read_text().replace("EventHubConnection", "NoConnection")
    )
    (app / "local.settings.json").write_text(json.dumps({"Values": {}}))

    with pytest.raises(AssertionError, match="'on_events' cannot listen: NoConnection is not set"):
        hosts(app=app, services=True)
