import asyncio
from itertools import islice

import pytest

from localhost.functions_host.retry_policies import UNLIMITED, RetryPolicy


def test_without_a_policy_a_run_is_made_once() -> None:
    assert list(RetryPolicy.read({}).attempts()) == [0]


def test_a_fixed_delay_stays_the_same() -> None:
    policy = RetryPolicy.read(
        {"strategy": "fixed_delay", "max_retry_count": "3", "delay_interval": "00:00:05"}
    )

    assert [policy.delay_seconds(each) for each in policy.attempts()] == [5] * 4
    assert [policy.is_last(each) for each in policy.attempts()] == [False, False, False, True]


def test_an_exponential_delay_doubles_up_to_its_limit() -> None:
    policy = RetryPolicy.read(
        {
            "strategy": "exponential_backoff",
            "max_retry_count": "4",
            "minimum_interval": "00:00:02",
            "maximum_interval": "00:00:10",
        }
    )

    assert [policy.delay_seconds(each) for each in policy.attempts()] == [2, 4, 8, 10, 10]


def test_an_unlimited_policy_never_gives_up() -> None:
    policy = RetryPolicy.read(
        {"strategy": "fixed_delay", "max_retry_count": "-1", "delay_interval": "00:00:01"}
    )

    assert list(islice(policy.attempts(), 5000))[-1] == 4999
    assert policy.delay_seconds(4999) == 1
    assert not policy.is_last(4999)


async def test_no_run_follows_once_the_host_stops() -> None:
    at_once, late = RetryPolicy(UNLIMITED), RetryPolicy(UNLIMITED, 600, 600)
    stopping = asyncio.Event()

    assert await at_once.goes_on(0, stopping)
    waiting = asyncio.create_task(late.goes_on(0, stopping))
    await asyncio.sleep(0)
    stopping.set()

    assert not await waiting
    assert not await at_once.goes_on(1, stopping)


def test_a_delay_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="time span"):
        RetryPolicy.read(
            {"strategy": "fixed_delay", "max_retry_count": "1", "delay_interval": "soon"}
        )
