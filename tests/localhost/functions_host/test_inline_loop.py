import asyncio
import threading

import pytest

from localhost.functions_host.inline_loop import run_to_end


async def hand_over(function: object) -> object:
    return await asyncio.get_running_loop().run_in_executor(None, function)  # type: ignore[arg-type]  # any callable


def test_work_is_done_on_the_callers_own_thread() -> None:
    assert run_to_end(hand_over(threading.current_thread)) is threading.current_thread()


def test_handed_over_work_may_run_an_event_loop_of_its_own() -> None:
    async def nothing() -> str:
        await asyncio.sleep(0)
        return "done"

    assert run_to_end(hand_over(lambda: asyncio.run(nothing()))) == "done"


def test_what_the_work_raises_reaches_the_caller() -> None:
    def fail() -> None:
        msg = "on purpose"
        raise KeyError(msg)

    with pytest.raises(KeyError):
        run_to_end(hand_over(fail))
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


def test_a_coroutine_that_waits_is_refused() -> None:
    async def waits() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited"):
        run_to_end(waits())


async def test_a_loop_that_the_caller_stands_on_runs_on_afterwards() -> None:
    outer = asyncio.get_running_loop()

    assert run_to_end(hand_over(threading.current_thread)) is threading.current_thread()
    assert asyncio.get_running_loop() is outer
