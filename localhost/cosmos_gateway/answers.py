"""What the gateway answers: a result, or an error in the form that Cosmos DB gives it."""

import json
from dataclasses import dataclass, field

SUB_STATUS_PARTITION_KEY_MISMATCH = 1001
SUB_STATUS_CONDITION_NOT_MET = 1110
SUB_STATUS_REQUEST_RATE_LARGE = 3200


@dataclass(slots=True)
class Answer:
    """One HTTP answer, before the headers that every answer carries."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""


class ApiError(Exception):
    """A refusal that the caller sees as a Cosmos DB error.

    Attributes:
        status: the HTTP status.
        code: Cosmos DB's name for the status, such as "NotFound".
        sub_status: Cosmos DB's finer code; 0 where there is none.
        headers: further answer headers, such as the time to wait after a 429.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        sub_status: int = 0,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.sub_status = sub_status
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The error as an HTTP answer."""
        headers = dict(self.headers)
        if self.sub_status:
            headers["x-ms-substatus"] = str(self.sub_status)
        body = json.dumps({"code": self.code, "message": str(self)})
        return Answer(self.status, body, headers)


def bad_request(message: str, *, sub_status: int = 0) -> ApiError:
    """The request is malformed, or asks for what Cosmos DB forbids."""
    return ApiError(400, "BadRequest", message, sub_status=sub_status)


def not_supported(construct: str) -> ApiError:
    """Cosmos DB may know the construct, and this gateway does not."""
    return bad_request(f"The Careloom Cosmos gateway does not support {construct}.")


def not_found(what: str) -> ApiError:
    """There is no such database, container or item."""
    return ApiError(404, "NotFound", f"{what} does not exist in the system.")


def conflict(what: str) -> ApiError:
    """The name, the id or the unique key is taken."""
    return ApiError(409, "Conflict", f"{what} already exists in the system.")


def condition_failed(message: str, *, sub_status: int = 0) -> ApiError:
    """The ETag or the patch condition does not hold."""
    return ApiError(412, "PreconditionFailed", message, sub_status=sub_status)


def too_large(what: str) -> ApiError:
    """The item, the batch or the query is over its limit."""
    return ApiError(413, "RequestEntityTooLarge", f"{what} is too large.")
