"""Starting and nudging stories, for every kind of door."""

import asyncio
from contextlib import suppress

from azure.durable_functions import DurableFunctionsClient
from grpc import StatusCode
from grpc.aio import AioRpcError

from shared.contracts.incidents import INCIDENT_RESOLVED
from shared.contracts.prior_authorization import (
    APPEAL,
    CASE_CHANGED,
    PENDED,
    PRIOR_AUTHORIZATION,
    AppealRef,
    CaseRef,
)
from shared.contracts.steps import Event, Story
from shared.domain.prior_authorization.appeals_under_way import story_of, under_way
from shared.domain.prior_authorization.case import Case
from shared.errors import TransientError
from shared.ports.intake import TakenIn, instance_of

# An answer that comes soon is worth a look soon; one that takes longer, fewer looks.
FIRST_LOOK_SECONDS, LOOK_SECONDS_MAX = 0.2, 1.0


async def start_case(client: DurableFunctionsClient, taken: TakenIn) -> str:
    """Start the story of a request that was taken in, and return its instance id.

    The business id is the instance id: a repeated request finds its story running, or done.

    Raises:
        TransientError: the task hub is out of reach.
    """
    instance_id = instance_of(taken.ref)
    if taken.is_new or not await _exists(client, instance_id):
        await start(client, PRIOR_AUTHORIZATION, taken.ref, instance_id=instance_id)
    return instance_id


async def start[Given](
    client: DurableFunctionsClient, story: Story[Given], given: Given, *, instance_id: str
) -> None:
    """Start a story, unless it was started already.

    Raises:
        TransientError: the task hub is out of reach.
    """
    try:
        await client.schedule_new_orchestration(
            story.name, input=story.send(given), instance_id=instance_id
        )
    except AioRpcError as error:
        if error.code() is not StatusCode.ALREADY_EXISTS:
            raise TransientError(f"story {instance_id} could not be started") from error


async def nudge(client: DurableFunctionsClient, case: Case) -> None:
    """Tell the stories that watch a case to look at it; what happened stands in the case.

    A nudge that is lost costs minutes, not truth: the sweep finds a case that no story looked at
    since somebody changed it, see `Case.unseen_since`.
    """
    for revision in range(1, case.revision + 1):  # The earlier ones were overtaken, and end.
        await _nudge_review(client, case, revision)
    for number in range(1, len(case.appeals) + 1):
        await _raise_event(client, appeal_instance(AppealRef(case.case_id, number)), CASE_CHANGED)


async def take_up(client: DurableFunctionsClient, case: Case) -> None:
    """Tell the stories of a case to look, and begin those of appeals whose filing was cut short.

    Raises:
        TransientError: the task hub is out of reach.
    """
    for number in under_way(case):
        appeal = AppealRef(case.case_id, story_of(case, number))
        if not await _exists(client, appeal_instance(appeal)):
            await start(client, APPEAL, appeal, instance_id=appeal_instance(appeal))
    await nudge(client, case)


async def _nudge_review(client: DurableFunctionsClient, case: Case, revision: int) -> None:
    review = f"{instance_of(CaseRef(case.case_id, revision))}.review"
    await _raise_event(client, review, CASE_CHANGED)
    for question in range(1, len(case.information) + 1):
        await _raise_event(client, f"{review}.question{question}", CASE_CHANGED)


def appeal_instance(ref: AppealRef) -> str:
    """The story that works on an appeal."""
    return f"{ref.case_id}.appeal{ref.number}"


async def repaired(client: DurableFunctionsClient, instance_id: str) -> None:
    """Tell a story that waits for an engineer to try its step again; no id, nobody waits.

    Raises:
        TransientError: the task hub is out of reach; the story still waits.
    """
    if not instance_id:
        return
    try:
        await client.raise_orchestration_event(instance_id, INCIDENT_RESOLVED.name)
    except AioRpcError as error:
        if error.code() is not StatusCode.NOT_FOUND:
            raise TransientError(f"story {instance_id} could not be told") from error


async def answer_of(client: DurableFunctionsClient, instance_id: str, within_seconds: float) -> str:
    """Wait until a story has ended or pended, or the time is over.

    Returns:
        The story's result, or "pended".
    """
    ended = asyncio.ensure_future(
        client.wait_for_orchestration_completion(
            instance_id, fetch_payloads=True, timeout=int(within_seconds)
        )
    )
    try:
        look_seconds = FIRST_LOOK_SECONDS
        async with asyncio.timeout(within_seconds):
            while not ended.done():
                await asyncio.wait({ended}, timeout=look_seconds)
                look_seconds = min(2 * look_seconds, LOOK_SECONDS_MAX)
                if not ended.done() and await _is_pended(client, instance_id):
                    return PENDED
            state = ended.result()
            return str(state.get_output()) if state else PENDED
    except TimeoutError:
        return PENDED
    finally:
        ended.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await ended


async def _is_pended(client: DurableFunctionsClient, instance_id: str) -> bool:
    state = await client.get_orchestration_state(instance_id, fetch_payloads=True)
    return state is not None and state.get_custom_status() == PENDED


async def _exists(client: DurableFunctionsClient, instance_id: str) -> bool:
    return await client.get_orchestration_state(instance_id, fetch_payloads=False) is not None


async def _raise_event(client: DurableFunctionsClient, instance_id: str, event: Event) -> None:
    """Raise an event; an instance that is not there has nothing to be told."""
    with suppress(AioRpcError):
        await client.raise_orchestration_event(instance_id, event.name)
