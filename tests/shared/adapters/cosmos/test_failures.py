"""What a failure of Cosmos DB means to us."""

import pytest
from azure.core.exceptions import AzureError, ServiceRequestError
from azure.cosmos.exceptions import CosmosBatchOperationError, CosmosHttpResponseError

from shared.adapters.cosmos.failures import batch_translated, translated
from shared.errors import PermanentError, TransientError
from shared.ports.case_store import StaleError, TooLargeError


def refusal(status: int) -> CosmosHttpResponseError:
    return CosmosHttpResponseError(status_code=status, message="m")  # type: ignore[no-untyped-call]


def failing_batch(status: int, index: int) -> CosmosBatchOperationError:
    return CosmosBatchOperationError(  # type: ignore[no-untyped-call]
        error_index=index, headers={}, status_code=status, message="m"
    )


@pytest.mark.parametrize("status", [408, 410, 429, 449, 500, 503, 0])
def test_what_may_pass_is_transient(status: int) -> None:
    with pytest.raises(TransientError, match="read case-1"), translated("read case-1"):
        raise refusal(status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412])
def test_what_is_refused_is_permanent(status: int) -> None:
    with (
        pytest.raises(PermanentError, match=f"{status} to: read case-1"),
        translated("read case-1"),
    ):
        raise refusal(status)


def test_what_the_store_cannot_hold_is_too_large() -> None:
    with pytest.raises(TooLargeError, match="commit case-1"), batch_translated("commit case-1"):
        raise failing_batch(413, 0)


@pytest.mark.parametrize("error", [ServiceRequestError("no route"), AzureError("gone")])
def test_no_answer_is_transient(error: AzureError) -> None:
    with pytest.raises(TransientError), translated("read case-1"):
        raise error


@pytest.mark.parametrize("status", [404, 409, 412])
def test_a_guard_that_fails_means_stale(status: int) -> None:
    with pytest.raises(StaleError), batch_translated("commit case-1"):
        raise failing_batch(status, 0)


def test_a_repetition_behind_the_guard_is_permanent() -> None:
    with pytest.raises(PermanentError), batch_translated("commit case-1"):
        raise failing_batch(409, 1)


@pytest.mark.parametrize("index", [0, 3])
def test_a_throttled_batch_is_transient(index: int) -> None:
    with pytest.raises(TransientError), batch_translated("commit case-1"):
        raise failing_batch(429, index)
