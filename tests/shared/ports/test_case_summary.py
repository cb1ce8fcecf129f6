"""The summary of a case, and text that sorts as what it stands for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis.strategies import datetimes, integers, timezones

from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.decision import RULES
from shared.domain.prior_authorization.tasks import tasks_of
from shared.domain.prior_authorization.withdrawing import update
from shared.ports.case_summary import instant, summarize, task_mark
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    PRIVATE,
    decided,
    filing,
)
from tests.shared.domain.prior_authorization.cases import HOUR, certify, deny, notified
from tests.shared.ports.samples import NOON, a_case, under_review

TIMES = datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - The zone comes from the strategy beside it.
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001 - The same.
    timezones=timezones(),
)


@given(TIMES, TIMES)
def test_instants_sort_as_time_does(one: datetime, other: datetime) -> None:
    earlier = one.astimezone(UTC) < other.astimezone(UTC)
    assert (instant(one) < instant(other)) == earlier


def test_one_instant_has_one_text_in_every_zone() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert instant(elsewhere) == instant(NOON) == "2026-03-02T12:00:00.000000+00:00"


@given(integers(1, 999_999), integers(1, 999_999), TIMES, TIMES)
def test_tasks_sort_by_rank_then_by_due_time(
    rank: int, other_rank: int, due: datetime, other_due: datetime
) -> None:
    [task] = tasks_of(under_review(a_case()))
    one = replace(task, rank=rank, due_at=due)
    other = replace(task, rank=other_rank, due_at=other_due)
    before = (rank, due.astimezone(UTC)) < (other_rank, other_due.astimezone(UTC))
    assert (task_mark(one) < task_mark(other)) == before
    assert task_mark(one) < task_mark(replace(one, due_at=None))


def test_a_member_goes_by_the_request_until_he_is_known() -> None:
    assert summarize(a_case(), now=NOON).member_id == "M-1001"


def test_a_case_is_found_by_its_last_decision_while_an_update_is_open() -> None:
    decided = notified(certify())
    update_of_it = replace(decided.request, items=())
    reopened = update(decided, update_of_it, revision=2, by=RULES, at=NOON + HOUR).case
    assert reopened.decided_at is None
    assert summarize(reopened, now=NOON).decided_at == NOON


def test_what_no_story_has_seen_is_due_since_then_while_a_story_is_at_work() -> None:
    unseen = replace(a_case(), unseen_since=NOON)
    now = NOON + timedelta(hours=1)
    moments = {
        stage: summarize(replace(unseen, stage=stage), now=now).next_moment_at for stage in Stage
    }
    at_work = {"clinical_review", "information_requested", "peer_to_peer", "decided", "appealed"}
    assert {stage for stage, moment in moments.items() if moment == NOON} == at_work


def test_only_a_pended_case_has_a_next_moment() -> None:
    pended = under_review(a_case())
    assert summarize(a_case(), now=NOON).next_moment_at is None
    assert summarize(pended, now=NOON).next_moment_at == NOON + timedelta(hours=48)
    assert summarize(pended, now=NOON + timedelta(hours=60)).next_moment_at == (
        NOON + timedelta(hours=72)
    )


def test_an_appeal_is_due_until_its_own_story_has_looked_at_it() -> None:
    first = file(notified(deny(1), deny(2)), PRIVATE, filing(1)).case
    case = file(first, PRIVATE, filing(2, at=NOON + 2 * DAY)).case
    assert summarize(case, now=NOON + 3 * DAY).next_moment_at == NOON + DAY
    looked = attend(case, 1, {}, {}, NOON + 3 * DAY).case
    assert summarize(looked, now=NOON + 3 * DAY).next_moment_at == NOON + 2 * DAY
    both = attend(looked, 2, {}, {}, NOON + 3 * DAY).case
    assert summarize(both, now=NOON + 3 * DAY).next_moment_at is None
    ended = decided(both, AppealOutcome.UPHELD, at=NOON + 4 * DAY)
    assert summarize(ended, now=NOON + 5 * DAY).next_moment_at == NOON + 4 * DAY
    closed = attend(ended, 2, {}, {}, NOON + 5 * DAY).case
    assert summarize(closed, now=NOON + 5 * DAY).next_moment_at is None
