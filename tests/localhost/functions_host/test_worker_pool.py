import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from localhost.functions_host.invocations import Answer, Invocation, Kind, WorkerLost
from localhost.functions_host.startup import StartupError
from localhost.functions_host.worker import WorkerSettings
from localhost.functions_host.worker_pool import WorkerPool
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from localhost.functions_host.frames import Message

APP = """
import asyncio
import logging
import os
import threading

import azure.durable_functions as df

app = df.DFApp()


@app.activity_trigger(input_name="value")
def double(value: int) -> int:
    logging.getLogger("mine").warning("doubling %s", value)
    return value * 2


@app.activity_trigger(input_name="seconds")
async def wait(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return os.environ["GREETING"]


@app.activity_trigger(input_name="text")
def fail(text: str) -> None:
    raise LookupError(text)


@app.activity_trigger(input_name="code")
def leave(code: int) -> None:
    raise SystemExit(code)


@app.activity_trigger(input_name="code")
async def leave_later(code: int) -> None:
    await asyncio.sleep(0)
    raise SystemExit(code)


@app.activity_trigger(input_name="seconds")
async def give_up(seconds: float) -> None:
    waiting = asyncio.create_task(asyncio.sleep(seconds))
    waiting.cancel()
    await waiting


@app.orchestration_trigger(context_name="context")
def place(context, given):
    return threading.current_thread().name

"""


class Pools:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs: list[Message] = []
        self.started: list[WorkerPool] = []

    async def start(self, source: str = APP, timeout_seconds: float | None = None) -> WorkerPool:
        (self.folder / "function_app.py").write_text(source)
        pool = WorkerPool(1, self.logs.append, timeout_seconds)
        self.started.append(pool)
        await pool.start()
        await pool.index(WorkerSettings({"GREETING": "hello"}, "{}", self.folder))
        return pool


@pytest.fixture
async def pools(tmp_path: Path) -> AsyncIterator[Pools]:
    made = Pools(tmp_path)
    yield made
    for pool in made.started:
        await pool.stop()


def ask(function: str, payload: str, number: int = 0) -> Invocation:
    return Invocation(f"id-{function}-{number}", function, Kind.ACTIVITY, payload)


async def test_functions_run_and_answer(pools: Pools) -> None:
    pool = await pools.start()

    assert await pool.invoke(ask("double", "21")) == Answer(ok=True, answer="42")
    assert await pool.invoke(ask("wait", "0")) == Answer(ok=True, answer='"hello"')
    assert pool.in_flight == 0


@pytest.mark.parametrize(("size_bytes", "place"), [(100, "MainThread"), (100_000, "turns-")])
async def test_a_long_turn_leaves_the_event_loop_free(
    pools: Pools, size_bytes: int, place: str
) -> None:
    pool = await pools.start()
    started = pb.ExecutionStartedEvent(
        name="place",
        input=StringValue(value=f'"{"x" * size_bytes}"'),
        orchestrationInstance=pb.OrchestrationInstance(instanceId="one"),
    )
    turn = pb.OrchestratorRequest(
        instanceId="one",
        newEvents=[
            pb.HistoryEvent(orchestratorStarted=pb.OrchestratorStartedEvent()),
            pb.HistoryEvent(executionStarted=started),
        ],
    )

    answer = await pool.invoke(
        Invocation("id-turn", "place", Kind.ORCHESTRATION, turn.SerializeToString())
    )

    [action] = pb.OrchestratorResponse.FromString(answer.answer).actions
    assert action.completeOrchestration.result.value.strip('"').startswith(place)


async def test_a_failure_answers_its_type_and_message_as_microsofts_worker_does(
    pools: Pools,
) -> None:
    pool = await pools.start()

    answer = await pool.invoke(ask("fail", '"gone: away"'))

    assert not answer.ok
    assert answer.error == "LookupError: gone: away"
    assert answer.traceback.rstrip().endswith("LookupError: gone: away")


@pytest.mark.parametrize(
    ("function", "payload", "error"),
    [
        ("leave", "3", "SystemExit: 3"),
        ("leave_later", "4", "SystemExit: 4"),
        ("give_up", "9", "CancelledError: "),
        ("fail", '"half of a character: \\ud83d"', r"LookupError: half of a character: \ud83d"),
    ],
)
async def test_whatever_a_function_raises_fails_it_alone(
    pools: Pools, function: str, payload: str, error: str
) -> None:
    pool = await pools.start()
    beside = asyncio.create_task(pool.invoke(ask("wait", "0.2")))

    answer = await pool.invoke(ask(function, payload))

    assert (answer.ok, answer.error) == (False, error)
    assert answer.traceback.encode()
    assert await beside == Answer(ok=True, answer='"hello"')
    assert any("The function failed" in each for each in pools.logs)


async def test_logs_arrive_with_the_invocation_that_wrote_them(pools: Pools) -> None:
    pool = await pools.start()

    await pool.invoke(ask("double", "4"))

    (line,) = [each for each in pools.logs if each[3] == "mine"]
    assert line[2:] == ("WARNING", "mine", "doubling 4", "", "id-double-0", "double")


async def test_many_invocations_run_at_once(pools: Pools) -> None:
    pool = await pools.start()
    loop = asyncio.get_running_loop()
    started = loop.time()

    await asyncio.gather(*(pool.invoke(ask("wait", "0.3", each)) for each in range(100)))

    assert loop.time() - started < 2


async def test_what_a_killed_worker_was_running_is_lost_and_the_next_worker_takes_over(
    pools: Pools,
) -> None:
    pool = await pools.start()
    running = asyncio.create_task(pool.invoke(ask("wait", "30")))
    await asyncio.sleep(0.1)
    (process_id,) = pool.process_ids

    os.kill(process_id, signal.SIGKILL)

    with pytest.raises(WorkerLost):
        await running
    assert await pool.invoke(ask("double", "1")) == Answer(ok=True, answer="2")
    assert pool.process_ids != [process_id]


async def test_an_invocation_that_exceeds_the_limit_is_ended_with_its_worker(pools: Pools) -> None:
    pool = await pools.start(timeout_seconds=0.5)

    with pytest.raises(WorkerLost):
        await pool.invoke(ask("wait", "30"))
    assert await pool.invoke(ask("double", "1")) == Answer(ok=True, answer="2")


async def test_an_application_that_cannot_be_indexed_is_refused(pools: Pools) -> None:
    with pytest.raises(StartupError, match=r"function_app\.py:1: ZeroDivisionError"):
        await pools.start("1 / 0\n")


async def test_a_pool_may_stop_while_a_worker_is_being_replaced(pools: Pools) -> None:
    surprises: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: surprises.append(what))
    pool = await pools.start()
    os.kill(pool.process_ids[0], signal.SIGKILL)
    await until(lambda: not pool.process_ids)
    await asyncio.sleep(0.05)

    await pool.stop()
    await asyncio.sleep(0.05)

    assert not surprises


async def test_stopping_leaves_no_process_behind(pools: Pools) -> None:
    pool = await pools.start()
    (process_id,) = pool.process_ids

    await pool.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
