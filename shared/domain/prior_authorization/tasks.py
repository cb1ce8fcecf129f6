"""The tasks that a case puts before people: derived from the case, never a second truth."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.prior_authorization.appeal_levels import AppealBody
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import Level
from shared.domain.prior_authorization.reviewers import ANY_SPECIALTY


class TaskKind(StrEnum):
    """What a person is asked to do."""

    REVIEW = "review"
    APPEAL = "appeal"


class TaskStatus(StrEnum):
    """Where a task stands, in the words of FHIR Task.status."""

    REQUESTED = "requested"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTask:
    """One task of an inbox.

    Attributes:
        task_id: "CASE.review1" or "CASE.appeal2"; the part before the point is the case.
        rank: 1 comes first; then the earliest due_at.
    """

    task_id: str
    case_id: str
    kind: TaskKind
    status: TaskStatus
    queue: str
    level: str
    rank: int
    opened_at: datetime
    due_at: datetime | None
    claimed_by: str = ""


def case_of(task_id: str) -> str:
    """The case that a task belongs to."""
    return task_id.partition(".")[0]


def review_task_id(case: Case) -> str:
    """The id of the case's present review; empty before the first."""
    return f"{case.case_id}.review{case.review.number}" if case.review else ""


def tasks_of(case: Case) -> tuple[PersonTask, ...]:
    """Every task of the case as it stands, the present review first."""
    return (*_review_tasks(case), *_appeal_tasks(case))


def appeal_task_id(case: Case, number: int) -> str:
    """The id of the task that an appeal puts before a person."""
    return f"{case.case_id}.appeal{number}"


def appeal_number(task_id: str) -> int:
    """The number of the appeal that a task is of; 0 for a review."""
    kind, _, number = task_id.rpartition(".")[2].partition("appeal")
    return int(number) if not kind and number.isdecimal() else 0


def _review_tasks(case: Case) -> tuple[PersonTask, ...]:
    review = case.review
    if review is None:
        return ()
    return (
        PersonTask(
            task_id=review_task_id(case),
            case_id=case.case_id,
            kind=TaskKind.REVIEW,
            status=_status(case),
            queue=review.routing.queue,
            level=review.routing.level,
            rank=review.routing.rank,
            opened_at=review.opened_at,
            due_at=case.clock.alert_at if case.clock else None,
            claimed_by=review.claimed_by,
        ),
    )


def _appeal_tasks(case: Case) -> tuple[PersonTask, ...]:
    """A task for each appeal; that of an outside body waits for its decision to be recorded."""
    queue = case.review.routing.queue if case.review else ANY_SPECIALTY
    return tuple(
        PersonTask(
            task_id=appeal_task_id(case, number),
            case_id=case.case_id,
            kind=TaskKind.APPEAL,
            status=_appeal_status(appeal),
            queue=queue,
            level=Level.PHYSICIAN,
            rank=1 if appeal.expedited or appeal.warned_at else 2,
            opened_at=appeal.filed_at,
            due_at=appeal.clock.alert_at if appeal.clock else None,
        )
        for number, appeal in enumerate(case.appeals, start=1)
    )


def _appeal_status(appeal: Appeal) -> TaskStatus:
    if appeal.outcome in {AppealOutcome.WITHDRAWN, AppealOutcome.SUPERSEDED}:
        return TaskStatus.CANCELLED
    if appeal.outcome is not AppealOutcome.OPEN:
        return TaskStatus.COMPLETED
    inside = appeal.rule.decided_by is AppealBody.PLAN
    return TaskStatus.REQUESTED if inside else TaskStatus.ON_HOLD


def _status(case: Case) -> TaskStatus:
    if case.stage is Stage.CANCELLED:
        return TaskStatus.CANCELLED
    if not case.is_pended:
        return TaskStatus.COMPLETED
    if case.stage is not Stage.CLINICAL_REVIEW:
        return TaskStatus.ON_HOLD
    return (
        TaskStatus.IN_PROGRESS if case.review and case.review.claimed_by else TaskStatus.REQUESTED
    )
