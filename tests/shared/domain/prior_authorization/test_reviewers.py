"""Who may review, and who may deny."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.reviewers import (
    Matter,
    Objection,
    Reviewer,
    objections_to_decide,
    objections_to_review,
)

TODAY = date(2026, 6, 1)
NURSE = Reviewer(
    reviewer_id="nurse-1",
    level=Level.NURSE,
    specialties=("cardiology",),
    licensed_states=("NY", "NJ"),
    licence_ends=date(2026, 12, 31),
)
PHYSICIAN = replace(NURSE, reviewer_id="dr-1", level=Level.PHYSICIAN)
MATTER = Matter(
    specialty="cardiology",
    level=Level.NURSE,
    state="NY",
    submitted_by=("user-8", "user-9"),
    parties=("npi|1", "members|M-1"),
)


def decision(action: ReviewAction, *, code: str = "0U", text: str = "not shown") -> ItemDecision:
    return ItemDecision(
        sequence=1,
        action=action,
        decided_by=Actor("dr-1", Level.PHYSICIAN),
        decided_at=datetime(2026, 6, 1, tzinfo=UTC),
        reason_code=code,
        reason_text=text,
    )


def test_a_fitting_reviewer_meets_no_objection() -> None:
    assert objections_to_review(NURSE, MATTER, today=TODAY) == ()


@pytest.mark.parametrize(
    ("reviewer", "matter", "objection"),
    [
        (NURSE, replace(MATTER, level=Level.PHYSICIAN), Objection.BELOW_LEVEL),
        (NURSE, replace(MATTER, specialty="oncology"), Objection.OTHER_SPECIALTY),
        (NURSE, replace(MATTER, state="TX"), Objection.NO_LICENCE),
        (replace(NURSE, licence_ends=date(2026, 5, 31)), MATTER, Objection.LICENCE_ENDED),
        (NURSE, replace(MATTER, submitted_by=("user-8", "nurse-1")), Objection.SUBMITTED_IT),
        (
            replace(NURSE, identifiers=("npi|9",)),
            replace(MATTER, submitted_by=("9",)),
            Objection.SUBMITTED_IT,
        ),
        (replace(NURSE, identifiers=("members|M-1",)), MATTER, Objection.IS_PARTY),
        (replace(NURSE, organisations=("npi|1",)), MATTER, Objection.IS_PARTY),
        (NURSE, replace(MATTER, earlier_reviewers=("nurse-1",)), Objection.DECIDED_BEFORE),
        (
            replace(NURSE, managers=("dr-9", "dr-1")),
            replace(MATTER, earlier_reviewers=("dr-1",)),
            Objection.SUBORDINATE,
        ),
    ],
)
def test_each_ground_is_an_objection(
    reviewer: Reviewer, matter: Matter, objection: Objection
) -> None:
    assert objections_to_review(reviewer, matter, today=TODAY) == (objection,)


def test_every_objection_is_told_at_once() -> None:
    matter = replace(MATTER, specialty="oncology", submitted_by=("nurse-1",))
    assert objections_to_review(NURSE, matter, today=TODAY) == (
        Objection.SUBMITTED_IT,
        Objection.OTHER_SPECIALTY,
    )


def test_a_physician_may_do_a_nurses_review() -> None:
    assert objections_to_review(PHYSICIAN, MATTER, today=TODAY) == ()


def test_the_general_queue_is_open_to_every_specialty() -> None:
    assert objections_to_review(NURSE, replace(MATTER, specialty="general"), today=TODAY) == ()


def test_a_matter_without_a_state_asks_for_no_licence() -> None:
    assert objections_to_review(NURSE, replace(MATTER, state=""), today=TODAY) == ()


def test_a_licence_holds_on_its_last_day() -> None:
    last = replace(NURSE, licence_ends=TODAY)
    assert objections_to_review(last, MATTER, today=TODAY) == ()
    endless = replace(NURSE, licence_ends=None)
    assert objections_to_review(endless, MATTER, today=TODAY) == ()


def test_a_manager_of_an_earlier_reviewer_may_decide_the_appeal() -> None:
    appeal = replace(MATTER, earlier_reviewers=("nurse-1",))
    assert objections_to_review(replace(PHYSICIAN, managers=()), appeal, today=TODAY) == ()


def test_a_number_of_another_system_makes_nobody_a_party() -> None:
    namesake = replace(NURSE, organisations=("tax|1",), identifiers=("members|1",))
    assert objections_to_review(namesake, MATTER, today=TODAY) == ()


def test_a_nurse_may_approve() -> None:
    approval = decision(ReviewAction.CERTIFIED, code="", text="")
    assert objections_to_decide(NURSE, MATTER, approval, today=TODAY) == ()


@pytest.mark.parametrize(
    "action",
    [ReviewAction.NOT_CERTIFIED, ReviewAction.CERTIFIED_PARTIAL, ReviewAction.MODIFIED],
)
def test_only_a_physician_gives_less_than_was_asked(action: ReviewAction) -> None:
    made = decision(action)
    assert objections_to_decide(PHYSICIAN, MATTER, made, today=TODAY) == ()
    assert objections_to_decide(NURSE, MATTER, made, today=TODAY) == (Objection.NEEDS_PHYSICIAN,)


def test_a_denial_needs_its_reason_in_code_and_words() -> None:
    bare = decision(ReviewAction.NOT_CERTIFIED, code=" ", text="\n")
    assert objections_to_decide(PHYSICIAN, MATTER, bare, today=TODAY) == (
        Objection.NEEDS_REASON_CODE,
        Objection.NEEDS_REASON_TEXT,
    )


def test_the_rules_may_not_deny() -> None:
    rules = replace(PHYSICIAN, reviewer_id="rules", level=Level.RULES)
    objections = objections_to_decide(
        rules, MATTER, decision(ReviewAction.NOT_CERTIFIED), today=TODAY
    )
    assert objections == (Objection.BELOW_LEVEL, Objection.NEEDS_PHYSICIAN)


def test_who_may_not_review_may_not_decide() -> None:
    matter = replace(MATTER, submitted_by=("dr-1",))
    approval = decision(ReviewAction.CERTIFIED)
    assert objections_to_decide(PHYSICIAN, matter, approval, today=TODAY) == (
        Objection.SUBMITTED_IT,
    )
