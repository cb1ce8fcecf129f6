"""Waiting for what a test expects."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def until(holds: Callable[[], object], seconds: float = 5) -> None:
    """Return once `holds()` is true, awaited where it can be, and fail if it never is."""
    async with asyncio.timeout(seconds):
        while True:
            answer = holds()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return
            await asyncio.sleep(0.005)
