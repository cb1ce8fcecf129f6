"""Lists of instances: queries, ids, histories, purges.

Pages are bounded, and keyed by what was last seen, so that instances which come and go between
pages shift nothing.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.wrappers_pb2 import BoolValue

from localhost.taskhub.errors import InstanceNotFound, InvalidRequest
from localhost.taskhub.instances import LIVING
from localhost.taskhub.states import STATE_COLUMNS, state_of
from localhost.taskhub.wire import events_in, micros_from, text, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from localhost.taskhub.entity_management import EntityManagement
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.store import Store

PAGE_DEFAULT = 100
PAGE_MAX = 1_000
PURGE_PAGE = 100
HISTORY_CHUNK_EVENTS = 500
INT64 = 1 << 63


@dataclass
class _Filter:
    """A WHERE clause in the making."""

    clauses: list[str] = field(default_factory=lambda: ["1"])
    values: list[Any] = field(default_factory=list)

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values += values

    def add_statuses(self, statuses: Iterable[int]) -> None:
        numbers = ",".join(str(int(status)) for status in statuses)
        if numbers:
            self.add(f"status IN ({numbers})")

    def add_period(self, column: str, asked: Any, since: str, until: str) -> None:
        if asked.HasField(since):
            self.add(f"{column}>=?", micros_from(getattr(asked, since)))
        if asked.HasField(until):
            self.add(f"{column}<?", micros_from(getattr(asked, until)))

    def add_token(self, columns: str, token: str | None) -> None:
        if token:
            self.add(f"({columns})>(?,?)", *_last_seen(token))

    @property
    def where(self) -> str:
        return " AND ".join(self.clauses)


def _last_seen(token: str) -> tuple[int, str]:
    """The moment and the id that a continuation token names."""
    try:
        match json.loads(token):
            case [int(moment), str(instance)] if abs(moment) < INT64:
                return moment, instance
    except ValueError:
        pass
    raise InvalidRequest("The continuation token is not ours.")


class Queries:
    """Clients' calls about many instances, or many rows of one."""

    def __init__(self, store: Store, instances: Instances, entities: EntityManagement) -> None:
        self._store = store
        self._instances = instances
        self._entities = entities

    async def query(self, request: pb.QueryInstancesRequest) -> pb.QueryInstancesResponse:
        """A page of instances, oldest first.

        Raises:
            InvalidRequest: the continuation token is not one of ours.
        """
        response: pb.QueryInstancesResponse = await self._store.journal.read(
            self._query, request.query
        )
        return response

    def _query(self, asked: pb.InstanceQuery) -> pb.QueryInstancesResponse:
        chosen = _Filter()
        chosen.add_statuses(asked.runtimeStatus)
        chosen.add_period("created", asked, "createdTimeFrom", "createdTimeTo")
        if prefix := text_of(asked, "instanceIdPrefix"):
            chosen.add("substr(id, 1, ?)=?", len(prefix), prefix)
        chosen.add_token("created, id", text_of(asked, "continuationToken"))
        size = min(asked.maxInstanceCount or PAGE_DEFAULT, PAGE_MAX)
        rows = self._store.db.execute(
            f"SELECT {STATE_COLUMNS} FROM instances WHERE {chosen.where} "
            "ORDER BY created, id LIMIT ?",
            (*chosen.values, size),
        ).fetchall()
        token = json.dumps([rows[-1][5], rows[-1][0]]) if len(rows) == size else None
        return pb.QueryInstancesResponse(
            orchestrationState=[
                state_of(row, with_payloads=asked.fetchInputsAndOutputs) for row in rows
            ],
            continuationToken=text(token),
        )

    async def list_instance_ids(
        self, request: pb.ListInstanceIdsRequest
    ) -> pb.ListInstanceIdsResponse:
        """A page of the ids of ended instances, in the order in which they ended.

        Raises:
            InvalidRequest: the last key is not one of ours.
        """
        response: pb.ListInstanceIdsResponse = await self._store.journal.read(
            self._list_instance_ids, request
        )
        return response

    def _list_instance_ids(self, asked: pb.ListInstanceIdsRequest) -> pb.ListInstanceIdsResponse:
        chosen = _Filter(["completed IS NOT NULL"])
        chosen.add_statuses(asked.runtimeStatus)
        chosen.add_period("completed", asked, "completedTimeFrom", "completedTimeTo")
        chosen.add_token("completed, id", text_of(asked, "lastInstanceKey"))
        size = min(asked.pageSize or PAGE_DEFAULT, PAGE_MAX)
        rows = self._store.db.execute(
            f"SELECT completed, id FROM instances WHERE {chosen.where} "
            "ORDER BY completed, id LIMIT ?",
            (*chosen.values, size),
        ).fetchall()
        token = json.dumps(rows[-1]) if len(rows) == size else None
        return pb.ListInstanceIdsResponse(
            instanceIds=[row[1] for row in rows], lastInstanceKey=text(token)
        )

    async def history(
        self, request: pb.StreamInstanceHistoryRequest
    ) -> AsyncIterator[pb.HistoryChunk]:
        """An instance's history in chunks, oldest first.

        Raises:
            InstanceNotFound: there is no such instance.
        """
        events = events_in(await self._store.journal.read(self._history, request.instanceId))
        for first in range(0, len(events), HISTORY_CHUNK_EVENTS):
            yield pb.HistoryChunk(events=events[first : first + HISTORY_CHUNK_EVENTS])

    def _history(self, instance: str) -> bytes:
        row = self._store.db.execute(
            "SELECT generation, events FROM instances WHERE id=?", (instance,)
        ).fetchone()
        if row is None:
            raise InstanceNotFound(instance)
        return self._store.histories.read(*row)

    async def purge(self, request: pb.PurgeInstancesRequest) -> pb.PurgeInstancesResponse:
        """Delete ended instances: one, a batch, or all that match, a page per transaction.

        Returns:
            How many went. `isComplete` is false where the filter's time ran out before the end;
            asking again goes on.
        """
        if request.HasField("purgeInstanceFilter"):
            return await self._purge_matching(request)
        asked = list(request.instanceBatch.instanceIds) or [request.instanceId]
        deleted = 0
        for first in range(0, len(asked), PURGE_PAGE):
            page = asked[first : first + PURGE_PAGE]
            deleted += await self._store.journal.change(self._purge, page, request.recursive)
        return pb.PurgeInstancesResponse(
            deletedInstanceCount=deleted, isComplete=BoolValue(value=True)
        )

    async def _purge_matching(self, request: pb.PurgeInstancesRequest) -> pb.PurgeInstancesResponse:
        asked, deleted = request.purgeInstanceFilter, 0
        loop = asyncio.get_running_loop()
        limited = asked.HasField("timeout")
        deadline = loop.time() + asked.timeout.ToTimedelta().total_seconds() if limited else None
        chosen = _Filter(["completed IS NOT NULL"])
        chosen.add_statuses(asked.runtimeStatus)
        chosen.add_period("created", asked, "createdTimeFrom", "createdTimeTo")
        last: tuple[int, str] | None = (0, "")
        while last is not None and (deadline is None or loop.time() < deadline):
            went, last = await self._store.journal.change(
                self._purge_page, chosen, last, request.recursive
            )
            deleted += went
        return pb.PurgeInstancesResponse(
            deletedInstanceCount=deleted, isComplete=BoolValue(value=last is None)
        )

    def _purge_page(
        self,
        chosen: _Filter,
        after: tuple[int, str],
        recursive: bool,  # noqa: FBT001 - the protocol's
    ) -> tuple[int, tuple[int, str] | None]:
        """How many went, and the last one seen; None where the page was the last."""
        rows = self._store.db.execute(
            f"SELECT created, id FROM instances WHERE {chosen.where} AND (created, id)>(?,?) "
            "ORDER BY created, id LIMIT ?",
            (*chosen.values, *after, PURGE_PAGE),
        ).fetchall()
        deleted = self._purge([row[1] for row in rows], recursive)
        return deleted, rows[-1] if len(rows) == PURGE_PAGE else None

    def _purge(self, asked: list[str], recursive: bool) -> int:  # noqa: FBT001 - the protocol's
        deleted, family = 0, list(asked)
        for member in family:
            if member.startswith("@"):
                deleted += self._entities.delete(member)
                continue
            row = self._store.db.execute(
                "SELECT status, generation FROM instances WHERE id=?", (member,)
            ).fetchone()
            if row is None or row[0] in LIVING:
                continue
            if recursive:
                children = self._store.db.execute(
                    "SELECT id FROM instances WHERE parent=?", (member,)
                )
                family += [child[0] for child in children]
            self._instances.forget(row[1])
            self._store.db.execute("DELETE FROM instances WHERE id=?", (member,))
            deleted += 1
        return deleted
