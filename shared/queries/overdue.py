"""What the sweep finds: requests without a story, clocks past their moment, unsent messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.prior_authorization import Chore
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.expiring import is_over
from shared.ports.case_store import CaseFilter, CaseStore, InboxRow

# A story needs a moment before it counts as forgotten, more than its slowest channel takes to fail.
PATIENCE = timedelta(seconds=60)
FOUND_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """What should have happened by now.

    Attributes:
        unopened: requests whose case does not know them yet.
        due: cases whose story was not told of a change, or of a moment of its clock.
        chores: messages to send, and authorizations to expire, at most FOUND_MAX of each.
    """

    found_at: datetime
    unopened: tuple[InboxRow, ...]
    due: tuple[Case, ...]
    chores: tuple[Chore, ...]


async def find_overdue(cases: CaseStore, now: datetime) -> Overdue:
    """Look for what was forgotten."""
    forgotten = now - PATIENCE
    unopened = await cases.unopened(before=forgotten, limit=FOUND_MAX)
    due = await cases.cases(CaseFilter(due_before=forgotten, limit=FOUND_MAX))
    unsent = await cases.undelivered(before=forgotten, limit=FOUND_MAX)
    ended = await cases.cases(CaseFilter(ends_before=now.date(), limit=FOUND_MAX))
    chores = (
        *(Chore(row.case_id, row.message.message_id) for row in unsent),
        # The store counts UTC days; where the plan is, the last day may not be over yet.
        *(Chore(case.case_id) for case in ended.cases if is_over(case, now)),
    )
    return Overdue(found_at=now, unopened=tuple(unopened), due=due.cases, chores=chores)
