from itertools import islice

import pytest

from localhost.functions_host.retry_policies import RetryPolicy


def test_without_a_policy_a_run_is_made_once() -> None:
    assert list(RetryPolicy.read({}).attempts()) == [0]


def test_a_fixed_delay_stays_the_same() -> None:
    policy = RetryPolicy.read(
        {"strategy": "fixed_delay", "max_retry_count": "3", "delay_interval": "00:00:05"}
    )

    assert [policy.delay_seconds(each) for each in policy.attempts()] == [5, 5, 5, 0]


def test_an_exponential_delay_doubles_up_to_its_limit() -> None:
    policy = RetryPolicy.read(
        {
            "strategy": "exponential_backoff",
            "max_retry_count": "4",
            "minimum_interval": "00:00:02",
            "maximum_interval": "00:00:10",
        }
    )

    assert [policy.delay_seconds(each) for each in policy.attempts()] == [2, 4, 8, 10, 0]


def test_an_unlimited_policy_never_gives_up() -> None:
    policy = RetryPolicy.read(
        {"strategy": "fixed_delay", "max_retry_count": "-1", "delay_interval": "00:00:01"}
    )

    assert list(islice(policy.attempts(), 5000))[-1] == 4999
    assert policy.delay_seconds(4999) == 1


def test_a_delay_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="time span"):
        RetryPolicy.read(
            {"strategy": "fixed_delay", "max_retry_count": "1", "delay_interval": "soon"}
        )
