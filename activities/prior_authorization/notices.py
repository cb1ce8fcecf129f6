"""Notices: what the notice matrix owes for the events of a case."""

from collections.abc import Iterable

from activities.prior_authorization.pinned_rules import ask
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.notice_matrix import Notice, NoticeEvent, notices_owed
from shared.ports.rule_book import RuleBook


async def owed(
    rules: RuleBook, case: Case, events: Iterable[NoticeEvent]
) -> dict[NoticeEvent, tuple[Notice, ...]]:
    """The notices of each event; none for a case that the payer knows no plan of."""
    if case.membership is None:
        return {}
    matrix = {}
    for event in events:
        given = {
            "line of business": case.membership.line_of_business,
            "urgency": case.request.urgency,
            "event": event,
        }
        answer = await ask(rules, case, "notice-matrix", "Notices", given)
        matrix[event] = notices_owed(answer.value or ())
    return matrix
