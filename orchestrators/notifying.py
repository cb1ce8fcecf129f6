"""Notification: tell every recipient, side by side."""

from collections.abc import Sequence
from datetime import timedelta

from durabletask.task import OrchestrationContext

from orchestrators.running import Steps, perform_all
from shared.contracts.prior_authorization import DELIVER_NOTICE, WAITING, NoticeRef, Receipt

# Stories that an earlier version began tried a failing channel again themselves.
TRIED_AGAIN_UP_TO = "1.1.0"
TRIED_AGAIN_AFTER = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=20))


def notify(
    context: OrchestrationContext,
    case_id: str,
    notices: Sequence[str],
    *,
    is_followed_up: bool = False,
) -> Steps[tuple[Receipt, ...]]:
    """Deliver messages that a step wrote into the outbox, each once.

    Where a channel fails the story goes on; the sweep tries again.

    Args:
        is_followed_up: whether the story hands the receipts to the follow-up of its case.
    """
    refs = {notice: NoticeRef(case_id, notice, is_followed_up) for notice in notices}
    receipts = yield from _deliver(context, list(refs.values()))
    if context.version is not None and context.version <= TRIED_AGAIN_UP_TO:
        for attempt, wait in enumerate(TRIED_AGAIN_AFTER, start=1):
            waiting = [refs[each.message_id] for each in receipts if each.status == WAITING]
            if not waiting:
                break
            yield context.create_timer(context.current_utc_datetime + wait)
            again = yield from _deliver(context, waiting, attempt=f".again{attempt}")
            latest = {each.message_id: each for each in again}
            receipts = tuple(latest.get(each.message_id, each) for each in receipts)
    return receipts


def _deliver(
    context: OrchestrationContext, refs: Sequence[NoticeRef], *, attempt: str = ""
) -> Steps[tuple[Receipt, ...]]:
    """Deliver messages side by side; each message id is its own item, and no other round's."""
    receipts: list[Receipt] = yield from perform_all(
        context,
        [(DELIVER_NOTICE, ref) for ref in refs],
        item=f"{refs[0].message_id}{attempt}" if refs else "",
    )
    return tuple(receipts)
