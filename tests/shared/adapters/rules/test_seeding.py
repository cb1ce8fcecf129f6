"""The models that the product brings along come into an empty store once."""

import asyncio
from pathlib import Path

import pytest

from shared.adapters.memory.model_store import MemoryModelStore
from shared.adapters.rules.seeding import DECISIONS, seed
from shared.errors import ModelError
from shared.ports.model_store import BEGINNING, Tag
from tests.shared.ports.samples import NOON


async def test_every_model_comes_with_its_scenarios_in_force_since_the_beginning() -> None:
    store = MemoryModelStore()
    await seed(store, DECISIONS, at=NOON)
    models = await store.models()
    assert {model.name for model in models} == {file.stem for file in DECISIONS.glob("*.dmn")}
    for model in models:
        [entry] = model.versions
        content = await store.content(model.name, entry.version)
        assert content is not None
        assert content.xml == (DECISIONS / f"{model.name}.dmn").read_text()
        assert content.scenarios == (DECISIONS / f"{model.name}.scenarios.json").read_text()
        assert (entry.tag, model.in_force(BEGINNING)) == (Tag.APPROVED, entry.version)


async def test_two_processes_may_seed_at_the_same_time() -> None:
    store = MemoryModelStore()
    await asyncio.gather(seed(store, DECISIONS, at=NOON), seed(store, DECISIONS, at=NOON))
    assert all(model.audit_count == 1 for model in await store.models())


async def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.dmn").write_text("<no")
    with pytest.raises(ModelError, match=r"broken\.dmn"):
        await seed(MemoryModelStore(), tmp_path, at=NOON)
