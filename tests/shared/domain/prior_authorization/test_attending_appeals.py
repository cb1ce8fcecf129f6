"""What the clock does with an appeal, and what becomes of it once it is decided."""

import pytest

from shared.domain.prior_authorization.appeal_levels import AppealBody
from shared.domain.prior_authorization.appealing import extend, file, withdraw
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.appeals_under_way import story_of, under_way
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.notice_matrix import (
    Channel,
    Notice,
    NoticeEvent,
    Recipient,
)
from shared.domain.prior_authorization.tasks import TaskStatus, tasks_of
from shared.domain.prior_authorization.watching import attend_review
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    EXTERNAL,
    LEVELS,
    PLAN,
    PRIVATE,
    breached,
    decided,
    exhausted,
    filed,
    filing,
)
from tests.shared.domain.prior_authorization.cases import (
    NOON,
    NURSE,
    OTHER_DOCTOR,
    deny,
    notified,
)

MATRIX = {event: (Notice(Recipient.MEMBER, Channel.MAIL, "text", 0),) for event in NoticeEvent}


def test_an_overturned_denial_is_put_right_with_a_number_and_the_stream_hears_of_it() -> None:
    right = attend(decided(filed(), AppealOutcome.OVERTURNED), 1, MATRIX, LEVELS, NOON + 2 * DAY)
    assert not right.result.is_open
    assert right.case.stage is Stage.NOTIFIED
    assert right.case.action_of(1) is ReviewAction.CERTIFIED
    assert right.case.authorization_number
    assert right.case.appeals[-1].effectuated_at == NOON + 2 * DAY
    assert right.result.notices == (
        "appeal-overturned.a1.member.mail",
        "outcome.a1.outcome-stream.event",
    )


def test_an_upheld_denial_goes_on_by_itself_where_the_row_says_so() -> None:
    onward = attend(decided(filed(), AppealOutcome.UPHELD), 1, {}, LEVELS, NOON + 2 * DAY)
    assert onward.result.is_open
    assert [appeal.rule.level for appeal in onward.case.appeals] == [1, 2]
    assert onward.case.appeals[0].outcome is AppealOutcome.UPHELD
    last = decided(onward.case, AppealOutcome.UPHELD)
    closed = attend(last, 1, {}, {}, NOON + 3 * DAY)
    assert closed.case.stage is Stage.NOTIFIED


def test_what_is_upheld_beside_what_is_overturned_goes_on_alone() -> None:
    case = file(notified(deny(1), deny(2)), PLAN, filing(1, 2)).case
    partly = decided(case, AppealOutcome.OVERTURNED, items=(2,))
    onward = attend(partly, 1, MATRIX, LEVELS, NOON + 2 * DAY)
    assert onward.result.is_open
    assert [entry.event for entry in onward.audit] == ["appeal_overturned", "appeal_forwarded"]
    assert [message.event for message in onward.messages][-1] == onward.case.outcome
    assert [onward.case.action_of(number) for number in (1, 2)] == ["A3", "A1"]
    lower, upper = onward.case.appeals
    assert (lower.effectuated_at, upper.items) == (NOON + 2 * DAY, (1,))
    last = attend(decided(onward.case, AppealOutcome.UPHELD), 1, {}, {}, NOON + 3 * DAY)
    assert last.case.stage is Stage.NOTIFIED


def test_what_is_upheld_in_part_may_be_taken_to_the_next_level() -> None:
    case = file(notified(deny(1), deny(2)), PRIVATE, filing(1, 2)).case
    partly = decided(case, AppealOutcome.OVERTURNED, items=(2,))
    closed = attend(partly, 1, {}, {}, NOON + 2 * DAY)
    assert (closed.result.is_open, closed.case.stage) == (False, Stage.NOTIFIED)
    onward = file(closed.case, EXTERNAL, filing(1, at=NOON + 3 * DAY)).case
    assert onward.appeals[-1].rule.level == EXTERNAL.level
    with pytest.raises(RuleViolation, match="not decided against"):
        file(closed.case, EXTERNAL, filing(2, at=NOON + 3 * DAY))


def test_an_appeal_that_the_plan_let_lie_is_forwarded_and_leaves_the_inbox() -> None:
    told = attend(filed(), 1, MATRIX, LEVELS, NOON + DAY).case
    late = attend(told, 1, MATRIX, LEVELS, NOON + 40 * DAY)
    assert [entry.event for entry in late.audit] == ["appeal_deadline_missed", "appeal_forwarded"]
    assert [message.message_id for message in late.messages] == [
        "appeal-deadline-missed.a1.member.mail",
        "appeal-forwarded.a2.member.mail",
    ]
    assert [message.detail["appeal"] for message in late.messages] == ["1", "2"]
    assert late.case.appeals[0].outcome is AppealOutcome.SUPERSEDED
    assert late.case.appeals[-1].rule.decided_by is AppealBody.INDEPENDENT_ENTITY
    statuses = {task.task_id: task.status for task in tasks_of(late.case)}
    assert statuses["case-1.appeal1"] is TaskStatus.CANCELLED


def test_the_member_hears_that_his_appeal_is_here_and_its_reviewers_that_its_time_is_near() -> None:
    told = attend(filed(), 1, {}, LEVELS, NOON + DAY)
    assert [entry.event for entry in told.audit] == ["appeal_received"]
    near = attend(told.case, 1, {}, LEVELS, NOON + 27 * DAY)
    assert [entry.event for entry in near.audit] == ["appeal_deadline_near"]
    assert attend(near.case, 1, {}, LEVELS, NOON + 27 * DAY).audit == ()


def test_a_look_that_comes_late_tells_all_that_has_happened() -> None:
    first = attend(filed(), 1, {}, LEVELS, NOON + 27 * DAY)
    events = [entry.event for entry in first.audit]
    assert events == ["appeal_received", "appeal_deadline_near"]
    after = attend(filed(PRIVATE), 1, {}, {}, NOON + 41 * DAY)
    events = [entry.event for entry in after.audit]
    assert events == ["appeal_received", "appeal_exhausted"]


def test_before_an_extended_deadline_the_reviewers_are_warned_anew() -> None:
    near = attend(filed(), 1, MATRIX, LEVELS, NOON + 27 * DAY).case
    longer = extend(near, "case-1.appeal1", OTHER_DOCTOR, "records", (), NOON + 28 * DAY).case
    assert attend(longer, 1, MATRIX, LEVELS, NOON + 29 * DAY).messages == ()
    [message] = attend(longer, 1, MATRIX, LEVELS, NOON + 41 * DAY).messages
    assert message.message_id == "appeal-deadline-near.a1.e1.member.mail"


def test_a_level_that_is_exhausted_is_told_to_the_member_once_and_stays_open() -> None:
    late = exhausted()
    assert late.appeals[-1].outcome is AppealOutcome.OPEN
    assert late.appeals[-1].breached_at == NOON + 40 * DAY
    again = attend(late, 1, MATRIX, {}, NOON + 50 * DAY)
    assert (again.audit, again.result.is_open, again.result.until) == ((), True, None)


def test_one_story_acts_on_an_appeal_and_the_story_of_the_level_below_ends() -> None:
    onward = file(exhausted(), EXTERNAL, filing(at=NOON + 41 * DAY)).case
    assert [story_of(onward, number) for number in under_way(onward)] == [2]
    below = attend(onward, 1, MATRIX, {}, NOON + 41 * DAY)
    assert not below.result.is_open
    assert below.messages == ()
    above = attend(onward, 2, MATRIX, {}, NOON + 41 * DAY)
    assert above.result.is_open
    assert [message.message_id for message in above.messages] == ["appeal-received.a2.member.mail"]


def test_what_was_forwarded_belongs_to_the_story_of_what_was_filed() -> None:
    onward = attend(decided(filed(), AppealOutcome.UPHELD), 1, {}, LEVELS, NOON + 2 * DAY).case
    assert [story_of(onward, number) for number in under_way(onward)] == [1]
    assert attend(onward, 1, {}, {}, NOON + 3 * DAY).result.is_open
    assert not attend(onward, 2, {}, {}, NOON + 3 * DAY).result.is_open


def test_a_withdrawn_appeal_has_no_story_any_more() -> None:
    case = withdraw(filed(), "case-1.appeal1", "M-1001", NURSE, (), NOON + 2 * DAY).case
    over = attend(case, 1, MATRIX, LEVELS, NOON + 2 * DAY)
    assert not over.result.is_open
    assert over.case.stage is Stage.NOTIFIED
    assert over.messages == ()


def test_while_silence_is_appealed_the_review_waits_for_what_comes_of_it() -> None:
    case = file(breached(), PLAN, filing(at=NOON + 4 * DAY)).case
    assert attend_review(case, 1, {}, NOON + 5 * DAY).result.is_open
    denied = decided(case, AppealOutcome.UPHELD, at=NOON + 5 * DAY)
    assert not attend_review(denied, 1, {}, NOON + 5 * DAY).result.is_open
    back = withdraw(case, "case-1.appeal1", "M-1001", NURSE, (), NOON + 5 * DAY).case
    assert attend_review(back, 1, {}, NOON + 5 * DAY).result.is_open


def test_silence_that_was_overturned_is_not_decided_twice() -> None:
    case = file(breached(), PLAN, filing(at=NOON + 4 * DAY)).case
    certified = decided(case, AppealOutcome.OVERTURNED, at=NOON + 5 * DAY)
    right = attend(certified, 1, MATRIX, LEVELS, NOON + 5 * DAY)
    assert right.case.decisions == certified.decisions
    assert right.result.notices == ("appeal-overturned.a1.member.mail",)
