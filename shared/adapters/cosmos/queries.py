"""The queries of the case store, each over indexed properties only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.ports.case_store import CaseFilter, TaskFilter
from shared.ports.case_summary import instant

type Parameters = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its parameters.

    Attributes:
        case_id: the one partition to ask; None asks them all.
    """

    text: str
    parameters: Parameters = field(default_factory=list)
    case_id: str | None = None


class _Conditions:
    """Conditions that all hold, with a parameter for each value."""

    def __init__(self, *conditions: str) -> None:
        self._conditions = list(conditions)
        self.parameters: Parameters = []

    def add(self, path: str, operator: str, value: str) -> None:
        self._conditions.append(f"c.{path} {operator} {self._parameter(value)}")

    def add_any(self, path: str, values: tuple[str, ...]) -> None:
        if values:
            names = ", ".join(self._parameter(value) for value in values)
            self._conditions.append(f"c.{path} IN ({names})")

    def _parameter(self, value: str) -> str:
        name = f"@p{len(self.parameters)}"
        self.parameters.append({"name": name, "value": value})
        return name

    def __str__(self) -> str:
        return " AND ".join(self._conditions)


def of_case(case_id: str, kind: str) -> Query:
    """A case's documents of one type, in the order they were written."""
    conditions = _Conditions()
    conditions.add("type", "=", kind)
    return Query(
        f"SELECT * FROM c WHERE {conditions} ORDER BY c.mark", conditions.parameters, case_id
    )


def waiting(since: str, *, before: datetime | None = None, limit: int) -> Query:
    """What waits under a "...Since" property, the longest first; null is no text and waits not."""
    conditions = _Conditions(f"c.{since} > ''")
    if before is not None:
        conditions.add(since, "<", instant(before))
    text = f"SELECT TOP {limit:d} * FROM c WHERE {conditions} ORDER BY c.{since}"
    return Query(text, conditions.parameters)


def newest(since: str, limit: int) -> Query:
    """The newest documents of a container."""
    return Query(f"SELECT TOP {limit:d} * FROM c ORDER BY c.{since} DESC")


def newest_of(kind: str) -> Query:
    """Every document of one type, of every case, the newest first."""
    return Query(f"SELECT * FROM c WHERE c.type = '{kind}' ORDER BY c.mark DESC")


def cases_wanted(wanted: CaseFilter) -> Query:
    """A page of cases, newest first, and one more if there is a next page."""
    conditions = _Conditions("c.type = 'case'")
    conditions.add_any("stage", wanted.stages)
    for path, value in (
        ("memberId", wanted.member_id),
        ("providerNpi", wanted.provider_npi),
        ("services", wanted.services),
    ):
        if value:
            conditions.add(path, "=", value)
    if wanted.decided_since is not None:
        conditions.add("decidedAt", ">=", wanted.decided_since.isoformat())
    if wanted.ends_before is not None:
        conditions.add("endsOn", "<", wanted.ends_before.isoformat())
    if wanted.due_before is not None:
        conditions.add("nextMomentAt", "<", instant(wanted.due_before))
    if wanted.after:
        conditions.add("mark", "<", wanted.after)
    top = wanted.limit + 1
    text = f"SELECT TOP {top:d} * FROM c WHERE {conditions} ORDER BY c.mark DESC"
    return Query(text, conditions.parameters)


def tasks_wanted(wanted: TaskFilter) -> Query:
    """A page of tasks in the order of the inbox."""
    conditions = _of_tasks(wanted)
    page = f"OFFSET {wanted.offset:d} LIMIT {wanted.limit:d}"
    text = f"SELECT * FROM c WHERE {conditions} ORDER BY c.mark {page}"
    return Query(text, conditions.parameters)


def tasks_counted(wanted: TaskFilter) -> Query:
    """How many tasks there are on all pages."""
    conditions = _of_tasks(wanted)
    text = f"SELECT VALUE COUNT(1) FROM c WHERE {conditions}"
    return Query(text, conditions.parameters)


def _of_tasks(wanted: TaskFilter) -> _Conditions:
    conditions = _Conditions("c.type = 'task'")
    conditions.add_any("queue", wanted.queues)
    conditions.add_any("status", wanted.statuses)
    if wanted.claimed_by:
        conditions.add("claimedBy", "=", wanted.claimed_by)
    return conditions
