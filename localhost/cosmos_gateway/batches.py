"""A transactional batch: several operations in one partition, all or none."""

import json
from typing import Any

from . import items
from .answers import Answer, ApiError, bad_request, not_supported
from .containers import Container
from .documents import checked_id, receive

OPERATIONS_MAX = 100
FAILED_DEPENDENCY = 424


def perform_batch(
    session: items.Session,
    container: Container,
    pk: bytes,
    operations: Any,
    *,
    is_minimal: bool = False,
) -> Answer:
    """Performs every operation, or none: the first refusal undoes the others, which answer 424.

    Args:
        session: the transaction.
        container: where the items are.
        pk: the key of the one partition.
        operations: in Cosmos DB's form.
        is_minimal: leaves the items that are written out of the answer.
    """
    if not isinstance(operations, list) or not operations:
        raise bad_request("A batch needs a list of operations.")
    if len(operations) > OPERATIONS_MAX:
        raise bad_request(f"A batch has at most {OPERATIONS_MAX} operations.")
    session.connection.execute("SAVEPOINT batch")
    try:
        return _perform_all(session, container, pk, operations, is_minimal=is_minimal)
    except BaseException:
        session.connection.execute("ROLLBACK TO batch")
        raise
    finally:
        session.connection.execute("RELEASE batch")


def _perform_all(
    session: items.Session,
    container: Container,
    pk: bytes,
    operations: list[Any],
    *,
    is_minimal: bool,
) -> Answer:
    parts: list[str] = []
    for position, operation in enumerate(operations):
        try:
            answer = _operate(session, container, pk, operation)
            if is_minimal and operation.get("operationType") != "Read":
                answer.body = ""
            parts.append(_part(answer))
        except ApiError as error:
            session.connection.execute("ROLLBACK TO batch")
            return _undone(len(operations), position, error)
    return Answer(200, f"[{','.join(parts)}]")


def _operate(session: items.Session, container: Container, pk: bytes, operation: Any) -> Answer:
    if not isinstance(operation, dict):
        raise bad_request("A batch operation is an object.")
    kind = operation.get("operationType")
    if_match = operation.get("ifMatch") or ""
    if operation.get("ifNoneMatch") and kind != "Read":
        raise not_supported("ifNoneMatch on a write; create an item to find it missing")
    if kind in ("Create", "Upsert"):
        incoming = receive(container, operation.get("resourceBody"), None, pk)
        if kind == "Create":
            return items.create(session, container, incoming)
        return items.upsert(session, container, incoming, if_match)
    id_key = checked_id(operation.get("id"))
    if kind == "Replace":
        incoming = receive(container, operation.get("resourceBody"), None, pk)
        return items.replace(session, container, id_key, incoming, if_match)
    if kind == "Patch":
        return items.patch(
            session, container, (pk, id_key), operation.get("resourceBody"), if_match
        )
    if kind == "Delete":
        return items.delete(session, container, pk, id_key, if_match)
    if kind == "Read":
        if_none_match = operation.get("ifNoneMatch") or ""
        return items.read(session.connection, container, (pk, id_key), session.now, if_none_match)
    raise bad_request(f"The batch operation {json.dumps(kind)} is not known.")


def _part(answer: Answer) -> str:
    etag = f',"eTag":{json.dumps(answer.etag)}' if answer.etag else ""
    body = f',"resourceBody":{answer.body}' if answer.body else ""
    return f'{{"statusCode":{answer.status},"requestCharge":1{etag}{body}}}'


def _undone(count: int, failed: int, error: ApiError) -> Answer:
    parts: list[dict[str, Any]] = [
        {"statusCode": FAILED_DEPENDENCY, "requestCharge": 0} for _ in range(count)
    ]
    parts[failed] = {
        "statusCode": error.status,
        "subStatusCode": error.sub_status,
        "requestCharge": 1,
        "message": str(error),
    }
    return Answer(207, json.dumps(parts))
