"""One suite for every ModelStore."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.audit import first_broken, seal_entries
from shared.domain.prior_authorization.change import AuditEntry
from shared.domain.prior_authorization.decision import Actor
from shared.ports.case_store import StaleError
from shared.ports.model_store import (
    ModelCommit,
    ModelStore,
    ModelVersion,
    Publication,
    StoredModel,
    Tag,
    UnknownModelError,
    VersionEntry,
)
from tests.shared.ports.samples import NOON

ONE, OTHER = "1" * 64, "2" * 64


def entry(version: str, tag: Tag = Tag.DRAFT) -> VersionEntry:
    return VersionEntry(version=version, tag=tag, uploaded_by="rivera", uploaded_at=NOON)


def publication(version: str, *, hours: int) -> Publication:
    at = NOON + timedelta(hours=hours)
    return Publication(version=version, effective_from=at, published_by="rivera", published_at=NOON)


def uploading(name: str = "fees", version: str = ONE) -> ModelCommit:
    happened = AuditEntry(event="model_uploaded", actor=Actor("rivera"), at=NOON)
    sealed = seal_entries([happened], count=0, head=StoredModel(name=name).audit_head)
    model = StoredModel(
        name=name, versions=(entry(version),), audit_count=1, audit_head=sealed[-1].seal
    )
    content = ModelVersion(name=name, version=version, xml="<xml/>", scenarios="{}")
    return ModelCommit(model=model, content=content, audit=sealed)


async def test_what_is_saved_is_loaded(model_store: ModelStore) -> None:
    commit = uploading()
    await model_store.save(commit)
    loaded = await model_store.load("fees")
    assert loaded is not None
    assert replace(loaded, etag=None) == commit.model
    assert await model_store.content("fees", ONE) == commit.content
    trail = await model_store.trail("fees")
    assert first_broken(trail, count=loaded.audit_count, head=loaded.audit_head) is None


async def test_what_is_not_there_is_none(model_store: ModelStore) -> None:
    await model_store.save(uploading())
    assert await model_store.load("prices") is None
    assert await model_store.content("fees", OTHER) is None
    assert await model_store.trail("prices") == ()


async def test_models_are_listed_by_name(model_store: ModelStore) -> None:
    await model_store.save(uploading("prices"))
    await model_store.save(uploading("fees"))
    assert [model.name for model in await model_store.models()] == ["fees", "prices"]


async def test_of_two_changes_to_the_same_state_one_is_stale(model_store: ModelStore) -> None:
    await model_store.save(uploading())
    with pytest.raises(StaleError):
        await model_store.save(uploading())
    loaded = await model_store.load("fees")
    assert loaded is not None
    changed = replace(loaded, publications=(publication(ONE, hours=1),))
    await model_store.save(ModelCommit(model=changed))
    with pytest.raises(StaleError):
        await model_store.save(ModelCommit(model=changed))


def test_the_version_in_force_is_the_one_effective_last() -> None:
    model = StoredModel(
        name="fees",
        publications=(
            publication(ONE, hours=-2),
            publication(OTHER, hours=2),
            publication(ONE, hours=2),
            publication(OTHER, hours=9),
        ),
    )
    assert model.in_force(NOON - timedelta(hours=3)) is None
    assert model.in_force(NOON) == ONE
    assert model.in_force(NOON + timedelta(hours=2)) == ONE
    assert model.in_force(NOON + timedelta(hours=9)) == OTHER


def test_a_version_is_found_by_the_beginning_of_its_hash_or_as_the_latest() -> None:
    alike = ONE[:-1] + "2"
    model = StoredModel(
        name="fees",
        versions=(entry(ONE), entry(alike), entry(OTHER)),
        publications=(publication(OTHER, hours=-1),),
    )
    assert model.find(OTHER[:12], NOON).version == OTHER
    assert model.find("latest", NOON).version == OTHER
    assert model.find(ONE, NOON).version == ONE
    for name in ("latest", OTHER[:7], ONE[:12], "3" * 64, ""):
        with pytest.raises(UnknownModelError):
            model.find(name, NOON - timedelta(days=1))
