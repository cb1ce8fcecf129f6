"""Faults on demand, so that an application's retries can be tested. This is ours, not Azure's.

A fault strikes the next requests for items (reads, writes, queries), never the look-ups that a
client makes to connect.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from .answers import SUB_STATUS_REQUEST_RATE_LARGE, Answer, ApiError, bad_request

ADMIN_PREFIX = "/_careloom/"
COUNT_MAX = 1_000_000
MILLISECONDS_MAX = 600_000


@dataclass(slots=True)
class Fault:
    """One kind of trouble, for a number of requests.

    Attributes:
        kind: throttle, unavailable, slow or lost_answer.
        count: how many requests it strikes yet.
        milliseconds: the wait that a throttled client is told, or how long a slow request sleeps.
    """

    kind: str
    count: int
    milliseconds: int


class Faults:
    """The faults that are to strike, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def throttle(self, count: int, *, retry_after_ms: int = 10) -> None:
        """The next requests answer 429."""
        self._add(Fault("throttle", count, retry_after_ms))

    def unavailable(self, count: int) -> None:
        """The next requests answer 503."""
        self._add(Fault("unavailable", count, 0))

    def slow(self, count: int, *, delay_ms: int) -> None:
        """The next requests wait before they are served."""
        self._add(Fault("slow", count, delay_ms))

    def lose_answers(self, count: int) -> None:
        """The next requests are served, and their connections cut before the answer."""
        self._add(Fault("lost_answer", count, 0))

    def clear(self) -> None:
        """No further fault strikes."""
        self._waiting.clear()

    def command(self, path: str, body: str) -> Answer:
        """Serves POST /_careloom/KIND with {"count", "retry_after_ms" or "delay_ms"}.

        Raises:
            ApiError: 400, there is no such kind or a number is out of range.
        """
        kind = path.removeprefix(ADMIN_PREFIX).strip("/")
        try:
            given: Any = json.loads(body or "{}")
            count = int(given.get("count", 1))
            milliseconds = int(given.get("retry_after_ms", given.get("delay_ms", 10)))
        except (ValueError, TypeError, AttributeError) as error:
            raise bad_request(
                "A fault takes whole numbers: count, retry_after_ms, delay_ms."
            ) from error
        if kind == "clear":
            self.clear()
        elif kind in ("throttle", "unavailable", "slow", "lost_answer"):
            self._add(Fault(kind, count, milliseconds))
        else:
            raise bad_request("The faults are throttle, unavailable, slow, lost_answer and clear.")
        return Answer(200, json.dumps({"waiting": sum(fault.count for fault in self._waiting)}))

    async def strike(self) -> bool:
        """Lets the next fault act on a request; true where its answer is to be lost.

        Raises:
            ApiError: 429 or 503.
        """
        if not self._waiting:
            return False
        fault = self._waiting[0]
        fault.count -= 1
        if fault.count <= 0:
            self._waiting.popleft()
        if fault.kind == "throttle":
            raise ApiError(
                429,
                "429",
                "Message: The request rate is too large. Please retry after some time.",
                sub_status=SUB_STATUS_REQUEST_RATE_LARGE,
                headers={"x-ms-retry-after-ms": str(fault.milliseconds)},
            )
        if fault.kind == "unavailable":
            raise ApiError(503, "ServiceUnavailable", "The service is unavailable, as asked for.")
        if fault.kind == "slow":
            await asyncio.sleep(fault.milliseconds / 1000)
        return fault.kind == "lost_answer"

    def _add(self, fault: Fault) -> None:
        if not 0 < fault.count <= COUNT_MAX or not 0 <= fault.milliseconds <= MILLISECONDS_MAX:
            raise bad_request("The fault's numbers are out of range.")
        self._waiting.append(fault)
