from typing import Any

import pytest

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.patching import patched

DOCUMENT = {"id": "1", "pk": "a", "n": 1, "tags": ["x", "y"], "o": {"p": {"q": 1}}}


def apply(*operations: dict[str, Any]) -> Any:
    return patched(DOCUMENT, list(operations), ("pk",))


@pytest.mark.parametrize(
    ("operation", "path", "value"),
    [
        ({"op": "set", "path": "/n", "value": 2}, "n", 2),
        ({"op": "add", "path": "/new", "value": None}, "new", None),
        ({"op": "replace", "path": "/n", "value": "s"}, "n", "s"),
        ({"op": "incr", "path": "/n", "value": 1.5}, "n", 2.5),
        ({"op": "incr", "path": "/fresh", "value": 3}, "fresh", 3),
        ({"op": "add", "path": "/tags/1", "value": "z"}, "tags", ["x", "z", "y"]),
        ({"op": "add", "path": "/tags/-", "value": "z"}, "tags", ["x", "y", "z"]),
        ({"op": "set", "path": "/tags/1", "value": "z"}, "tags", ["x", "z"]),
        ({"op": "remove", "path": "/tags/0"}, "tags", ["y"]),
        ({"op": "set", "path": "/o/p/q", "value": 2}, "o", {"p": {"q": 2}}),
        ({"op": "move", "from": "/o/p", "path": "/moved"}, "moved", {"q": 1}),
    ],
)
def test_an_operation_changes_what_its_path_names(
    operation: dict[str, Any], path: str, value: object
) -> None:
    assert apply(operation)[path] == value
    assert DOCUMENT["n"] == 1
    assert DOCUMENT["tags"] == ["x", "y"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/missing", "value": 1},
        {"op": "remove", "path": "/missing"},
        {"op": "remove", "path": "/tags/2"},
        {"op": "set", "path": "/missing/child", "value": 1},
        {"op": "set", "path": "/n/child", "value": 1},
        {"op": "set", "path": "/tags/9", "value": 1},
        {"op": "set", "path": "/tags/x", "value": 1},
        {"op": "incr", "path": "/tags", "value": 1},
        {"op": "incr", "path": "/n", "value": "1"},
        {"op": "set", "path": "/tags/\u0661", "value": "an Arabic one"},
        {"op": "set", "path": "/n"},
        {"op": "set", "path": "n", "value": 1},
        {"op": "set", "path": "/id", "value": "2"},
        {"op": "set", "path": "/pk", "value": "b"},
        {"op": "move", "from": "/missing", "path": "/n"},
        {"op": "copy", "path": "/n"},
        "set",
    ],
)
def test_an_operation_that_does_not_fit_is_refused(operation: Any) -> None:
    with pytest.raises(ApiError) as refused:
        apply(operation)
    assert refused.value.status == 400


def test_a_patch_has_one_to_ten_operations() -> None:
    step = {"op": "incr", "path": "/n", "value": 1}
    assert apply(*[step] * 10)["n"] == 11
    for operations in ([], [step] * 11, None):
        with pytest.raises(ApiError):
            patched(DOCUMENT, operations, ("pk",))


@pytest.mark.parametrize("value", [1.7e308, 10**308])
def test_an_increment_beyond_the_range_of_doubles_is_refused(value: float) -> None:
    """It was stored as Infinity, which is not JSON, and no later reader could parse the item."""
    with pytest.raises(ApiError, match="range of doubles"):
        patched({"n": 1.7e308}, [{"op": "incr", "path": "/n", "value": value}], ("pk",))
