"""Partial updates: the operations of a patch, applied to a document."""

import copy
import json
import math
from typing import Any

from .answers import bad_request

OPERATIONS_MAX = 10
_FORBIDDEN_ROOTS = ("id", "_rid", "_self", "_etag", "_ts", "_attachments")


def patched(document: dict[str, Any], operations: Any, partition_path: tuple[str, ...]) -> Any:
    """The document after every operation, in order; the given one is left alone.

    Args:
        document: as stored.
        operations: the patch, in Cosmos DB's form: op, path, value (and from, for move).
        partition_path: may not be touched.

    Raises:
        ApiError: 400, an operation is malformed or its path does not fit the document.
    """
    if not isinstance(operations, list) or not operations:
        raise bad_request("A patch needs a list of operations.")
    if len(operations) > OPERATIONS_MAX:
        raise bad_request(f"A patch has at most {OPERATIONS_MAX} operations.")
    result = copy.deepcopy(document)
    for operation in operations:
        _apply(result, operation, partition_path)
    return result


def _apply(document: dict[str, Any], operation: Any, partition_path: tuple[str, ...]) -> None:
    if not isinstance(operation, dict):
        raise bad_request("A patch operation is an object.")
    kind = str(operation.get("op", "")).lower()
    keys = _pointer(operation.get("path"), partition_path)
    if kind == "move":
        source = _pointer(operation.get("from"), partition_path)
        value = _take(document, source)
        _put(document, keys, value, "add")
    elif kind == "remove":
        _take(document, keys)
    elif kind in ("add", "set", "replace"):
        if "value" not in operation:
            raise bad_request(f"The patch operation '{kind}' needs a value.")
        _put(document, keys, operation["value"], kind)
    elif kind in ("incr", "increment"):
        _increment(document, keys, operation.get("value"))
    else:
        raise bad_request(f"The patch operation {json.dumps(kind)} is not known.")


def _pointer(path: Any, partition_path: tuple[str, ...]) -> list[str]:
    if not isinstance(path, str) or not path.startswith("/") or path == "/":
        raise bad_request(f"The patch path {json.dumps(path)} is invalid.")
    keys = [key.replace("~1", "/").replace("~0", "~") for key in path[1:].split("/")]
    if keys[0] in _FORBIDDEN_ROOTS or tuple(keys) == partition_path[: len(keys)]:
        raise bad_request(f"The path {path} cannot be patched.")
    return keys


def _parent(document: dict[str, Any], keys: list[str]) -> Any:
    node: Any = document
    for key in keys[:-1]:
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and _is_index(key) and int(key) < len(node):
            node = node[int(key)]
        else:
            raise _missing(keys)
    if not isinstance(node, dict | list):
        raise _missing(keys)
    return node


def _put(document: dict[str, Any], keys: list[str], value: Any, kind: str) -> None:
    parent, key = _parent(document, keys), keys[-1]
    if isinstance(parent, dict):
        if kind == "replace" and key not in parent:
            raise _missing(keys)
        parent[key] = value
        return
    if key == "-":
        if kind == "replace":
            raise _missing(keys)
        parent.append(value)
        return
    position = _position(parent, key, keys, end_allowed=kind != "replace")
    if kind == "add" or position == len(parent):
        parent.insert(position, value)
    else:
        parent[position] = value


def _take(document: dict[str, Any], keys: list[str]) -> Any:
    parent, key = _parent(document, keys), keys[-1]
    if isinstance(parent, list):
        return parent.pop(_position(parent, key, keys, end_allowed=False))
    if key not in parent:
        raise _missing(keys)
    return parent.pop(key)


def _increment(document: dict[str, Any], keys: list[str], amount: Any) -> None:
    if not _is_number(amount):
        raise bad_request("The patch operation 'incr' needs a number.")
    parent, key = _parent(document, keys), keys[-1]
    if isinstance(parent, dict) and key not in parent:
        parent[key] = amount
        return
    place: Any = (
        key if isinstance(parent, dict) else _position(parent, key, keys, end_allowed=False)
    )
    if not _is_number(parent[place]):
        raise bad_request(f"The value at /{'/'.join(keys)} is not a number.")
    parent[place] = _sum(parent[place], amount)


def _sum(left: float, right: float) -> float:
    try:
        total = left + right
        is_finite = math.isfinite(total)
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise bad_request("The patch operation 'incr' gives a number beyond the range of doubles.")
    return total


def _position(items: list[Any], key: str, keys: list[str], *, end_allowed: bool) -> int:
    if not _is_index(key) or int(key) > len(items) - (0 if end_allowed else 1):
        raise _missing(keys)
    return int(key)


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdecimal()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _missing(keys: list[str]) -> Exception:
    return bad_request(f"For the patch, the path /{'/'.join(keys)} does not exist in the item.")
