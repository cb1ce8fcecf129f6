"""What the notice matrix owes for the events of a case."""

from collections.abc import Iterable
from datetime import datetime

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.notice_matrix import Notice, NoticeEvent, notices_owed
from shared.ports.rule_book import RuleBook

UNKNOWN_LINE = "unknown"  # The matrix's word for a case that the payer knows no plan of.


async def owed(
    rules: RuleBook, case: Case, events: Iterable[NoticeEvent], *, at: datetime
) -> dict[NoticeEvent, tuple[Notice, ...]]:
    """The notices of each event, by the matrix in force when it happens.

    Unlike the tables that decide, the matrix is not pinned by the case: an appeal may come a year
    after the request, and people are told as the law then wants it.
    """
    line = case.membership.line_of_business if case.membership else UNKNOWN_LINE
    matrix = {}
    for event in events:
        given = {"line of business": line, "urgency": case.request.urgency, "event": event}
        answer = await rules.ask("notice-matrix", "Notices", given, at=at)
        matrix[event] = notices_owed(answer.value or ())
    return matrix
