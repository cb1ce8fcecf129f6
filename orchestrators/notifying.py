"""Notification: tell every recipient, side by side."""

from collections.abc import Sequence

from durabletask.task import OrchestrationContext

from orchestrators.running import Steps, perform_all
from shared.contracts.prior_authorization import DELIVER_NOTICE, NoticeRef, Receipt


def notify(
    context: OrchestrationContext, case_id: str, notices: Sequence[str]
) -> Steps[tuple[Receipt, ...]]:
    """Deliver messages that a step wrote into the outbox.

    Each message id is its own item, so that no round of notices is taken for another.
    """
    receipts: list[Receipt] = yield from perform_all(
        context,
        [(DELIVER_NOTICE, NoticeRef(case_id, notice)) for notice in notices],
        item=notices[0] if notices else "",
    )
    return tuple(receipts)
