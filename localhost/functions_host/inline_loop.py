"""Runs a coroutine that never waits, to its end, on the thread that it is called from.

Microsoft's runtime is written as coroutines that hand synchronous work (an orchestrator's turn, a
synchronous function) to a thread pool. Where the caller already stands on a thread of its own, or
the work is shorter than the hop, that buys nothing and costs two wake-ups per invocation. Here the
hand-over is a plain call.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator


class _Done:
    """An awaitable whose answer is already there."""

    __slots__ = ("_result",)

    def __init__(self, result: Any) -> None:
        self._result = result

    def __await__(self) -> Generator[None, None, Any]:
        return self._result
        yield  # type: ignore[unreachable]  # makes this a generator, as awaitables are


class InlineLoop:
    """The little of an event loop that such a coroutine asks for: run_in_executor."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> _Done:
        """Call func here and now, outside of any event loop, as a pool thread would."""
        del executor
        asyncio._set_running_loop(None)  # noqa: SLF001 - published for writers of event loops
        try:
            return _Done(func(*args))
        finally:
            asyncio._set_running_loop(_LOOP)  # noqa: SLF001 - the same


_LOOP: Any = InlineLoop()


def run_to_end[Result](coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run the coroutine to its end; a loop that runs on this thread meanwhile stands still.

    Raises:
        RuntimeError: if the coroutine waits for something; it should have run on a real loop.
    """
    outer = asyncio._get_running_loop()  # noqa: SLF001 - published for writers of event loops
    asyncio._set_running_loop(_LOOP)  # noqa: SLF001 - the same
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        asyncio._set_running_loop(outer)  # noqa: SLF001 - the same
    coroutine.close()
    msg = "a function that was to run without waiting waited"
    raise RuntimeError(msg)
