"""What a store keeps beside a case to find it by; the same for every store."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.appeals_under_way import under_way
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.expiring import last_day
from shared.domain.prior_authorization.tasks import PersonTask
from shared.ports.case_store import CaseFilter

NEVER = "9999"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """The fields that cases are listed by.

    Attributes:
        member_id: as enrolled; until the member is known, as the request names him.
        decided_at: of the last decision, also while an update of it is open.
        provider_npi: the identifier of the provider who asks; services: what he asks for.
        ends_on: the last day of a notified case's certifications; None while one is open-ended.
        next_moment_at: when the case next asks its story for something: since it was changed, where
            no story has looked yet; else as the clock of a pended case says, or since an appeal
            that its own story has not looked at; None for never.
    """

    case_id: str
    stage: str
    member_id: str
    provider_npi: str
    services: str
    received_at: datetime
    decided_at: datetime | None
    ends_on: date | None
    next_moment_at: datetime | None

    @property
    def mark(self) -> str:
        """The place in a list by age, as text that sorts; unique."""
        return f"{instant(self.received_at)} {self.case_id}"

    def fits(self, wanted: CaseFilter) -> bool:
        """Whether a filter wants the case."""
        return all(
            (
                not wanted.stages or self.stage in wanted.stages,
                not wanted.member_id or self.member_id == wanted.member_id,
                not wanted.provider_npi or self.provider_npi == wanted.provider_npi,
                not wanted.services or self.services == wanted.services,
                _reaches(self.decided_at and self.decided_at.date(), wanted.decided_since),
                _is_before(self.ends_on, wanted.ends_before),
                _is_before(self.next_moment_at, wanted.due_before),
            )
        )


def summarize(case: Case, *, now: datetime) -> CaseSummary:
    """The summary of a case as it is committed now."""
    enrolled = case.membership
    return CaseSummary(
        case_id=case.case_id,
        stage=case.stage,
        member_id=enrolled.member_id if enrolled else case.request.member.value,
        provider_npi=case.request.requestor.identifier.value,
        services=case.request.services,
        received_at=case.received_at,
        decided_at=case.decided_at or (case.issued[-1].decided_at if case.issued else None),
        ends_on=last_day(case) if case.stage is Stage.NOTIFIED else None,
        next_moment_at=_next_moment_at(case, now),
    )


def task_mark(task: PersonTask) -> str:
    """The place in the inbox, as text that sorts: by rank, then by due time; unique."""
    due = instant(task.due_at) if task.due_at else NEVER
    return f"{task.rank:06} {due} {task.task_id}"


def instant(at: datetime) -> str:
    """A time as text of one width, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _is_before[When: date](known: When | None, limit: When | None) -> bool:
    return limit is None or (known is not None and known < limit)


def _reaches(known: date | None, limit: date | None) -> bool:
    return limit is None or (known is not None and known >= limit)


def _next_moment_at(case: Case, now: datetime) -> datetime | None:
    """When a case asks for attention: also after its deadline, until the breach is noted."""
    if case.unseen_since is not None and case.is_attended:
        return case.unseen_since
    if case.stage is Stage.APPEALED:
        waiting = (_waits_since(case.appeals[number - 1]) for number in under_way(case))
        return min((since for since in waiting if since is not None), default=None)
    if not case.is_pended or case.clock is None:
        return None
    moment = case.clock.next_moment_after(now)
    if moment is not None:
        return moment.at
    return case.clock.due_at if case.breached_at is None else None


def _waits_since(appeal: Appeal) -> datetime | None:
    """Since when an appeal waits for its own story; that of another may have looked since."""
    if appeal.outcome is AppealOutcome.OPEN:
        return None if appeal.acknowledged_at else appeal.filed_at
    return appeal.reviewed_at
