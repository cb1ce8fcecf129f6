"""One step, one commit, whatever store stands behind it."""

import asyncio
from dataclasses import replace

import pytest

from shared.contracts.audit import first_broken
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.decision import RULES
from shared.errors import RuleViolation
from shared.ports.case_store import CaseStore
from shared.ports.commits import (
    UnknownCaseError,
    commit_act,
    commit_opening,
    commit_step,
    load_case,
)
from tests.shared.ports.samples import NOON, a_case, a_message


def _noted(case: Case, word: str = "noted") -> Change[str]:
    entry = AuditEntry(event=word, actor=RULES, at=NOON)
    return Change(case=replace(case, submitted_by=word), result=word, audit=(entry,))


async def _opened(store: CaseStore) -> str:
    await commit_opening(store, "open", _noted(a_case(), "opened"), str)
    return a_case().case_id


async def test_a_step_done_twice_changes_nothing_the_second_time(store: CaseStore) -> None:
    case_id = await _opened(store)
    calls: list[str] = []

    def rule(case: Case) -> Change[str]:
        calls.append("called")
        return _noted(case)

    first = await commit_step(store, case_id, "step", rule, str)
    again = await commit_step(store, case_id, "step", rule, str)
    assert (first, again, calls) == ("noted", "noted", ["called"])
    assert [sealed.entry.event for sealed in await store.audit_trail(case_id)] == [
        "opened",
        "noted",
    ]


async def test_what_somebody_did_is_unseen_until_a_story_looks(store: CaseStore) -> None:
    case_id = await _opened(store)
    await commit_act(store, case_id, "act", _noted, str, at=NOON)
    assert (await load_case(store, case_id)).case.unseen_since == NOON
    await commit_step(store, case_id, "look", _noted, str)
    assert (await load_case(store, case_id)).case.unseen_since is None


async def test_opening_a_case_twice_answers_the_same(store: CaseStore) -> None:
    await _opened(store)
    assert await commit_opening(store, "open", _noted(a_case(), "opened"), str) == "opened"
    assert len(await store.audit_trail(a_case().case_id)) == 1


async def test_steps_that_race_are_all_applied_in_some_order(store: CaseStore) -> None:
    case_id = await _opened(store)
    await asyncio.gather(
        *(commit_step(store, case_id, f"step-{number}", _noted, str) for number in range(8))
    )
    trail = await store.audit_trail(case_id)
    stored = await load_case(store, case_id)
    assert len(trail) == stored.audit_count == 9
    assert first_broken(trail, count=stored.audit_count, head=stored.audit_head) is None


async def test_what_a_rule_forbids_is_not_committed(store: CaseStore) -> None:
    case_id = await _opened(store)

    def forbidden(_: Case) -> Change[str]:
        raise RuleViolation("no")

    with pytest.raises(RuleViolation):
        await commit_step(store, case_id, "step", forbidden, str)
    assert (await load_case(store, case_id)).audit_count == 1


async def test_messages_and_case_are_written_together(store: CaseStore) -> None:
    case_id = await _opened(store)

    def telling(case: Case) -> Change[str]:
        return replace(_noted(case), messages=(a_message(),))

    await commit_step(store, case_id, "step", telling, str)
    assert [row.message for row in await store.outbox(case_id)] == [a_message()]


async def test_a_case_that_nobody_opened_is_unknown(store: CaseStore) -> None:
    with pytest.raises(UnknownCaseError):
        await commit_step(store, "pa-nobody", "step", _noted, str)
