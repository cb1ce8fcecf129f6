from typing import Any

import pytest

from orchestrators.notifying import TRIED_AGAIN_AFTER, notify
from shared.contracts.prior_authorization import DELIVER_NOTICE, Receipt
from tests.orchestrators.telling import START, ToldContext, tell

LETTER, HOOK = "approved.r1.member.mail", "approved.r1.requestor.subscription"


def _notified(
    *statuses_of_hook: str, version: str | None = None
) -> tuple[tuple[Receipt, ...], ToldContext]:
    answers = [Receipt(LETTER, "delivered")]
    answers += [Receipt(HOOK, status) for status in statuses_of_hook]
    context = ToldContext({DELIVER_NOTICE: answers}, version=version)

    def story(context: Any, notices: Any) -> Any:
        return notify(context, "pa-1", notices)

    receipts: tuple[Receipt, ...] = tell(story, context, [LETTER, HOOK])
    return receipts, context


@pytest.mark.parametrize("status", ["delivered", "waiting", "undeliverable"])
def test_each_notice_is_sent_once_and_a_channel_that_fails_holds_up_nobody(status: str) -> None:
    receipts, context = _notified(status)
    assert [each.status for each in receipts] == ["delivered", status]
    assert context.performed == ["deliver_notice"] * 2
    assert context.waits == []


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_a_story_that_an_earlier_version_began_tries_again_as_it_did_then(version: str) -> None:
    receipts, context = _notified("waiting", "waiting", "delivered", version=version)
    assert [each.status for each in receipts] == ["delivered", "delivered"]
    assert context.performed == ["deliver_notice"] * 4
    assert len(set(context.keys)) == 4
    assert context.waits == [START + wait for wait in TRIED_AGAIN_AFTER[:2]]


def test_a_story_that_this_version_began_does_not() -> None:
    _, context = _notified("waiting", version="1.2.0")
    assert context.waits == []
