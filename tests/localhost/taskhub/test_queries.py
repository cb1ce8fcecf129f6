from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from durabletask import task
from durabletask.client import OrchestrationQuery, OrchestrationStatus
from google.protobuf.duration_pb2 import Duration
from google.protobuf.wrappers_pb2 import StringValue

from localhost.taskhub.errors import InstanceNotFound, InvalidRequest
from localhost.taskhub.queries import PURGE_PAGE

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]


def echoes(_: task.OrchestrationContext, given: Any) -> Any:
    return given


def waits(context: task.OrchestrationContext, _: Any) -> Story:
    yield context.wait_for_external_event("go")


def parent(context: task.OrchestrationContext, _: Any) -> Story:
    return (yield context.call_sub_orchestrator(echoes, instance_id="child", input=1))


async def test_a_query_pages_through_everything_once(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes])
    begun = [await stage.client.schedule_new_orchestration(echoes, input=n) for n in range(25)]

    found = await stage.client.get_all_orchestration_states(
        OrchestrationQuery(max_instance_count=4)
    )

    assert [state.instance_id for state in found] == begun


async def test_a_query_filters_by_status_time_and_prefix(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes, waits])
    await stage.run(echoes, instance_id="pa-1")
    await stage.begin(waits, instance_id="pa-2")
    await stage.begin(waits, instance_id="x%_1")
    hour = timedelta(hours=1)

    async def ids(**how: Any) -> list[str]:
        states = await stage.client.get_all_orchestration_states(OrchestrationQuery(**how))
        return [state.instance_id for state in states]

    assert await ids(runtime_status=[OrchestrationStatus.COMPLETED]) == ["pa-1"]
    assert await ids(instance_id_prefix="pa-") == ["pa-1", "pa-2"]
    assert await ids(instance_id_prefix="x%_") == ["x%_1"]
    assert await ids(created_time_from=datetime.now(UTC) + hour) == []
    assert await ids(created_time_to=datetime.now(UTC) - hour) == []
    assert len(await ids(created_time_from=datetime.now(UTC) - hour)) == 3


async def test_a_query_gives_payloads_only_where_they_are_asked_for(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes])
    await stage.run(echoes, 5)

    without = await stage.client.get_all_orchestration_states()
    with_payloads = await stage.client.get_all_orchestration_states(
        OrchestrationQuery(fetch_inputs_and_outputs=True)
    )

    assert (without[0].serialized_input, without[0].serialized_output) == (None, None)
    assert (with_payloads[0].serialized_input, with_payloads[0].serialized_output) == ("5", "5")


async def test_ids_of_ended_instances_come_in_pages(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes, waits])
    await stage.begin(waits)
    ended = [(await stage.run(echoes)).instance_id for _ in range(5)]

    first = await stage.client.list_instance_ids(page_size=3)
    second = await stage.client.list_instance_ids(
        page_size=3, continuation_token=first.continuation_token
    )

    assert [*first.items, *second.items] == ended
    assert second.continuation_token is None


async def test_a_foreign_continuation_token_is_refused(stage: Stage) -> None:
    query = pb.InstanceQuery(continuationToken=StringValue(value="{"))

    with pytest.raises(InvalidRequest):
        await stage.hub.query(pb.QueryInstancesRequest(query=query))


async def test_purge_removes_one_ended_instance_and_nothing_that_runs(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes, waits])
    ended = await stage.run(echoes)
    running = await stage.begin(waits)

    purged = await stage.client.purge_orchestration(ended.instance_id)
    kept = await stage.client.purge_orchestration(running)

    assert (purged.deleted_instance_count, kept.deleted_instance_count) == (1, 0)
    assert await stage.client.get_orchestration_state(ended.instance_id) is None
    assert await stage.status(running) == "RUNNING"
    assert stage.hub._store.db.execute(
        "SELECT count(*) FROM history WHERE generation NOT IN (SELECT generation FROM instances)"
    ).fetchone() == (0,)


async def test_purge_takes_the_children_along(stage: Stage) -> None:
    stage.worker.add(orchestrators=[parent, echoes])
    end = await stage.run(parent)

    purged = await stage.client.purge_orchestration(end.instance_id, recursive=True)

    assert purged.deleted_instance_count == 2
    assert await stage.client.get_orchestration_state("child") is None


async def test_purge_by_filter_goes_page_by_page_to_the_end(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes, waits])
    for _ in range(PURGE_PAGE + 20):
        await stage.run(echoes)
    await stage.begin(waits)

    purged = await stage.client.purge_orchestrations_by(
        created_time_from=datetime.now(UTC) - timedelta(hours=1),
        runtime_status=[OrchestrationStatus.COMPLETED],
    )

    assert purged.deleted_instance_count == PURGE_PAGE + 20
    assert len(await stage.client.get_all_orchestration_states()) == 1


async def test_purge_that_runs_out_of_time_says_that_it_is_incomplete(stage: Stage) -> None:
    purge = pb.PurgeInstanceFilter(timeout=Duration(nanos=1))

    response = await stage.hub.purge(pb.PurgeInstancesRequest(purgeInstanceFilter=purge))

    assert not response.isComplete.value


async def test_the_history_of_an_unknown_instance_is_not_found(stage: Stage) -> None:
    with pytest.raises(InstanceNotFound):
        await anext(stage.hub.history(pb.StreamInstanceHistoryRequest(instanceId="none")))
