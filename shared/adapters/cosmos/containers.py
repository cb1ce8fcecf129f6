"""The containers of the database, and the paths that are indexed in each.

Bicep creates the same ones in Azure. Only listed paths are indexed: to index the whole of a bundle
would cost more than to write it. A query that filters or sorts by anything else scans.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """One container.

    Attributes:
        partition_key: path of the partition key; its documents can share a transactional batch.
        indexed: top-level properties that queries filter and sort by.
    """

    name: str
    partition_key: str
    indexed: tuple[str, ...]

    def indexing_policy(self) -> Mapping[str, Any]:
        """The indexing policy as Cosmos DB takes it."""
        return {
            "indexingMode": "consistent",
            "automatic": True,
            "includedPaths": [{"path": f"/{name}/?"} for name in self.indexed],
            "excludedPaths": [{"path": "/*"}],
        }


CASES = ContainerPlan(
    "cases",
    "/caseId",
    (
        "type",
        "mark",
        "stage",
        "memberId",
        "providerNpi",
        "services",
        "decidedAt",
        "endsOn",
        "nextMomentAt",
        "queue",
        "status",
        "claimedBy",
        "unopenedSince",
        "undeliveredSince",
        "unresolvedSince",
    ),
)
DEAD_LETTERS = ContainerPlan("deadletters", "/id", ("receivedAt",))
REGISTERS = ContainerPlan("registers", "/kind", ())
LETTERS = ContainerPlan("letters", "/caseId", ("mark",))
MODELS = ContainerPlan("models", "/name", ("type", "mark"))
EVERY_CONTAINER = (CASES, DEAD_LETTERS, REGISTERS, LETTERS, MODELS)
