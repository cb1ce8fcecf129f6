from dataclasses import replace

import pytest

from console.journey import STEPS, Progress, journey_of
from shared.contracts.audit import GENESIS, SealedEntry, seal_entries
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry
from shared.domain.prior_authorization.decision import RULES

DONE, UNDER_WAY = Progress.DONE, Progress.UNDER_WAY
TO_COME, NOT_NEEDED = Progress.TO_COME, Progress.NOT_NEEDED


def _trail(case: Case, *events: str, **detail: str) -> tuple[SealedEntry, ...]:
    entries = [
        AuditEntry(event=event, actor=RULES, at=case.received_at, detail=detail) for event in events
    ]
    return seal_entries(entries, count=0, head=GENESIS)


def _progress(case: Case, *events: str) -> list[Progress]:
    return [step.progress for step in journey_of(case, _trail(case, *events))]


def test_a_case_in_review_is_at_its_third_step(pended: Case) -> None:
    assert _progress(pended) == [DONE, DONE, UNDER_WAY, TO_COME, TO_COME, TO_COME]


def test_a_received_case_is_at_its_second_step(pended: Case) -> None:
    received = replace(pended, stage=Stage.RECEIVED, review=None)
    assert _progress(received) == [DONE, UNDER_WAY, TO_COME, TO_COME, TO_COME, TO_COME]


def test_a_decided_case_is_being_notified(decided: Case) -> None:
    fresh = replace(decided, stage=Stage.DECIDED)
    assert _progress(fresh) == [DONE, DONE, DONE, DONE, UNDER_WAY, TO_COME]
    assert _progress(decided) == [DONE] * 6


def test_a_case_that_the_rules_settle_needs_no_review(decided: Case) -> None:
    assert _progress(replace(decided, review=None))[2] is NOT_NEEDED


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.CANCELLED])
def test_a_case_turned_back_needs_no_review(pended: Case, stage: Stage) -> None:
    back = replace(pended, stage=stage, review=None)
    assert _progress(back) == [DONE, DONE, NOT_NEEDED, DONE, UNDER_WAY, TO_COME]
    assert _progress(back, "notice_delivered")[-2:] == [DONE, DONE]


def test_every_entry_stands_in_one_step(pended: Case) -> None:
    trail = _trail(pended, "case_opened", "item_ruled", "review_opened", "something_new")
    journey = journey_of(pended, trail)
    assert [len(step.entries) for step in journey] == [1, 1, 1, 0, 0, 1]
    assert tuple(step.name for step in journey) == STEPS


def test_what_an_appeal_brings_comes_afterwards(pended: Case) -> None:
    trail = _trail(pended, "deadline_near", appeal="pa-1.appeal1")
    assert len(journey_of(pended, trail)[-1].entries) == 1
