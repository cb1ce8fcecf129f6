"""The post: it loses nothing, but fails for a while, as the seed says for each message."""

from random import Random

from shared.errors import TransientError
from shared.ports.channels import Dispatch

STUMBLES = 0.03
OUTAGES = 0.001
OUTAGE_FAILURES = 6  # More than a step's retries.


class Post:
    """A Channel that fails a seeded number of times before it takes a message.

    Attributes:
        taken: how often each message was taken, by case and message id.
        outages: the cases of which a message failed more often than a step tries.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._failures_left: dict[tuple[str, str], int] = {}
        self.taken: dict[tuple[str, str], int] = {}
        self.outages: set[str] = set()

    async def send(self, dispatch: Dispatch) -> bool:
        """Take a message, or fail."""
        key = (dispatch.case_id, dispatch.message_id)
        if key not in self._failures_left:
            self._failures_left[key] = self._failures(key)
        if self._failures_left[key]:
            self._failures_left[key] -= 1
            raise TransientError(f"the post does not take {dispatch.message_id} now")
        self.taken[key] = self.taken.get(key, 0) + 1
        return bool(dispatch.address)

    def _failures(self, key: tuple[str, str]) -> int:
        rng = Random(f"{self._seed}/{key}")
        if rng.random() < OUTAGES:
            self.outages.add(key[0])
            return OUTAGE_FAILURES
        return rng.choice([1, 2, 3]) if rng.random() < STUMBLES else 0
