"""The rule book over versions, seeded from the models of the business."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.model_store import MemoryModelStore
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.adapters.rules.store_rule_book import FRESH_FOR, StoreRuleBook
from shared.engine.dmn import compile_model
from shared.errors import PermanentError
from shared.ports.model_store import (
    BEGINNING,
    ModelCommit,
    ModelVersion,
    Publication,
    StoredModel,
    Tag,
    VersionEntry,
)
from tests.shared.engine.dmn.samples import table_model
from tests.shared.ports.samples import NOON


class CountingStore(MemoryModelStore):
    """Counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def models(self) -> tuple[StoredModel, ...]:
        self.asked += 1
        return await super().models()

    async def content(self, name: str, version: str) -> ModelVersion | None:
        self.asked += 1
        return await super().content(name, version)


def fee(amount: int) -> str:
    return table_model(["age"], [["-", str(amount)]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fee.dmn").write_text(fee(10))
    return tmp_path


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


async def publish(store: MemoryModelStore, xml: str, at_hours: int) -> str:
    version = compile_model(xml).content_hash
    model = await store.load("fee")
    assert model is not None
    entry = VersionEntry(version=version, tag=Tag.APPROVED, uploaded_by="r", uploaded_at=NOON)
    publication = Publication(
        version=version,
        effective_from=NOON + timedelta(hours=at_hours),
        published_by="r",
        published_at=NOON,
    )
    changed = replace(
        model,
        versions=(*model.versions, entry),
        publications=(*model.publications, publication),
    )
    content = ModelVersion(name="fee", version=version, xml=xml, scenarios="")
    await store.save(ModelCommit(model=changed, content=content))
    return version


async def test_an_empty_store_is_filled_from_the_folder(folder: Path, clock: SettableClock) -> None:
    store = MemoryModelStore()
    answer = await StoreRuleBook(store, clock, folder).ask("fee", "D", {"age": 4}, at=NOON)
    assert answer.value == 10
    model = await store.load("fee")
    assert model is not None
    assert model.in_force(BEGINNING) == answer.version
    assert [entry.event for sealed in await store.trail("fee") for entry in [sealed.entry]] == [
        "model_seeded"
    ]


async def test_a_model_that_the_store_knows_is_not_seeded_again(
    folder: Path, clock: SettableClock
) -> None:
    store = MemoryModelStore()
    before = await StoreRuleBook(store, clock, folder).versions(NOON)
    (folder / "fee.dmn").write_text(fee(99))
    assert await StoreRuleBook(store, clock, folder).versions(NOON) == before


async def test_the_version_in_force_at_the_time_answers(folder: Path, clock: SettableClock) -> None:
    store = MemoryModelStore()
    rules = StoreRuleBook(store, clock, folder)
    first = (await rules.versions(NOON))["fee"]
    second = await publish(store, fee(20), at_hours=1)
    clock.advance(FRESH_FOR)
    assert (await rules.ask("fee", "D", {"age": 4}, at=NOON)).version == first
    later = await rules.ask("fee", "D", {"age": 4}, at=NOON + timedelta(hours=1))
    assert (later.version, later.value) == (second, 20)
    pinned = await rules.ask("fee", "D", {"age": 4}, at=NOON + timedelta(hours=1), version=first)
    assert (pinned.version, pinned.value) == (first, 10)


async def test_the_hot_path_asks_the_store_nothing(folder: Path, clock: SettableClock) -> None:
    store = CountingStore()
    rules = StoreRuleBook(store, clock, folder)
    pinned = (await rules.versions(NOON))["fee"]
    await rules.ask("fee", "D", {"age": 4}, at=NOON, version=pinned)
    asked = store.asked
    clock.advance(timedelta(days=1))
    for _ in range(10):
        await rules.ask("fee", "D", {"age": 4}, at=NOON, version=pinned)
    assert store.asked == asked
    for _ in range(10):
        await rules.versions(NOON)
    assert store.asked == asked + 1


@pytest.mark.parametrize(
    "ask", [{"model": "none", "decision": "D"}, {"model": "fee", "decision": "X"}]
)
async def test_what_is_not_there_cannot_be_asked(
    folder: Path, clock: SettableClock, ask: dict[str, str]
) -> None:
    rules = StoreRuleBook(MemoryModelStore(), clock, folder)
    with pytest.raises(PermanentError, match=ask["model"]):
        await rules.ask(ask["model"], ask["decision"], {}, at=NOON)


async def test_a_pinned_version_that_is_not_there_is_named(
    folder: Path, clock: SettableClock
) -> None:
    rules = StoreRuleBook(MemoryModelStore(), clock, folder)
    with pytest.raises(PermanentError, match="fee has no version 0000"):
        await rules.ask("fee", "D", {}, at=NOON, version="0" * 64)


async def test_a_broken_content_is_told_by_its_model(folder: Path, clock: SettableClock) -> None:
    store = MemoryModelStore()
    rules = StoreRuleBook(store, clock, folder)
    await rules.versions(NOON)
    model = await store.load("fee")
    assert model is not None
    broken = ModelVersion(name="fee", version="b" * 64, xml="<no", scenarios="")
    await store.save(ModelCommit(model=model, content=broken))
    with pytest.raises(PermanentError, match=r"fee\.dmn"):
        await rules.ask("fee", "D", {}, at=NOON, version="b" * 64)


RULE_BOOKS: list[Callable[[], FileRuleBook | StoreRuleBook]] = [
    FileRuleBook,
    lambda: StoreRuleBook(MemoryModelStore(), SettableClock(NOON)),
]


@pytest.mark.parametrize("rule_book", RULE_BOOKS)
async def test_files_and_store_answer_alike(
    rule_book: Callable[[], FileRuleBook | StoreRuleBook],
) -> None:
    rules = rule_book()
    given = {"service code": "99212", "category": "1"}
    answer = await rules.ask("service-class", "Service class", given, at=NOON)
    assert answer.value == "office visit"
    assert answer.version == (await rules.versions(NOON))["service-class"]
    assert answer.rows == ("Service class#office-visit",)


async def test_the_rows_are_those_of_the_version_in_force(
    folder: Path, clock: SettableClock
) -> None:
    store = MemoryModelStore()
    book = StoreRuleBook(store, clock, folder)
    [before] = await book.rows("fee", "D", at=NOON)
    await publish(store, fee(20), 1)
    clock.advance(FRESH_FOR)
    later = NOON + timedelta(hours=1)
    [as_of_noon], [after] = [await book.rows("fee", "D", at=at) for at in (NOON, later)]
    assert (before.outputs, as_of_noon.outputs, after.outputs) == (("10",), ("10",), ("20",))
    with pytest.raises(PermanentError):
        await book.rows("nothing", "D", at=NOON)
