"""A checkpoint store in memory, for consumers that share partitions."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

from azure.eventhub.aio import CheckpointStore


class MemoryCheckpointStore(CheckpointStore):
    """Keeps ownership and checkpoints as the blob store does, ETags included."""

    def __init__(self) -> None:
        self.checkpoints: dict[str, dict[str, Any]] = {}
        self._ownership: dict[str, dict[str, Any]] = {}

    async def list_ownership(
        self, fully_qualified_namespace: str, eventhub_name: str, consumer_group: str, **kwargs: Any
    ) -> Iterable[dict[str, Any]]:
        return [dict(ownership) for ownership in self._ownership.values()]

    async def claim_ownership(
        self, ownership_list: Iterable[dict[str, Any]], **kwargs: Any
    ) -> Iterable[dict[str, Any]]:
        claimed = []
        for wanted in ownership_list:
            current = self._ownership.get(wanted["partition_id"])
            if current is None or current["etag"] == wanted.get("etag"):
                taken = {**wanted, "etag": str(uuid.uuid4()), "last_modified_time": time.time()}
                self._ownership[wanted["partition_id"]] = taken
                claimed.append(dict(taken))
        return claimed

    async def update_checkpoint(
        self, checkpoint: dict[str, str | int | None], **kwargs: Any
    ) -> None:
        self.checkpoints[str(checkpoint["partition_id"])] = dict(checkpoint)

    async def list_checkpoints(
        self, fully_qualified_namespace: str, eventhub_name: str, consumer_group: str, **kwargs: Any
    ) -> Iterable[dict[str, Any]]:
        return [dict(checkpoint) for checkpoint in self.checkpoints.values()]
