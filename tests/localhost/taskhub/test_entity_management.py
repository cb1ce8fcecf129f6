from __future__ import annotations

from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from durabletask import entities
from durabletask.client import EntityQuery
from durabletask.entities import EntityInstanceId

from localhost.taskhub.errors import InvalidRequest
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from tests.localhost.taskhub.stage import Stage


def note(context: entities.EntityContext, given: Any) -> None:
    context.set_state(given)


async def write(stage: Stage, *keys: str, value: Any = 1) -> None:
    for key in keys:
        await stage.client.signal_entity(EntityInstanceId("note", key), "set", value)
    await until(lambda: not stage.hub._is_busy())


async def test_entities_are_listed_in_pages_by_prefix(stage: Stage) -> None:
    stage.worker.add(entities=[note])
    await write(stage, "a", "b", "c", "d", "e")

    found = await stage.client.get_all_entities(
        EntityQuery(instance_id_starts_with="@note@", page_size=2)
    )

    assert [entity.id.key for entity in found] == ["a", "b", "c", "d", "e"]
    assert await stage.client.get_all_entities(EntityQuery(instance_id_starts_with="@x")) == []


async def test_an_entity_without_a_state_does_not_exist_until_cleaned_away(stage: Stage) -> None:
    stage.worker.add(entities=[note])
    await write(stage, "kept")
    await write(stage, "gone", value=None)

    before = await stage.client.get_all_entities(EntityQuery(include_transient=True))
    cleaned = await stage.client.clean_entity_storage()
    after = await stage.client.get_all_entities(EntityQuery(include_transient=True))

    assert await stage.client.get_entity(EntityInstanceId("note", "gone")) is None
    assert len(before) == 2
    assert cleaned.empty_entities_removed == 1
    assert [entity.id.key for entity in after] == ["kept"]


async def test_a_lock_whose_owner_is_gone_is_released(stage: Stage) -> None:
    stage.worker.add(entities=[note])
    await write(stage, "held")
    stage.hub._store.db.execute("UPDATE entities SET section='s', owner='gone', owner_generation=1")
    await stage.client.signal_entity(EntityInstanceId("note", "held"), "set", 2)

    cleaned = await stage.client.clean_entity_storage()
    await until(lambda: not stage.hub._is_busy())

    entity = await stage.client.get_entity(EntityInstanceId("note", "held"))
    assert cleaned.orphaned_locks_released == 1
    assert entity is not None
    assert entity.get_state(str) == "2"


async def test_an_entity_is_purged_by_its_id(stage: Stage) -> None:
    stage.worker.add(entities=[note])
    await write(stage, "it")

    purged = await stage.client.purge_orchestration("@note@it")

    assert purged.deleted_instance_count == 1
    assert await stage.client.get_entity(EntityInstanceId("note", "it")) is None


@pytest.mark.parametrize("entity", ["", "note", "@note", "@note@", "@@key", "note@key"])
async def test_a_malformed_entity_id_is_refused(stage: Stage, entity: str) -> None:
    with pytest.raises(InvalidRequest):
        await stage.hub.signal_entity(pb.SignalEntityRequest(instanceId=entity, name="set"))
