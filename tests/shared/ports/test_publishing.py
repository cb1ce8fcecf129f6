"""What may be published, and what a publication leaves behind."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.model_store import MemoryModelStore
from shared.adapters.rules.store_rule_book import FRESH_FOR, StoreRuleBook
from shared.contracts.audit import first_broken
from shared.contracts.rules import Publish
from shared.errors import ContractError, ModelError, RuleViolation
from shared.ports.decision_log import gathering
from shared.ports.model_store import Tag, UnknownModelError
from shared.ports.publishing import (
    PublishRefused,
    RuleDesk,
    examine,
    load_content,
    load_model,
    publish,
    upload,
)
from tests.shared.engine.dmn.samples import table_model
from tests.shared.ports.samples import NOON, a_case, opening


def fee(amount: int, *, below: int = 18) -> str:
    return table_model(["age"], [[f"< {below}", "5"], [f">= {below}", str(amount)]])


def scenarios(amount: int) -> str:
    tests = [
        {"name": "a child", "decision": "D", "given": {"age": 4}, "expect": 5},
        {"name": "an adult", "decision": "D", "given": {"age": 40}, "expect": amount},
    ]
    return json.dumps({"scenarios": tests})


@pytest.fixture
def desk() -> RuleDesk:
    clock = SettableClock(NOON)
    return RuleDesk(MemoryModelStore(), MemoryCaseStore(clock), clock)


async def published(desk: RuleDesk, amount: int, asked: Publish | None = None) -> str:
    entry = await upload(desk, "fee", fee(amount), scenarios(amount), by="rivera")
    await publish(desk, "fee", entry.version, asked or Publish(), by="chen")
    return entry.version


async def test_a_draft_is_not_in_force(desk: RuleDesk) -> None:
    entry = await upload(desk, "fee", fee(10), scenarios(10), by="rivera")
    model = await load_model(desk, "fee")
    assert entry.tag is Tag.DRAFT
    assert model.in_force(NOON) is None
    with pytest.raises(UnknownModelError):
        await load_content(desk, "fee", "latest")
    assert (await load_content(desk, "fee", entry.version)).xml == fee(10)


async def test_a_published_version_is_in_force_from_its_day(desk: RuleDesk) -> None:
    first = await published(desk, 10)
    tomorrow = NOON + timedelta(days=1)
    second = await published(desk, 20, Publish(effective_from=tomorrow))
    model = await load_model(desk, "fee")
    assert [each.tag for each in model.versions] == [Tag.APPROVED, Tag.APPROVED]
    assert (model.in_force(NOON), model.in_force(tomorrow)) == (first, second)


async def test_an_earlier_version_is_published_again_to_go_back(desk: RuleDesk) -> None:
    first = await published(desk, 10)
    await published(desk, 20)
    await publish(desk, "fee", first, Publish(), by="chen")
    assert (await load_model(desk, "fee")).in_force(NOON) == first


async def test_the_same_content_is_the_same_version_and_no_change(desk: RuleDesk) -> None:
    one = await upload(desk, "fee", fee(10), scenarios(10), by="rivera")
    again = await upload(desk, "fee", fee(10), scenarios(10), by="chen")
    assert one == again
    assert len(await desk.models.trail("fee")) == 1


async def test_scenarios_change_while_a_version_is_a_draft_and_stand_afterwards(
    desk: RuleDesk,
) -> None:
    entry = await upload(desk, "fee", fee(10), "", by="rivera")
    with pytest.raises(PublishRefused, match="no scenarios"):
        await publish(desk, "fee", entry.version, Publish(), by="chen")
    await upload(desk, "fee", fee(10), scenarios(10), by="rivera")
    await publish(desk, "fee", entry.version, Publish(), by="chen")
    with pytest.raises(RuleViolation, match="its scenarios stand"):
        await upload(desk, "fee", fee(10), scenarios(11), by="rivera")


async def test_a_failing_scenario_stops_it(desk: RuleDesk) -> None:
    entry = await upload(desk, "fee", fee(10), scenarios(11), by="rivera")
    with pytest.raises(PublishRefused, match="1 scenarios fail; the first is 'an adult'"):
        await publish(desk, "fee", entry.version, Publish(), by="chen")


async def test_an_error_of_analysis_stops_it(desk: RuleDesk) -> None:
    twice = table_model(["age"], [["< 18", "5"], [">= 17", "10"]])
    entry = await upload(desk, "fee", twice, scenarios(10), by="rivera")
    with pytest.raises(PublishRefused, match=r"D: overlap: .*; rows: r1, r2"):
        await publish(desk, "fee", entry.version, Publish(), by="chen")


async def record_decisions(desk: RuleDesk, *ages: int) -> None:
    rules = StoreRuleBook(desk.models, desk.clock, Path("/nonexistent"))
    for number, age in enumerate(ages):
        with gathering() as made:
            await rules.ask("fee", "D", {"age": age}, at=NOON)
        await desk.cases.save(replace(opening(a_case(number)), decisions=tuple(made)))


async def test_too_many_flips_stop_it_unless_a_reason_is_given(desk: RuleDesk) -> None:
    await published(desk, 10)
    await record_decisions(desk, *[4] * 15, *[40] * 5)
    entry = await upload(desk, "fee", fee(20), scenarios(20), by="rivera")
    examined = await examine(desk, await load_content(desk, "fee", entry.version))
    assert (examined.comparison.decisions, examined.comparison.flip_share) == (20, 0.25)
    with pytest.raises(PublishRefused, match=r"5 of 20 recorded decisions flip, more than 5\.0%"):
        await publish(desk, "fee", entry.version, Publish(), by="chen")
    await publish(desk, "fee", entry.version, Publish(flip_share_max=0.25), by="chen")
    other = await upload(desk, "fee", fee(30), scenarios(30), by="rivera")
    reason = Publish(override_reason="the board decided so")
    publication = await publish(desk, "fee", other.version, reason, by="chen")
    assert publication.override == "the board decided so"
    trail = await desk.models.trail("fee")
    assert trail[-1].entry.detail["override"] == "the board decided so"
    assert trail[-1].entry.detail["flipped"] == "5 of 20"


async def test_every_change_is_on_a_chain_that_is_whole(desk: RuleDesk) -> None:
    await published(desk, 10)
    await published(desk, 20)
    model, trail = await load_model(desk, "fee"), await desk.models.trail("fee")
    assert [sealed.entry.event for sealed in trail] == ["model_uploaded", "model_published"] * 2
    assert [sealed.entry.actor.actor_id for sealed in trail] == ["rivera", "chen"] * 2
    assert first_broken(trail, count=model.audit_count, head=model.audit_head) is None


async def test_the_past_stands(desk: RuleDesk) -> None:
    entry = await upload(desk, "fee", fee(10), scenarios(10), by="rivera")
    before = Publish(effective_from=NOON - timedelta(days=1))
    with pytest.raises(PublishRefused, match="the past stands"):
        await publish(desk, "fee", entry.version, before, by="chen")


@pytest.mark.parametrize("name", ["", "Fee", "a" * 61, "../fee", "9fee"])
async def test_a_name_that_does_not_fit_is_refused(desk: RuleDesk, name: str) -> None:
    with pytest.raises(ContractError, match="name"):
        await upload(desk, name, fee(10), "", by="rivera")


async def test_what_is_too_large_or_broken_is_refused(desk: RuleDesk) -> None:
    with pytest.raises(ContractError, match="at most 700000 bytes"):
        await upload(desk, "fee", fee(10) + " " * 700_000, "", by="rivera")
    with pytest.raises(ContractError, match="scenario file"):
        await upload(desk, "fee", fee(10), " " * 700_001, by="rivera")
    with pytest.raises(ModelError, match=r"fee\.dmn"):
        await upload(desk, "fee", "<no", "", by="rivera")
    with pytest.raises(ModelError, match=r"fee\.scenarios\.json"):
        await upload(desk, "fee", fee(10), "{}", by="rivera")
    assert await desk.models.models() == ()


async def test_the_rule_book_follows_within_seconds(desk: RuleDesk) -> None:
    clock = desk.clock
    assert isinstance(clock, SettableClock)
    first = await published(desk, 10)
    rules = StoreRuleBook(desk.models, clock, Path("/nonexistent"))
    assert await rules.versions(clock.now()) == {"fee": first}
    clock.advance(timedelta(minutes=1))
    second = await published(desk, 20)
    clock.advance(FRESH_FOR)
    assert await rules.versions(clock.now()) == {"fee": second}
    assert (await rules.ask("fee", "D", {"age": 40}, at=clock.now(), version=first)).value == 10
