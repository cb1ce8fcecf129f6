"""Retry policies of functions: how often, and after which time, a failed run is made again.

Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies
"""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localhost.functions_host.host_json import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNLIMITED = -1


@dataclass(frozen=True)
class RetryPolicy:
    """How a failed run is repeated.

    Attributes:
        count_max: further runs after the first; UNLIMITED for no end.
        first_seconds: the time before the second run.
        most_seconds: the longest time between two runs; the time doubles until then.
    """

    count_max: int = 0
    first_seconds: float = 0.0
    most_seconds: float = 0.0

    @classmethod
    def read(cls, policy: Mapping[str, str]) -> RetryPolicy:
        """Read what the retry decorator declares; an empty mapping is no retry.

        Raises:
            ValueError: if a value cannot be read.
        """
        if not policy:
            return cls()
        count = int(policy["max_retry_count"])
        if policy.get("strategy") == "fixed_delay":
            delay = seconds_of(policy["delay_interval"])
            return cls(count, delay, delay)
        return cls(
            count,
            seconds_of(policy.get("minimum_interval", "00:00:00")),
            seconds_of(policy.get("maximum_interval", "24.00:00:00")),
        )

    def attempts(self) -> Iterator[int]:
        """The numbers of the runs that the policy allows, from 0."""
        return itertools.count() if self.count_max == UNLIMITED else iter(range(self.count_max + 1))

    def is_last(self, attempt: int) -> bool:
        """Whether no run follows the one of this number."""
        return attempt == self.count_max

    def delay_seconds(self, attempt: int) -> float:
        """The time to wait after the run of this number failed."""
        return min(self.first_seconds * 2.0 ** min(attempt, 32), self.most_seconds)

    async def goes_on(self, attempt: int, stopping: asyncio.Event) -> bool:
        """Wait before the next run, after this one failed; false where the host stops first."""
        if not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self.delay_seconds(attempt)):
                    await stopping.wait()
        return not stopping.is_set()
