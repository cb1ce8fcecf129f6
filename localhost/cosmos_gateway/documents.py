"""Documents as they arrive and as they are stored.

The JSON text that a client sends is kept as it is: system properties are spliced in before its last
brace, so that neither a write nor a read encodes a document again.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from . import strict_json
from .answers import SUB_STATUS_PARTITION_KEY_MISMATCH, bad_request, too_large
from .containers import FOREVER, Container, is_ttl
from .keys import UNDEFINED_KEY, encode
from .storage import value_at

ITEM_BYTES_MAX = 2 * 1024 * 1024
ID_BYTES_MAX = 1023
NESTING_MAX = 128
SYSTEM_PROPERTIES = ("_rid", "_self", "_etag", "_attachments", "_ts", "_lsn")
_FORBIDDEN_IN_IDS = frozenset("/\\?#")


@dataclass(slots=True)
class Incoming:
    """A checked document on its way into a container.

    Attributes:
        document: without system properties.
        opened_text: its JSON without the last brace.
        pk: the key of its partition key value.
        id: the key of its id.
    """

    document: dict[str, Any]
    opened_text: str
    pk: bytes
    id: bytes


def decode_json(text: str) -> Any:
    """The value of a request's body.

    Raises:
        ApiError: 400, it is not JSON.
    """
    try:
        return strict_json.decode(text)
    except ValueError as error:
        raise bad_request(f"The input content is invalid: {error}.") from error
    except RecursionError as error:
        raise bad_request("The input content is invalid: it nests too deep.") from error


def receive(container: Container, document: Any, text: str | None, pk: bytes | None) -> Incoming:
    """Checks a document that a client sent.

    Args:
        container: where it is to go.
        document: the decoded JSON.
        text: the JSON as sent; None where the document was cut out of something larger.
        pk: the key of the partition that the request names; None where it names none.

    Raises:
        ApiError: 400 or 413, it cannot be stored.
    """
    if not isinstance(document, dict):
        raise bad_request("The input content is invalid: an item is a JSON object.")
    id_key = checked_id(document.get("id"))
    own = partition_key_of(container, document)
    if pk is not None and pk != own:
        raise bad_request(
            "PartitionKey extracted from document doesn't match the one specified in the header.",
            sub_status=SUB_STATUS_PARTITION_KEY_MISMATCH,
        )
    _check_item_ttl(container, document.get("ttl"))
    if text is None or any(name in document for name in SYSTEM_PROPERTIES):
        for name in SYSTEM_PROPERTIES:
            document.pop(name, None)
        text = json.dumps(document, separators=(",", ":"))
    else:
        text = text.rstrip()
    if len(text) > ITEM_BYTES_MAX:
        raise too_large("The item")
    if text.count("{") + text.count("[") > NESTING_MAX and _is_too_deep(document):
        raise bad_request(f"The item nests deeper than {NESTING_MAX} levels.")
    return Incoming(document, text[:-1], own, id_key)


def _is_too_deep(document: dict[str, Any]) -> bool:
    level: list[Any] = [document]
    for _ in range(NESTING_MAX):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(value, dict | list) for value in level)


def checked_id(value: Any) -> bytes:
    """The key of an item's id.

    Raises:
        ApiError: 400, it is missing or cannot stand in a link.
    """
    if not isinstance(value, str) or not value:
        raise bad_request(
            "The input content is invalid because the required properties - 'id; ' - are missing."
        )
    key = encode(value)
    if len(key) > ID_BYTES_MAX + 1 or not _FORBIDDEN_IN_IDS.isdisjoint(value):
        raise bad_request("The item's id is invalid: too long, or it has '/', '\\', '?' or '#'.")
    return key


def partition_key_of(container: Container, document: dict[str, Any]) -> bytes:
    """The key of a document's partition key value; UNDEFINED_KEY where it has none."""
    value = value_at(document, container.partition_path)
    if isinstance(value, dict | list):
        raise bad_request("The partition key's value is a string, number, boolean or null.")
    return encode(value)


def partition_key_in_header(header: str | None) -> bytes | None:
    """The key of the partition that a request names; None where it names none.

    Raises:
        ApiError: 400, the header does not hold one value.
    """
    if header is None:
        return None
    values = decode_json(header)
    if values in ([], [{}]):
        return UNDEFINED_KEY
    if not isinstance(values, list) or len(values) != 1 or isinstance(values[0], dict | list):
        raise bad_request(
            "Partition key provided either doesn't correspond to definition in the collection or "
            "doesn't match partition key field values specified in the document.",
            sub_status=SUB_STATUS_PARTITION_KEY_MISMATCH,
        )
    return encode(values[0])


def etag_of(lsn: int) -> str:
    """The ETag of a version, with its quotation marks."""
    return f'"{lsn:08x}-0000-0000-0000-000000000000"'


def stored_text(container: Container, incoming: Incoming, row: int, lsn: int, now: int) -> str:
    """The document's JSON with its system properties."""
    rid = base64.b64encode(
        base64.b64decode(container.rid.replace("-", "/")) + row.to_bytes(8, "big")
    ).decode()
    link = json.dumps(f"{container.link}/docs/{incoming.document['id']}/")
    comma = "," if len(incoming.opened_text) > 1 else ""
    return (
        f'{incoming.opened_text}{comma}"_rid":"{rid}","_self":{link},'
        f'"_etag":"\\"{etag_of(lsn)[1:-1]}\\"","_attachments":"attachments/","_ts":{now}}}'
    )


def expires_at(container: Container, document: dict[str, Any], now: int) -> int | None:
    """The second from which a document no longer exists; None where it stays.

    Source:
        "Time to Live in Azure Cosmos DB": an item's own ttl counts only where the container has a
        default; -1 means for ever.
    """
    default = container.default_ttl
    if default is None:
        return None
    ttl = document.get("ttl", default)
    return None if ttl == FOREVER else now + int(ttl)


def _check_item_ttl(container: Container, ttl: Any) -> None:
    if ttl is None or container.default_ttl is None:
        return
    if not is_ttl(ttl):
        raise bad_request("The item's ttl is -1 or a positive number of seconds.")
