"""What a failure of Cosmos DB means to us."""

from collections.abc import Generator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, HttpResponseError
from azure.cosmos.exceptions import CosmosBatchOperationError

from shared.errors import PermanentError, TransientError
from shared.ports.case_store import StaleError, TooLargeError

NOT_FOUND = 404
TIMED_OUT = 408
CONFLICT = 409
GONE = 410
PRECONDITION_FAILED = 412
TOO_LARGE = 413
RETRY_WITH = 449
THROTTLED = 429
SERVER_ERROR = 500
TRANSIENT = frozenset({TIMED_OUT, GONE, RETRY_WITH, THROTTLED})


@contextmanager
def translated(deed: str) -> Generator[None]:
    """Raise our errors for those of the SDK, which has done its own retries by then.

    Args:
        deed: what was being done, with identifiers only.

    Raises:
        TransientError: throttled, out of reach, or failing for now.
        TooLargeError, PermanentError: refused for good.
    """
    try:
        yield
    except HttpResponseError as error:
        status = error.status_code or 0
        said = f"Cosmos DB answered {status} to: {deed}"
        if status in TRANSIENT or status >= SERVER_ERROR or status == 0:
            raise TransientError(said) from error
        if status == TOO_LARGE:
            raise TooLargeError(f"too large to keep: {deed}") from error
        raise PermanentError(said) from error
    except AzureError as error:
        raise TransientError(f"Cosmos DB is out of reach: {deed}") from error


@contextmanager
def batch_translated(deed: str) -> Generator[None]:
    """The same for a transactional batch whose first operation is guarded.

    Raises:
        StaleError: the guard did not hold: another commit came first.
    """
    with translated(deed):
        try:
            yield
        except CosmosBatchOperationError as error:
            guard_failed = error.error_index == 0 and error.status_code in {
                NOT_FOUND,
                CONFLICT,
                PRECONDITION_FAILED,
            }
            if guard_failed:
                raise StaleError(deed) from error
            raise
