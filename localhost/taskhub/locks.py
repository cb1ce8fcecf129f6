"""Entity locks: one orchestration holds a set of entities; others wait their turn.

A request has one number and waits under it in the inbox of every entity that it names. It is
granted when it is first in all of them and none is locked; what is in a worker's hands has not
left the inbox yet, and so stands before it. Requests are thereby served in the order of their
numbers wherever they overlap, so none starves and no two block each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.wire import event

if TYPE_CHECKING:
    from localhost.taskhub.entities import Caller, Entities
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.store import Store


class Locks:
    """Requests, grants and releases; every method runs inside a change."""

    def __init__(self, store: Store, instances: Instances, entities: Entities) -> None:
        self._store = store
        self._instances = instances
        self._entities = entities
        entities.when_lock_is_first(self._grant)
        instances.when_ended(self._release_all)

    def request(self, owner: Caller, asked: pb.EntityLockRequestedEvent) -> None:
        """Queue a request in the inbox of every entity that it names."""
        number = next(self._store.numbers)
        for entity in asked.lockSet:
            self._entities.create(entity)
            self._store.db.execute(
                "INSERT INTO entity_inbox"
                "(entity, number, event, caller, caller_generation, section) VALUES(?,?,?,?,?,?)",
                (entity, number, b"", owner.instance, owner.generation, asked.criticalSectionId),
            )
            self._entities.look_at(entity)

    def release(self, entity: str, section: str) -> None:
        """Unlock one entity, if this critical section holds it."""
        unlocked = self._store.db.execute(
            "UPDATE entities SET section=NULL, owner=NULL, owner_generation=NULL "
            "WHERE id=? AND section=?",
            (entity, section),
        ).rowcount
        if unlocked:
            self._entities.look_at(entity)

    def _grant(self, entity: str) -> None:
        db = self._store.db
        first = db.execute(
            "SELECT number, caller, caller_generation, section FROM entity_inbox "
            "WHERE entity=? ORDER BY number LIMIT 1",
            (entity,),
        ).fetchone()
        if first is None or first[3] is None:
            return
        number, owner, generation, section = first
        wanted = [
            row[0]
            for row in db.execute(
                "SELECT entity FROM entity_inbox WHERE caller_generation=? AND number=? "
                "AND section IS NOT NULL",
                (generation, number),
            )
        ]
        if not all(self._is_available(other, number) for other in wanted):
            return
        for other in wanted:
            db.execute(
                "UPDATE entities SET section=?, owner=?, owner_generation=? WHERE id=?",
                (section, owner, generation, other),
            )
            db.execute("DELETE FROM entity_inbox WHERE entity=? AND number=?", (other, number))
        granted = pb.EntityLockGrantedEvent(criticalSectionId=section)
        news = event(self._store.now(), entityLockGranted=granted)
        self._instances.post(owner, generation, news)

    def _is_available(self, entity: str, number: int) -> bool:
        db = self._store.db
        section = db.execute("SELECT section FROM entities WHERE id=?", (entity,)).fetchone()
        first = db.execute(
            "SELECT min(number) FROM entity_inbox WHERE entity=?", (entity,)
        ).fetchone()
        return bool(section is not None and section[0] is None and first[0] == number)

    def _release_all(self, generation: int) -> None:
        """The owner's generation ended: give up what it holds and what it asked for."""
        db = self._store.db
        freed = db.execute(
            "UPDATE entities SET section=NULL, owner=NULL, owner_generation=NULL "
            "WHERE owner_generation=? RETURNING id",
            (generation,),
        ).fetchall()
        withdrawn = db.execute(
            "DELETE FROM entity_inbox WHERE caller_generation=? AND section IS NOT NULL "
            "RETURNING entity",
            (generation,),
        ).fetchall()
        for (entity,) in (*freed, *withdrawn):
            self._entities.look_at(entity)
