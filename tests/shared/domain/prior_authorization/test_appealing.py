"""What people do with an appeal: file, decide, extend, withdraw, go on to the next level."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.prior_authorization.appeal_levels import AidRefusal
from shared.domain.prior_authorization.appealing import (
    AppealDecision,
    decide,
    extend,
    file,
    withdraw,
)
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.domain.prior_authorization.notice_matrix import Channel, Notice, Recipient
from shared.domain.prior_authorization.review import TaskClosedError, claim, decide_items, escalate
from shared.domain.prior_authorization.reviewers import Objection, Reviewer
from shared.domain.prior_authorization.tasks import TaskStatus, tasks_of
from shared.errors import ComplianceError, RuleViolation
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    ENTITY,
    EXTERNAL,
    LEVELS,
    PLAN,
    PRIVATE,
    breached,
    decided,
    exhausted,
    extending,
    filed,
    filing,
)
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    NOON,
    NURSE,
    OTHER_DOCTOR,
    certify,
    deny,
    in_review,
    notified,
    task_of,
)

REQUESTOR = str(filed().request.requestor.identifier)
LETTER = (Notice(Recipient.MEMBER, Channel.MAIL, "text", 0),)
UPHELD = AppealDecision(AppealOutcome.UPHELD, "Records do not show it", "0K")
OVERTURNED = AppealDecision(AppealOutcome.OVERTURNED, "Records show it")


def test_only_what_was_decided_against_the_member_is_appealed() -> None:
    with pytest.raises(RuleViolation, match="not decided against"):
        file(notified(certify()), PLAN, filing())
    with pytest.raises(RuleViolation, match="another level"):
        file(notified(deny()), ENTITY, filing())
    assert filed().stage is Stage.APPEALED


def test_whoever_denied_does_not_decide_the_appeal_nor_does_his_subordinate() -> None:
    case, task = filed(), "case-1.appeal1"
    with pytest.raises(ComplianceError):
        decide(case, task, DOCTOR, UPHELD, NOON + DAY)
    with pytest.raises(ComplianceError):
        decide(case, task, replace(OTHER_DOCTOR, managers=("doctor",)), UPHELD, NOON + DAY)
    made = decide(case, task, OTHER_DOCTOR, UPHELD, NOON + DAY)
    assert [entry.event for entry in made.audit] == ["appeal_decided"]


def test_who_held_the_review_that_was_late_does_not_decide_the_appeal() -> None:
    late = breached()
    assert late.review is not None
    held = replace(late, review=replace(late.review, claimed_by=OTHER_DOCTOR.reviewer_id))
    appealed = file(held, PLAN, filing(at=NOON + 4 * DAY)).case
    with pytest.raises(ComplianceError, match="earlier reviewer"):
        decide(appealed, "case-1.appeal1", OTHER_DOCTOR, UPHELD, NOON + 5 * DAY)


def test_who_passed_the_review_on_does_not_decide_the_appeal() -> None:
    case = in_review()
    held = claim(case, task_of(case), OTHER_DOCTOR, NOON).case
    passed = escalate(held, task_of(case), OTHER_DOCTOR, NOON).case
    denied = decide_items(passed, task_of(case), DOCTOR, (deny(),), NOON).case
    told = replace(denied.to(Stage.NOTIFIED), notified_at=NOON)
    appealed = file(told, PLAN, filing()).case
    with pytest.raises(ComplianceError, match="earlier reviewer"):
        decide(appealed, "case-1.appeal1", OTHER_DOCTOR, UPHELD, NOON + DAY)


def test_who_sent_the_request_does_not_decide_the_appeal() -> None:
    case = replace(filed(), submitted_by=OTHER_DOCTOR.reviewer_id)
    with pytest.raises(ComplianceError, match="submitted"):
        decide(case, "case-1.appeal1", OTHER_DOCTOR, UPHELD, NOON + DAY)


def test_filing_at_the_next_level_takes_over_the_open_one() -> None:
    onward = file(exhausted(), EXTERNAL, filing(at=NOON + 41 * DAY))
    lower, upper = onward.case.appeals
    assert lower.outcome is AppealOutcome.SUPERSEDED
    assert upper.outcome is AppealOutcome.OPEN
    assert [entry.event for entry in onward.audit] == ["appeal_superseded", "appeal_filed"]
    assert onward.audit[0].detail["by"] == upper.appeal_id
    statuses = {task.task_id: task.status for task in tasks_of(onward.case)}
    assert statuses["case-1.appeal1"] is TaskStatus.CANCELLED
    assert statuses["case-1.appeal2"] is TaskStatus.ON_HOLD


def test_a_late_decision_on_what_was_taken_over_is_a_conflict() -> None:
    onward = file(exhausted(), EXTERNAL, filing(at=NOON + 41 * DAY)).case
    with pytest.raises(TaskClosedError):
        decide(onward, "case-1.appeal1", OTHER_DOCTOR, OVERTURNED, NOON + 42 * DAY)
    assert decide(onward, "case-1.appeal2", NURSE, OVERTURNED, NOON + 42 * DAY).audit


def test_a_late_decision_that_came_first_stands() -> None:
    late = decided(exhausted(), AppealOutcome.OVERTURNED, at=NOON + 41 * DAY)
    assert late.appeals[-1].outcome is AppealOutcome.OVERTURNED
    with pytest.raises(RuleViolation):
        file(late, EXTERNAL, filing(at=NOON + 41 * DAY))


def test_an_appeal_against_silence_ends_the_review() -> None:
    late = breached()
    appealed = file(late, PLAN, filing(at=NOON + 4 * DAY))
    assert [entry.event for entry in appealed.audit] == ["review_superseded", "appeal_filed"]
    assert appealed.case.stage is Stage.APPEALED
    assert not appealed.case.is_settled
    with pytest.raises(TaskClosedError):
        decide_items(appealed.case, task_of(late), DOCTOR, (deny(),), NOON + 5 * DAY)
    [review, _] = tasks_of(appealed.case)
    assert review.status is TaskStatus.COMPLETED


def test_upholding_the_silence_is_a_denial_by_a_physician_with_his_reason() -> None:
    case, task = file(breached(), PLAN, filing(at=NOON + 4 * DAY)).case, "case-1.appeal1"
    bare = replace(UPHELD, reason_code="")
    with pytest.raises(ComplianceError, match="reason code"):
        decide(case, task, OTHER_DOCTOR, bare, NOON + 5 * DAY)
    made = decide(case, task, OTHER_DOCTOR, UPHELD, NOON + 5 * DAY)
    [denied] = made.case.decisions
    assert denied.action is ReviewAction.NOT_CERTIFIED
    assert (denied.decided_by.actor_id, denied.decided_by.level) == (
        OTHER_DOCTOR.reviewer_id,
        Level.PHYSICIAN,
    )
    assert (denied.reason_code, denied.reason_text) == ("0K", "Records do not show it")
    assert made.case.decided_at == NOON + 5 * DAY
    assert made.case.is_settled
    assert [entry.event for entry in made.audit] == ["appeal_decided", "item_decided"]


def test_silence_may_be_overturned_for_a_part() -> None:
    case = file(breached(items=2), PLAN, filing(1, 2, at=NOON + 4 * DAY)).case
    partly = AppealDecision(AppealOutcome.OVERTURNED, "Records show one", "0K", (2,))
    made = decide(case, "case-1.appeal1", OTHER_DOCTOR, partly, NOON + 5 * DAY)
    assert [each.action for each in made.case.decisions] == ["A3", "A1"]
    assert made.audit[0].detail["overturned"] == "2"
    bare = replace(partly, reason_code="")
    with pytest.raises(ComplianceError, match="reason code"):
        decide(case, "case-1.appeal1", OTHER_DOCTOR, bare, NOON + 5 * DAY)


def test_a_nurse_may_record_that_an_outside_body_overturned_but_not_that_it_denied() -> None:
    late = breached(on_breach=BreachConsequence.EXHAUSTED)
    case, task = file(late, EXTERNAL, filing(at=NOON + 4 * DAY)).case, "case-1.appeal1"
    with pytest.raises(ComplianceError, match="physician"):
        decide(case, task, NURSE, UPHELD, NOON + 5 * DAY)
    made = decide(case, task, NURSE, OVERTURNED, NOON + 5 * DAY).case
    assert made.action_of(1) is ReviewAction.CERTIFIED
    assert made.authorization_number


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (replace(OTHER_DOCTOR, licence_ends=date(2024, 12, 31)), Objection.LICENCE_ENDED),
        (replace(OTHER_DOCTOR, organisations=(REQUESTOR,)), Objection.IS_PARTY),
        (replace(OTHER_DOCTOR, reviewer_id="M-1001"), Objection.SUBMITTED_IT),
    ],
)
def test_who_may_not_touch_a_matter_does_nothing_with_its_appeal(
    unfit: Reviewer, why: Objection
) -> None:
    inside, outside = filed(), file(exhausted(), EXTERNAL, filing(at=NOON + 41 * DAY)).case
    task, above, later = "case-1.appeal1", "case-1.appeal2", NOON + 42 * DAY
    acts: tuple[Callable[[], object], ...] = (
        lambda: extend(inside, task, unfit, "more records", LETTER, NOON + DAY),
        lambda: withdraw(inside, task, "M-1001", unfit, LETTER, NOON + DAY),
        lambda: decide(inside, task, unfit, OVERTURNED, NOON + DAY),
        lambda: decide(outside, above, unfit, OVERTURNED, later),
    )
    for act in acts:
        with pytest.raises(ComplianceError, match=why):
            act()


def test_who_decided_before_may_record_what_an_outside_body_decides() -> None:
    outside = file(exhausted(), EXTERNAL, filing(at=NOON + 41 * DAY)).case
    recorded = decide(outside, "case-1.appeal2", DOCTOR, OVERTURNED, NOON + 42 * DAY).case
    assert recorded.appeals[-1].outcome is AppealOutcome.OVERTURNED


def test_a_withdrawal_leaves_the_denial_standing() -> None:
    back = withdraw(filed(), "case-1.appeal1", "M-1001", NURSE, LETTER, NOON + 2 * DAY)
    assert attend(back.case, 1, {}, LEVELS, NOON + 2 * DAY).case.stage is Stage.NOTIFIED
    assert back.case.action_of(1) is ReviewAction.NOT_CERTIFIED
    [entry] = back.audit
    assert (entry.event, entry.actor.actor_id) == ("appeal_withdrawn", "M-1001")
    assert entry.detail["recorded_by"] == NURSE.reviewer_id
    [message] = back.messages
    assert message.message_id == "appeal-withdrawn.a1.member.mail"


def test_a_withdrawal_of_an_appeal_against_silence_opens_a_new_review() -> None:
    case = file(breached(), PLAN, filing(at=NOON + 4 * DAY)).case
    back = withdraw(case, "case-1.appeal1", "M-1001", NURSE, (), NOON + 5 * DAY)
    assert back.case.stage is Stage.CLINICAL_REVIEW
    assert back.case.decisions == ()
    assert task_of(back.case) == "case-1.review2"
    assert [entry.event for entry in back.audit] == ["appeal_withdrawn", "review_opened"]
    again = file(back.case, PLAN, filing(at=NOON + 6 * DAY)).case
    assert [appeal.rule.level for appeal in again.appeals] == [1, 1]


def test_only_who_filed_an_appeal_withdraws_it_and_only_once() -> None:
    with pytest.raises(RuleViolation, match="who filed it"):
        withdraw(filed(), "case-1.appeal1", "M-2002", NURSE, (), NOON + 2 * DAY)
    back = withdraw(filed(), "case-1.appeal1", "M-1001", NURSE, (), NOON + 2 * DAY).case
    with pytest.raises(TaskClosedError):
        withdraw(back, "case-1.appeal1", "M-1001", NURSE, (), NOON + 2 * DAY)


def test_an_extension_is_taken_once_and_told_with_its_reason() -> None:
    taken = extend(filed(), "case-1.appeal1", OTHER_DOCTOR, "records", LETTER, NOON + 2 * DAY)
    clock = taken.case.appeals[-1].clock
    assert clock is not None
    assert clock.extensions[0].reason == "records"
    assert taken.audit[0].detail["due"] == clock.due_at.isoformat()
    assert [message.message_id for message in taken.messages] == [
        "appeal-extended.a1.e1.member.mail"
    ]
    with pytest.raises(RuleViolation, match="no further extension"):
        extend(taken.case, "case-1.appeal1", OTHER_DOCTOR, "more", (), NOON + 3 * DAY)


def test_an_extension_after_the_deadline_or_where_none_is_given_is_refused() -> None:
    with pytest.raises(RuleViolation, match="passed"):
        extend(filed(), "case-1.appeal1", OTHER_DOCTOR, "late", (), NOON + 40 * DAY)
    private = file(notified(deny()), PRIVATE, filing()).case
    with pytest.raises(RuleViolation, match="no further extension"):
        extend(private, "case-1.appeal1", OTHER_DOCTOR, "why not", (), NOON + 2 * DAY)


def test_what_became_of_the_aid_asked_for_is_on_the_trail() -> None:
    asked = replace(filing(), aid_asked=True)
    offered = replace(PLAN, aid_asked_within_days=10)
    kept = file(extending(deny()), offered, asked)
    assert kept.audit[0].detail["aid"] == "continues"
    ended = withdraw(kept.case, "case-1.appeal1", "M-1001", NURSE, (), NOON + 2 * DAY)
    assert ended.audit[0].detail["aid"] == "ended"
    refused = file(extending(deny()), PLAN, asked)
    assert refused.audit[0].detail["aid"] == AidRefusal.NOT_OFFERED
    late = replace(asked, filed_at=NOON + timedelta(days=12))
    too_late = file(extending(deny()), offered, late)
    assert too_late.audit[0].detail["aid"] == AidRefusal.TOO_LATE
    nothing = file(notified(deny()), offered, asked)
    assert nothing.audit[0].detail["aid"] == AidRefusal.NOT_AUTHORIZED
