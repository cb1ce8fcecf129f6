"""The verbs of a story: perform, perform_all, tell and wait_for.

They hold what every story needs and none should spell out: a step's idempotency key, retries, the
wait for an engineer when a step cannot succeed. All are deterministic: the only clock is the
context's.
"""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from durabletask.task import (
    OrchestrationContext,
    RetryPolicy,
    Task,
    TaskFailedError,
    when_all,
    when_any,
)

from shared.contracts.incidents import INCIDENT_RESOLVED, OPEN_INCIDENT, Incident
from shared.contracts.steps import Event, Step, Story

type Steps[Result] = Generator[Task[Any], Any, Result]

RETRY = RetryPolicy(
    first_retry_interval=timedelta(seconds=1),
    max_number_of_attempts=5,
    backoff_coefficient=2.0,
    max_retry_interval=timedelta(seconds=30),
)


def perform[Given, Result](
    context: OrchestrationContext, step: Step[Given, Result], given: Given, *, item: str = ""
) -> Steps[Result]:
    """Perform one step, and again after an engineer's repair if it cannot succeed.

    Args:
        item: what tells this performance from another of the same step in the same story, such
            as a round's number; with the instance and the step it is the idempotency key.
    """
    [result] = yield from perform_all(context, [(step, given)], item=item)
    return result  # type: ignore[no-any-return]  # perform_all mixes the types of its steps.


def perform_all(
    context: OrchestrationContext, wanted: Sequence[tuple[Step[Any, Any], Any]], *, item: str = ""
) -> Steps[list[Any]]:
    """Perform steps side by side; the results stand in the order asked."""
    results: dict[int, Any] = {}
    attempt = 0
    while len(results) < len(wanted):
        tasks = {
            number: _start(context, step, given, _item(item, number, wanted))
            for number, (step, given) in enumerate(wanted)
            if number not in results
        }
        yield from _all_settled(list(tasks.values()))
        for number, task in tasks.items():
            step, _ = wanted[number]
            failure = _failure_of(task)
            if failure:
                attempt += 1
                yield from _await_repair(context, step, failure, attempt)
            else:
                results[number] = step.read_result(task.get_result())
    return [results[number] for number in range(len(wanted))]


def tell[Given](
    context: OrchestrationContext, story: Story[Given], given: Given, *, instance_id: str
) -> Steps[None]:
    """Tell another story within this one, and go on when it has ended."""
    yield context.call_sub_orchestrator(
        story.name, input=story.send(given), instance_id=instance_id
    )


def wait_for(context: OrchestrationContext, event: Event, *, until: datetime | None) -> Steps[bool]:
    """Wait for an event, at the longest until a time; the SDK chains waits of over three days.

    Returns:
        Whether the event came. One that comes late stays for the next wait.
    """
    nudge = context.wait_for_external_event(event.name)
    if until is None:
        yield nudge
        return True
    timer = context.create_timer(until)
    winner = yield when_any([nudge, timer])
    if winner is nudge:
        timer.cancel()
        return True
    nudge.cancel()  # Else this wait would swallow the next event.
    return False


def _start(context: OrchestrationContext, step: Step[Any, Any], given: Any, item: str) -> Task[Any]:
    key = f"{context.instance_id}/{step.name}/{item}"
    return context.call_activity(step.name, input=step.call(key, given), retry_policy=RETRY)


def _item(item: str, number: int, wanted: Sequence[tuple[Step[Any, Any], Any]]) -> str:
    return f"{item}.{number}" if len(wanted) > 1 else item


def _all_settled(tasks: list[Task[Any]]) -> Steps[None]:
    """Wait for every task; a failure is looked at task by task afterwards."""
    try:
        yield when_all(tasks) if len(tasks) > 1 else tasks[0]
    except TaskFailedError:
        return


def _failure_of(task: Task[Any]) -> str:
    """Why a settled task has no result; empty where it has one."""
    if task.is_failed:
        return task.get_exception().details.error_type
    answer = task.get_result()
    return str(answer.get("failed", ""))


def _await_repair(
    context: OrchestrationContext, step: Step[Any, Any], failure: str, attempt: int
) -> Steps[None]:
    incident = Incident(context.instance_id, step.name, failure)
    key = f"{context.instance_id}/{OPEN_INCIDENT.name}/{step.name}.{attempt}"
    yield context.call_activity(OPEN_INCIDENT.name, input=OPEN_INCIDENT.call(key, incident))
    yield context.wait_for_external_event(INCIDENT_RESOLVED.name)
