"""The post: it loses nothing, but fails for a while, as the seed says for each message."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from shared.errors import TransientError
from shared.ports.channels import Dispatch
from shared.ports.clock import Clock

STUMBLES = 0.03
OUTAGES = 0.002
LONG = 0.3  # Of the outages, how many outlast every patience.


@dataclass(frozen=True, slots=True)
class Outage:
    """Until when a message is not taken; is_long: longer than a subscriber is waited for."""

    until: datetime
    is_long: bool


class Post:
    """A Channel that fails a seeded number of times, or for a seeded time, for each message.

    Attributes:
        taken: how often each message was taken, by case and message id.
        outages: by case and message id, for hours.
    """

    def __init__(self, seed: int, clock: Clock) -> None:
        self._seed = seed
        self._clock = clock
        self._failures_left: dict[tuple[str, str], int] = {}
        self.taken: dict[tuple[str, str], int] = {}
        self.outages: dict[tuple[str, str], Outage] = {}

    async def send(self, dispatch: Dispatch) -> bool:
        """Take a message, or fail."""
        key = (dispatch.case_id, dispatch.message_id)
        if key not in self._failures_left:
            self._failures_left[key] = self._begin(key)
        outage = self.outages.get(key)
        if self._failures_left[key] or (outage and self._clock.now() < outage.until):
            self._failures_left[key] = max(0, self._failures_left[key] - 1)
            raise TransientError(f"the post does not take {dispatch.message_id} now")
        self.taken[key] = self.taken.get(key, 0) + 1
        return bool(dispatch.address)

    def _begin(self, key: tuple[str, str]) -> int:
        rng = Random(f"{self._seed}/{key}")
        if rng.random() < OUTAGES:
            is_long = rng.random() < LONG
            hours = rng.uniform(120, 240) if is_long else rng.uniform(0.2, 40)
            self.outages[key] = Outage(self._clock.now() + timedelta(hours=hours), is_long)
            return 0
        return rng.choice([1, 2, 3]) if rng.random() < STUMBLES else 0
