"""What clients ask of entities: signal, read, list, clean up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.entities import signal_event
from localhost.taskhub.errors import InvalidRequest
from localhost.taskhub.instances import IS_LIVING
from localhost.taskhub.wire import micros_from, text, text_of, timestamp

if TYPE_CHECKING:
    from localhost.taskhub.entities import Entities
    from localhost.taskhub.store import Store

PAGE_DEFAULT = 100
PAGE_MAX = 1_000

_COLUMNS = (
    "id, updated, owner, state, "
    "(SELECT count(*) FROM entity_inbox WHERE entity=entities.id AND section IS NULL)"
)
_IS_EMPTY = (
    "state IS NULL AND section IS NULL "
    "AND NOT EXISTS(SELECT 1 FROM entity_inbox WHERE entity=entities.id)"
)


class EntityManagement:
    """Clients' calls about entities."""

    def __init__(self, store: Store, entities: Entities) -> None:
        self._store = store
        self._entities = entities

    async def signal_entity(self, request: pb.SignalEntityRequest) -> pb.SignalEntityResponse:
        """Send an entity an operation, now or at the scheduled time.

        Raises:
            InvalidRequest: the id is not `@name@key`.
        """
        name, _, key = request.instanceId.removeprefix("@").partition("@")
        if not (request.instanceId.startswith("@") and name and key):
            raise InvalidRequest("An entity's id is @name@key.", where="instanceId")
        await self._store.journal.change(self._signal, request)
        return pb.SignalEntityResponse()

    def _signal(self, request: pb.SignalEntityRequest) -> None:
        at = request.scheduledTime if request.HasField("scheduledTime") else None
        news = signal_event(self._store.now(), request, request.requestId)
        self._entities.signal(request.instanceId, news, at)

    async def get_entity(self, request: pb.GetEntityRequest) -> pb.GetEntityResponse:
        """An entity that has a state; one that has none does not exist, as in the real host."""
        response: pb.GetEntityResponse = await self._store.journal.read(self._get, request)
        return response

    def _get(self, request: pb.GetEntityRequest) -> pb.GetEntityResponse:
        row = self._store.db.execute(
            f"SELECT {_COLUMNS} FROM entities WHERE id=? AND state IS NOT NULL",
            (request.instanceId,),
        ).fetchone()
        if row is None:
            return pb.GetEntityResponse(exists=False)
        return pb.GetEntityResponse(
            exists=True, entity=_entity_of(row, with_state=request.includeState)
        )

    async def query_entities(self, request: pb.QueryEntitiesRequest) -> pb.QueryEntitiesResponse:
        """A page of entities in the order of their ids."""
        response: pb.QueryEntitiesResponse = await self._store.journal.read(
            self._query, request.query
        )
        return response

    def _query(self, asked: pb.EntityQuery) -> pb.QueryEntitiesResponse:
        prefix = text_of(asked, "instanceIdStartsWith") or ""
        clauses, values = (
            ["id>?", "substr(id, 1, ?)=?"],
            [*(text_of(asked, "continuationToken") or "", len(prefix), prefix)],
        )
        if not asked.includeTransient:
            clauses.append("state IS NOT NULL")
        if asked.HasField("lastModifiedFrom"):
            clauses.append("updated>=?")
            values.append(micros_from(asked.lastModifiedFrom))
        if asked.HasField("lastModifiedTo"):
            clauses.append("updated<?")
            values.append(micros_from(asked.lastModifiedTo))
        size = min(asked.pageSize.value or PAGE_DEFAULT, PAGE_MAX)
        rows = self._store.db.execute(
            f"SELECT {_COLUMNS} FROM entities WHERE {' AND '.join(clauses)} ORDER BY id LIMIT ?",
            (*values, size),
        ).fetchall()
        return pb.QueryEntitiesResponse(
            entities=[_entity_of(row, with_state=asked.includeState) for row in rows],
            continuationToken=text(rows[-1][0] if len(rows) == size else None),
        )

    async def clean_entity_storage(
        self, request: pb.CleanEntityStorageRequest
    ) -> pb.CleanEntityStorageResponse:
        """Forget entities without a state, and free locks whose owner has ended."""
        response: pb.CleanEntityStorageResponse = await self._store.journal.change(
            self._clean, request
        )
        return response

    def _clean(self, request: pb.CleanEntityStorageRequest) -> pb.CleanEntityStorageResponse:
        db, freed, removed = self._store.db, [], 0
        if request.releaseOrphanedLocks:
            freed = db.execute(
                "UPDATE entities SET section=NULL, owner=NULL, owner_generation=NULL "
                "WHERE section IS NOT NULL AND NOT EXISTS(SELECT 1 FROM instances "
                f"WHERE id=owner AND generation=owner_generation AND {IS_LIVING}) RETURNING id"
            ).fetchall()
            for (entity,) in freed:
                self._entities.look_at(entity)
        if request.removeEmptyEntities:
            removed = db.execute(f"DELETE FROM entities WHERE {_IS_EMPTY}").rowcount
        return pb.CleanEntityStorageResponse(
            emptyEntitiesRemoved=removed, orphanedLocksReleased=len(freed)
        )

    def delete(self, entity: str) -> int:
        """Inside a change: purge an entity that nobody locks or waits for; how many went."""
        return self._store.db.execute(
            "DELETE FROM entities WHERE id=? AND section IS NULL "
            "AND NOT EXISTS(SELECT 1 FROM entity_inbox WHERE entity=entities.id)",
            (entity,),
        ).rowcount


def _entity_of(row: tuple[Any, ...], *, with_state: bool) -> pb.EntityMetadata:
    entity, updated, owner, state, backlog = row
    return pb.EntityMetadata(
        instanceId=entity,
        lastModifiedTime=timestamp(updated),
        backlogQueueSize=backlog,
        lockedBy=text(owner),
        serializedState=text(state) if with_state else None,
    )
