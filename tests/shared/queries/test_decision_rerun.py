from dataclasses import replace

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.contracts.decision_log import DecisionRecord
from shared.ports.commits import UnknownCaseError
from shared.ports.decision_log import gathering
from shared.queries.decision_rerun import rerun
from tests.shared.ports.samples import NOON, a_case, opening

RULES = FileRuleBook()
VISIT = {"service code": "99212", "category": "1"}


async def a_record() -> DecisionRecord:
    with gathering() as made:
        await RULES.ask("service-class", "Service class", VISIT, at=NOON)
    return made[0]


async def with_record(record: DecisionRecord) -> MemoryCaseStore:
    cases = MemoryCaseStore(SettableClock(NOON))
    await cases.save(replace(opening(a_case()), decisions=(record,)))
    return cases


async def test_a_decision_comes_out_the_same() -> None:
    cases = await with_record(await a_record())
    [made] = await rerun(cases, RULES, "case-1")
    assert made.is_identical


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"answer": "surgery"}, "answer"),
        ({"rows": ("Service class#other",)}, "rows"),
        ({"given": {**VISIT, "category": "2"}}, "input_hash"),
        ({"input_hash": "0" * 64}, "input_hash"),
        ({"version": "0" * 64}, "model service-class has no version " + "0" * 64),
    ],
)
async def test_what_was_altered_is_named(change: dict[str, object], difference: str) -> None:
    altered = replace(await a_record(), **change)  # type: ignore[arg-type]  # one field each
    [made] = await rerun(await with_record(altered), RULES, "case-1")
    assert made.difference == difference


async def test_a_case_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownCaseError):
        await rerun(MemoryCaseStore(SettableClock(NOON)), RULES, "case-1")
