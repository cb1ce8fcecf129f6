"""The registers of members, providers and reviewers in Cosmos DB: the container "registers".

A document holds every entry that shares an identifier's value, so that finding one is a point read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, groupby
from typing import Any

from azure.cosmos.aio import ContainerProxy
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import REGISTERS
from shared.adapters.cosmos.documents import document_id, read_body, write_body
from shared.adapters.cosmos.failures import translated
from shared.adapters.last_used import LastUsed
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
from shared.ports.clock import Clock

MEMBER, PROVIDER, REVIEWER = "member", "provider", "reviewer"
REMEMBERED = timedelta(seconds=30)
ENTRIES_MAX = 1000
OPERATIONS_MAX = 100  # The limit of a transactional batch in Cosmos DB.


@dataclass(frozen=True, slots=True)
class _Seen:
    document: dict[str, Any] | None
    until: datetime


class Register:
    """The register's documents, each remembered for REMEMBERED so that a case asks once."""

    def __init__(self, database: CosmosDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen: LastUsed[_Seen] = LastUsed(ENTRIES_MAX)

    async def entry(self, kind: str, value: str) -> dict[str, Any] | None:
        """An entry's document; None if the register has none."""
        name = document_id(kind, value)
        now = self._clock.now()
        seen = self._seen.get(name)
        if seen is None or seen.until <= now:
            seen = _Seen(await self._read(kind, name), now + REMEMBERED)
            self._seen.keep(name, seen)
        return seen.document

    async def _read(self, kind: str, name: str) -> dict[str, Any] | None:
        container = await self._database.container(REGISTERS)
        with translated(f"look up a {kind}"):
            try:
                return await container.read_item(name, kind)
            except CosmosResourceNotFoundError:
                return None


class CosmosMemberDirectory:
    """A MemberDirectory over the register's documents."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def find_member(self, member: Identifier) -> Membership | None:
        """The enrolment of a member."""
        document = await self._register.entry(MEMBER, member.value)
        entries = read_body(document, tuple[MemberEntry, ...]) if document else ()
        return pick_member(entries, member)


class CosmosProviderDirectory:
    """A ProviderDirectory over the register's documents."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def find_provider(self, npi: str) -> Provider | None:
        """The provider's entry."""
        document = await self._register.entry(PROVIDER, npi)
        return read_body(document, Provider) if document else None


class CosmosReviewerDirectory:
    """A ReviewerDirectory over the register's documents."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def find_reviewer(self, reviewer_id: str) -> Reviewer | None:
        """The reviewer's entry."""
        document = await self._register.entry(REVIEWER, reviewer_id)
        return read_body(document, Reviewer) if document else None


async def write_samples(container: ContainerProxy) -> None:
    """Write the sample registers of models/registers, in place of entries with the same ids."""
    await write_register(container, read_members(), read_providers(), read_reviewers())


async def write_register(
    container: ContainerProxy,
    members: Iterable[MemberEntry],
    providers: Iterable[Provider],
    reviewers: Iterable[Reviewer],
) -> None:
    """Write entries into the register, in place of those with the same ids."""
    ordered = sorted(members, key=_value)
    enrolled = {
        value: write_body(tuple(same), tuple[MemberEntry, ...])
        for value, same in groupby(ordered, key=_value)
    }
    listed = {each.npi: write_body(each, Provider) for each in providers}
    staff = {each.reviewer_id: write_body(each, Reviewer) for each in reviewers}
    await _write(container, MEMBER, enrolled)
    await _write(container, PROVIDER, listed)
    await _write(container, REVIEWER, staff)


def _value(entry: MemberEntry) -> str:
    return entry.identifier.value


async def _write(container: ContainerProxy, kind: str, bodies: Mapping[str, Any]) -> None:
    upserts = (
        ("upsert", ({"id": document_id(kind, value), "kind": kind, "body": body},))
        for value, body in bodies.items()
    )
    with translated(f"write the register of {kind}s"):
        for batch in batched(upserts, OPERATIONS_MAX, strict=False):
            await container.execute_item_batch(batch, kind)
