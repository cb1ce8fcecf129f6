from datetime import timedelta
from typing import Any

from orchestrators.notifying import TRY_AGAIN_AFTER, notify
from shared.contracts.prior_authorization import DELIVER_NOTICE, Receipt
from tests.orchestrators.telling import START, ToldContext, tell

LETTER, HOOK = "approved.r1.member.mail", "approved.r1.requestor.subscription"


def _notified(*statuses_of_hook: str) -> tuple[tuple[Receipt, ...], ToldContext]:
    answers = [Receipt(LETTER, "delivered")]
    answers += [Receipt(HOOK, status) for status in statuses_of_hook]
    context = ToldContext({DELIVER_NOTICE: answers})

    def story(context: Any, notices: Any) -> Any:
        return notify(context, "pa-1", notices)

    receipts: tuple[Receipt, ...] = tell(story, context, [LETTER, HOOK])
    return receipts, context


def test_a_notice_that_is_delivered_is_not_sent_again() -> None:
    receipts, context = _notified("delivered")
    assert [each.status for each in receipts] == ["delivered", "delivered"]
    assert context.performed == ["deliver_notice"] * 2
    assert context.waits == []


def test_a_subscriber_that_fails_is_tried_again_alone_under_keys_of_its_own() -> None:
    receipts, context = _notified("waiting", "waiting", "delivered")
    assert [each.status for each in receipts] == ["delivered", "delivered"]
    assert context.performed == ["deliver_notice"] * 4
    assert len(set(context.keys)) == 4
    assert context.waits == [START + TRY_AGAIN_AFTER[0], START + TRY_AGAIN_AFTER[1]]


def test_a_subscriber_that_goes_on_failing_holds_up_nobody() -> None:
    receipts, context = _notified(*["waiting"] * (1 + len(TRY_AGAIN_AFTER)))
    assert receipts[1].status == "waiting"
    assert sum(TRY_AGAIN_AFTER, timedelta()) < timedelta(minutes=1)
    assert context.performed == ["deliver_notice"] * (2 + len(TRY_AGAIN_AFTER))
