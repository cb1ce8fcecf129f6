from orchestrators.subscription import TRY_AGAIN_AFTER, subscription
from shared.contracts.prior_authorization import GREET_SUBSCRIBER
from tests.orchestrators.telling import ToldContext, tell

GIVEN = {"subscription_id": "sub-1"}


def test_an_endpoint_that_takes_the_handshake_is_greeted_once() -> None:
    context = ToldContext({GREET_SUBSCRIBER: [True]})
    assert tell(subscription, context, GIVEN) is True
    assert context.waits == []


def test_an_endpoint_that_does_not_is_greeted_again() -> None:
    context = ToldContext({GREET_SUBSCRIBER: [False, False, True]})
    assert tell(subscription, context, GIVEN) is True
    assert len(context.waits) == 2
    assert len(set(context.keys)) == 3


def test_after_some_tries_nobody_greets_it_any_more() -> None:
    context = ToldContext({GREET_SUBSCRIBER: [False] * (1 + len(TRY_AGAIN_AFTER))})
    assert tell(subscription, context, GIVEN) is False
