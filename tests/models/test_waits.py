"""How long a reviewer's question is waited for, by the rows of law and of the plan together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.directories import MemoryReviewerDirectory
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import LineOfBusiness, Urgency
from shared.domain.prior_authorization.deadlines import ClockRule, start_clock
from shared.errors import RuleViolation
from shared.ports.reviewing import Desk, act_on_task
from tests.shared.domain.prior_authorization.cases import DOCTOR, HOUR, MEMBER, NOON, in_review
from tests.shared.ports.samples import opening

DAY = timedelta(days=1)
RULES = FileRuleBook()


async def _acted(line: str, urgency: Urgency, action: str, after: timedelta) -> Case:
    """A case of a line of business, so long after its receipt at noon, once somebody has asked."""
    member = replace(MEMBER, line_of_business=LineOfBusiness(line))
    given = {
        "line of business": line,
        "state": member.state,
        "service class": "surgery",
        "urgency": urgency,
        "received on": member.day_of(NOON),
    }
    row = await RULES.ask("decision-deadlines", "Decision deadline", given, at=NOON)
    rule = ClockRule.from_row(row.value, time_zone=member.time_zone, rule_id=row.rule)
    case = in_review()
    case = replace(
        case,
        membership=member,
        request=replace(case.request, urgency=urgency),
        clock=start_clock(rule, NOON),
        rule_versions=None,
    )
    clock = SettableClock(NOON)
    cases = MemoryCaseStore(clock)
    await cases.save(opening(case))
    clock.set(NOON + after)
    desk = Desk(cases, MemoryReviewerDirectory([DOCTOR]), RULES, clock)
    body = {"kinds": ["18748-4"]} if action == "request-information" else {}
    return await act_on_task(desk, "case-1.review1", action, body, user_id=DOCTOR.reviewer_id)


@pytest.mark.parametrize("line", ["erisa", "marketplace"])
@pytest.mark.parametrize("day", [1, 13, 15])
async def test_a_standard_question_has_45_days_where_the_clock_tolls(line: str, day: int) -> None:
    case = await _acted(line, Urgency.STANDARD, "request-information", day * DAY)
    assert case.information[0].due_at == NOON + (day + 45) * DAY
    assert case.clock is not None
    assert case.clock.due_at > case.information[0].due_at


@pytest.mark.parametrize("line", ["erisa", "marketplace"])
@pytest.mark.parametrize("hour", [1, 20, 24])
async def test_an_urgent_question_has_48_hours_and_48_are_left_after_it(
    line: str, hour: int
) -> None:
    case = await _acted(line, Urgency.URGENT, "request-information", hour * HOUR)
    assert case.information[0].due_at == NOON + (hour + 48) * HOUR
    assert case.clock is not None
    assert case.clock.due_at == NOON + (hour + 96) * HOUR


@pytest.mark.parametrize("line", ["erisa", "marketplace"])
async def test_an_urgent_question_that_comes_too_late_is_refused(line: str) -> None:
    with pytest.raises(RuleViolation, match="while 48 hours are left"):
        await _acted(line, Urgency.URGENT, "request-information", 25 * HOUR)


@pytest.mark.parametrize(
    ("action", "hour", "ends"),
    [
        ("request-information", 1, 25),
        ("request-information", 30, 48),
        ("request-information", 50, 72),
        ("request-information", 80, 104),
        ("offer-peer-to-peer", 45, 48),
        ("offer-peer-to-peer", 70, 72),
        ("offer-peer-to-peer", 80, 88),
    ],
)
async def test_a_clock_that_runs_ends_the_wait_with_its_warning_then_with_its_deadline(
    action: str, hour: int, ends: int
) -> None:
    case = await _acted("medicare_advantage", Urgency.URGENT, action, hour * HOUR)
    assert case.review is not None
    until = case.information[0].due_at if case.information else case.review.peer_to_peer_until
    assert until == NOON + ends * HOUR
