"""The days on which care that an appeal won may be given."""

from dataclasses import replace
from datetime import date, timedelta

from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.expiring import expire
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    LEVELS,
    PLAN,
    breached,
    decided,
    extending,
    filing,
)
from tests.shared.domain.prior_authorization.cases import NOON, deny, notified

FIRST, LAST = date(2026, 3, 5), date(2026, 3, 10)
LATE = NOON + 25 * DAY
TODAY = LATE.date()


def _asking(case: Case, first: date | None, last: date | None) -> Case:
    items = tuple(replace(item, served_from=first, served_to=last) for item in case.request.items)
    return replace(case, request=replace(case.request, items=items))


def _won(case: Case) -> Case:
    """The case, its only item appealed in time and won on the twenty-fifth day."""
    appealed = file(case, PLAN, filing(at=NOON + 4 * DAY)).case
    return attend(decided(appealed, AppealOutcome.OVERTURNED, at=LATE), 1, {}, LEVELS, LATE).case


def _days(case: Case) -> tuple[date | None, date | None]:
    [made] = case.decisions
    assert made.action is ReviewAction.CERTIFIED
    return made.effective_from, made.effective_to


def test_days_that_went_by_during_the_appeal_are_owed_from_its_decision() -> None:
    won = _won(_asking(notified(deny()), FIRST, LAST))
    assert _days(won) == (TODAY, TODAY + timedelta(days=5))
    assert not expire(won, LATE).result


def test_silence_that_is_overturned_is_certified_from_the_decision_too() -> None:
    won = _won(_asking(breached(), FIRST, LAST))
    assert _days(won) == (TODAY, TODAY + timedelta(days=5))


def test_days_still_to_come_stand_as_asked() -> None:
    first, last = TODAY + timedelta(days=3), TODAY + timedelta(days=9)
    assert _days(_won(_asking(notified(deny()), first, last))) == (first, last)


def test_what_named_no_last_day_is_certified_without_one() -> None:
    assert _days(_won(_asking(notified(deny()), None, None))) == (TODAY, None)
    assert _days(_won(_asking(notified(deny()), FIRST, None))) == (TODAY, None)


def test_a_last_day_alone_that_went_by_leaves_a_day() -> None:
    assert _days(_won(_asking(notified(deny()), None, LAST))) == (TODAY, TODAY)


def test_what_was_certified_in_part_keeps_its_first_day() -> None:
    partly: ItemDecision = replace(
        deny(), action=ReviewAction.CERTIFIED_PARTIAL, effective_from=FIRST, effective_to=LAST
    )
    won = _won(_asking(notified(partly), FIRST, LAST))
    assert _days(won) == (FIRST, TODAY + timedelta(days=5))


def test_care_that_went_on_meanwhile_was_given_on_the_days_asked_for() -> None:
    case = _asking(extending(deny()), FIRST, LAST)
    asked = replace(filing(at=NOON + 4 * DAY), aid_asked=True)
    kept = file(case, replace(PLAN, aid_asked_within_days=10), asked).case
    won = attend(decided(kept, AppealOutcome.OVERTURNED, at=LATE), 1, {}, LEVELS, LATE).case
    assert _days(won) == (FIRST, LAST)
