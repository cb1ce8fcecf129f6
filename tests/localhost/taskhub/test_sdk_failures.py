"""What durabletask promises of failures and of what may be passed along, as scenarios."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from durabletask import entities, task
from durabletask.entities import EntityInstanceId

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]

LEDGER = EntityInstanceId("ledger", "one")


def echo(_: task.ActivityContext, given: Any) -> Any:
    return given


def pass_along(context: task.OrchestrationContext, given: Any) -> Story:
    return (yield context.call_activity(echo, input=given))


def ledger(context: entities.EntityContext, given: Any) -> Any:
    total = context.get_state(int, 0)
    if context.operation == "add":
        context.set_state(total + given)
    return total


@pytest.mark.parametrize(
    "given",
    [
        *(None, "", 0, False, [], {}, 1.5, -(2**60)),
        *("grün, 緑, \U0001f49a", 'a "quoted" \\ line\n\x00\u2028', "\ud83d"),
        {"deep": [{"er": [None, {"est": True}]}]},
    ],
)
async def test_a_value_comes_back_as_it_was_given(stage: Stage, given: Any) -> None:
    stage.worker.add(orchestrators=[pass_along], activities=[echo])

    end = await stage.run(pass_along, given)

    assert end.runtime_status.name == "COMPLETED"
    assert json.loads(end.serialized_output or "null") == given


@pytest.mark.parametrize("called", ["orchestrator", "activity", "sub-orchestration"])
async def test_what_is_not_registered_fails_its_caller(stage: Stage, called: str) -> None:
    def story(context: task.OrchestrationContext, _: Any) -> Story:
        call: Any = context.call_sub_orchestrator
        if called == "activity":
            call = context.call_activity
        return (yield call("missing"))

    stage.worker.add(orchestrators=[story])

    end = await stage.run("missing" if called == "orchestrator" else story)

    assert end.runtime_status.name == "FAILED"
    assert end.failure_details is not None
    assert "missing" in end.failure_details.message


async def test_an_output_that_is_not_json_fails_the_instance(stage: Stage) -> None:
    def story(_: task.OrchestrationContext, __: Any) -> Any:
        return object()

    stage.worker.add(orchestrators=[story])

    assert (await stage.run(story)).runtime_status.name == "FAILED"


async def test_code_that_changed_under_a_running_instance_is_noticed(stage: Stage) -> None:
    turns: list[int] = []

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        turns.append(1)
        if len(turns) > 1:
            yield context.create_timer(timedelta(hours=1))
        yield context.call_activity(echo, input=1)

    stage.worker.add(orchestrators=[story], activities=[echo])

    end = await stage.run(story)

    assert end.failure_details is not None
    assert end.failure_details.error_type == "durabletask.task.NonDeterminismError"


async def test_a_lock_is_given_up_where_its_section_fails(stage: Stage) -> None:
    def story(context: task.OrchestrationContext, is_failing: bool) -> Story:  # noqa: FBT001
        with (yield context.lock_entities([LEDGER])):
            yield context.call_entity(LEDGER, "add", 1)
            if is_failing:
                raise OSError("inside the section")
            return (yield context.call_entity(LEDGER, "get"))

    stage.worker.add(orchestrators=[story], entities=[ledger])

    failed = await stage.run(story, True)  # noqa: FBT003 - the story's input
    after = await stage.run(story, False)  # noqa: FBT003 - the same

    assert failed.runtime_status.name == "FAILED"
    assert after.serialized_output == "2"


async def test_sections_of_many_instances_never_overlap(stage: Stage) -> None:
    def story(context: task.OrchestrationContext, _: Any) -> Story:
        with (yield context.lock_entities([LEDGER])):
            before = yield context.call_entity(LEDGER, "get")
            yield context.create_timer(timedelta(milliseconds=2))
            yield context.call_entity(LEDGER, "add", 1)
        return before

    stage.worker.add(orchestrators=[story], entities=[ledger])
    instances = [await stage.client.schedule_new_orchestration(story) for _ in range(20)]

    outputs = [(await stage.end_of(instance)).serialized_output for instance in instances]

    assert sorted(map(int, outputs)) == list(range(20))


async def test_an_orchestrators_own_error_is_rewound_to_where_it_was(stage: Stage) -> None:
    runs: list[Any] = []
    is_broken = [True]

    def count(_: task.ActivityContext, given: Any) -> Any:
        runs.append(given)
        return given

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        result = yield context.call_activity(count, input=7)
        if is_broken[0]:
            raise OSError("not yet")
        return result

    stage.worker.add(orchestrators=[story], activities=[count])
    failed = await stage.run(story)
    await stage.client.rewind_orchestration(failed.instance_id)
    again = await stage.end_of(failed.instance_id)
    is_broken[0] = False
    await stage.client.rewind_orchestration(failed.instance_id)

    assert (failed.runtime_status.name, again.runtime_status.name) == ("FAILED", "FAILED")
    assert (await stage.end_of(failed.instance_id)).serialized_output == "7"
    assert runs == [7]
