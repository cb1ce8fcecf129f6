"""The registers of members, providers and reviewers in Cosmos DB: the container "registers".

A document holds every entry that shares an identifier's value, so that finding one is a point read.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from azure.cosmos.aio import ContainerProxy
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import REGISTERS
from shared.adapters.cosmos.documents import document_id, read_body, write_body
from shared.adapters.cosmos.failures import translated
from shared.adapters.registers import (
    MemberEntry,
    pick_member,
    read_members,
    read_providers,
    read_reviewers,
)
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import Identifier
from shared.domain.prior_authorization.reviewers import Reviewer

MEMBER, PROVIDER, REVIEWER = "member", "provider", "reviewer"


class CosmosMemberDirectory:
    """A MemberDirectory over the register's documents."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def find_member(self, member: Identifier) -> Membership | None:
        """The enrolment of a member."""
        document = await _read(self._database, MEMBER, member.value)
        entries = read_body(document, tuple[MemberEntry, ...]) if document else ()
        return pick_member(entries, member)


class CosmosProviderDirectory:
    """A ProviderDirectory over the register's documents."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def find_provider(self, npi: str) -> Provider | None:
        """The provider's entry."""
        document = await _read(self._database, PROVIDER, npi)
        return read_body(document, Provider) if document else None


class CosmosReviewerDirectory:
    """A ReviewerDirectory over the register's documents."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def find_reviewer(self, reviewer_id: str) -> Reviewer | None:
        """The reviewer's entry."""
        document = await _read(self._database, REVIEWER, reviewer_id)
        return read_body(document, Reviewer) if document else None


async def write_samples(container: ContainerProxy) -> None:
    """Write the sample registers of models/registers, in place of entries with the same ids."""
    ordered = sorted(read_members(), key=_value)
    members = {
        value: write_body(tuple(same), tuple[MemberEntry, ...])
        for value, same in groupby(ordered, key=_value)
    }
    providers = {each.npi: write_body(each, Provider) for each in read_providers()}
    reviewers = {each.reviewer_id: write_body(each, Reviewer) for each in read_reviewers()}
    await _write(container, MEMBER, members)
    await _write(container, PROVIDER, providers)
    await _write(container, REVIEWER, reviewers)


def _value(entry: MemberEntry) -> str:
    return entry.identifier.value


async def _read(database: CosmosDatabase, kind: str, value: str) -> dict[str, Any] | None:
    container = await database.container(REGISTERS)
    with translated(f"look up a {kind}"):
        try:
            return await container.read_item(document_id(kind, value), kind)
        except CosmosResourceNotFoundError:
            return None


async def _write(container: ContainerProxy, kind: str, bodies: Mapping[str, Any]) -> None:
    batch = [
        ("upsert", ({"id": document_id(kind, value), "kind": kind, "body": body},))
        for value, body in bodies.items()
    ]
    with translated(f"write the register of {kind}s"):
        await container.execute_item_batch(batch, kind)
