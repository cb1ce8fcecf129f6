"""What durabletask promises of tasks that are awaited together, as scenarios over our hub."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from durabletask import task

from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

    import durabletask.internal.orchestrator_service_pb2 as pb

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]


def echo(_: task.ActivityContext, given: Any) -> Any:
    return given


def break_down(_: task.ActivityContext, given: Any) -> Any:
    raise ValueError(given)


async def test_the_first_of_two_activities_wins_and_the_other_changes_nothing(
    stage: Stage,
) -> None:
    release = asyncio.Event()

    async def hold(item: pb.WorkItem) -> None:
        if item.activityRequest.input.value == '"slow"':
            await release.wait()

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        slow: task.Task[Any] = context.call_activity(echo, input="slow")
        fast: task.Task[Any] = context.call_activity(echo, input="fast")
        winner = yield task.when_any([slow, fast])
        return [winner is fast, winner.get_result()]

    stage.worker.before = hold
    stage.worker.add(orchestrators=[story], activities=[echo])

    end = await stage.run(story)
    release.set()
    await until(lambda: not stage.hub._is_busy())

    assert end.serialized_output == '[true, "fast"]'
    assert await stage.status(end.instance_id) == "COMPLETED"
    assert stage.hub._store.db.execute("SELECT count(*) FROM activities").fetchone() == (0,)


async def test_one_failure_among_many_reaches_whoever_awaits_them_all(stage: Stage) -> None:
    def story(context: task.OrchestrationContext, _: Any) -> Story:
        calls: list[task.Task[Any]] = [
            context.call_activity(break_down if number == 3 else echo, input=str(number))
            for number in range(6)
        ]
        try:
            yield task.when_all(calls)
        except task.TaskFailedError as failed:
            return failed.details.message
        return "all well"

    stage.worker.add(orchestrators=[story], activities=[echo, break_down])

    assert (await stage.run(story)).serialized_output == '"3"'


async def test_sub_orchestrations_fan_out_over_two_levels(stage: Stage) -> None:
    def leaf(context: task.OrchestrationContext, number: int) -> Story:
        return (yield context.call_activity(echo, input=number))

    def branch(context: task.OrchestrationContext, number: int) -> Story:
        leaves: list[task.Task[Any]] = [
            context.call_sub_orchestrator(leaf, input=number * 10 + n) for n in range(10)
        ]
        return sum((yield task.when_all(leaves)))

    def tree(context: task.OrchestrationContext, _: Any) -> Story:
        branches: list[task.Task[Any]] = [
            context.call_sub_orchestrator(branch, input=n) for n in range(10)
        ]
        return sum((yield task.when_all(branches)))

    stage.worker.add(orchestrators=[leaf, branch, tree], activities=[echo])

    assert (await stage.run(tree)).serialized_output == str(sum(range(100)))
    assert await stage.has_instances(111)


async def test_a_sub_orchestration_is_retried_by_its_policy(stage: Stage) -> None:
    policy = task.RetryPolicy(
        first_retry_interval=timedelta(milliseconds=10), max_number_of_attempts=3
    )
    attempts: list[str] = []

    def child(context: task.OrchestrationContext, good_at: int) -> int:
        attempts.append(context.instance_id)
        if len(attempts) < good_at:
            raise OSError(f"attempt {len(attempts)}")
        return len(attempts)

    def parent(context: task.OrchestrationContext, good_at: int) -> Story:
        return (
            yield context.call_sub_orchestrator(
                child, input=good_at, instance_id=f"child-{good_at}", retry_policy=policy
            )
        )

    stage.worker.add(orchestrators=[child, parent])

    assert (await stage.run(parent, 3)).serialized_output == "3"
    attempts.clear()
    given_up = await stage.run(parent, 9)
    assert given_up.runtime_status.name == "FAILED"
    assert len(attempts) == 3
    assert await stage.status("child-9") == "FAILED"


async def test_events_are_matched_without_case_and_may_carry_nothing(stage: Stage) -> None:
    def story(context: task.OrchestrationContext, _: Any) -> Story:
        first = yield context.wait_for_external_event("Approved")
        return [first, (yield context.wait_for_external_event("closed"))]

    stage.worker.add(orchestrators=[story])
    instance = await stage.begin(story)

    await stage.client.raise_orchestration_event(instance, "CLOSED", data={"by": "ü"})
    await stage.client.raise_orchestration_event(instance, "approved")

    end = await stage.end_of(instance)
    assert json.loads(end.serialized_output) == [None, {"by": "ü"}]


async def test_of_two_events_that_race_the_first_one_sent_wins(stage: Stage) -> None:
    def story(context: task.OrchestrationContext, _: Any) -> Story:
        yes = context.wait_for_external_event("yes")
        no = context.wait_for_external_event("no")
        winner = yield task.when_any([yes, no])
        return "yes" if winner is yes else "no"

    stage.worker.add(orchestrators=[story])
    for first, second in (("yes", "no"), ("no", "yes")):
        instance = await stage.begin(story)
        await stage.client.suspend_orchestration(instance)
        await stage.client.raise_orchestration_event(instance, first)
        await stage.client.raise_orchestration_event(instance, second)
        await stage.client.resume_orchestration(instance)

        assert (await stage.end_of(instance)).serialized_output == json.dumps(first)


async def test_continue_as_new_drops_untaken_events_unless_told_to_save_them(
    stage: Stage,
) -> None:
    def story(context: task.OrchestrationContext, given: list[bool]) -> Story:
        is_saving, is_again = given
        number = yield context.wait_for_external_event("number")
        if is_again:
            return number
        context.continue_as_new([is_saving, True], save_events=is_saving)
        return None

    stage.worker.add(orchestrators=[story])
    for is_saving, expected in ((True, "2"), (False, "3")):
        instance = await stage.begin(story, [is_saving, False])
        await stage.client.suspend_orchestration(instance)
        for number in (1, 2):
            await stage.client.raise_orchestration_event(instance, "number", data=number)
        await stage.client.resume_orchestration(instance)
        if not is_saving:
            await until(lambda: not stage.hub._is_busy())
            await stage.client.raise_orchestration_event(instance, "number", data=3)

        assert (await stage.end_of(instance)).serialized_output == expected


async def test_a_start_time_in_the_past_starts_at_once(stage: Stage) -> None:
    def story(_: task.OrchestrationContext, given: Any) -> Any:
        return given

    stage.worker.add(orchestrators=[story])

    end = await stage.run(story, 1, start_at=datetime(2020, 1, 1, tzinfo=UTC))

    assert end.serialized_output == "1"


async def test_ids_and_time_are_the_same_at_every_replay(stage: Stage) -> None:
    seen: list[list[str]] = []

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        first = [context.new_uuid(), context.current_utc_datetime.isoformat()]
        yield context.call_activity(echo, input=1)
        seen.append([*first, context.new_uuid(), context.current_utc_datetime.isoformat()])
        yield context.call_activity(echo, input=2)

    stage.worker.add(orchestrators=[story], activities=[echo])

    await stage.run(story)

    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][2]
