import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localhost.cosmos_gateway.keys import after_prefix, decode, encode

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(max_size=20),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)


def rank(value: Any) -> tuple[int, Any]:
    if value is None:
        return (1, 0)
    if isinstance(value, bool):
        return (2, value)
    return (3, value) if isinstance(value, int | float) else (4, value)


@given(SCALARS, SCALARS)
def test_keys_sort_as_cosmos_db_sorts_values(left: object, right: object) -> None:
    assert (encode(left) < encode(right)) == (rank(left) < rank(right))


@given(VALUES)
def test_a_key_holds_its_value(value: object) -> None:
    assert json.dumps(decode(encode(value)), sort_keys=True) == json.dumps(
        json.loads(encode(value)[1:]) if isinstance(value, list | dict) else decode(encode(value)),
        sort_keys=True,
    )
    if not isinstance(value, list | dict):
        assert decode(encode(value)) == value


@given(st.text(max_size=5), st.text(max_size=5))
def test_texts_that_begin_with_a_prefix_lie_before_the_end_of_its_span(
    prefix: str, rest: str
) -> None:
    key = encode(prefix)
    assert key <= encode(prefix + rest) < after_prefix(key)


def test_types_come_in_cosmos_db_order() -> None:
    values: list[Any] = [None, False, True, -math.inf, -1, 0, 0.5, 2**60, "", "a", "b", [], {}]
    assert [encode(v) for v in values] == sorted(encode(v) for v in values)
    assert encode(object()) == b"" < encode(None)


def test_equal_values_have_equal_keys() -> None:
    assert encode(1) == encode(1.0)
    assert encode(0.0) == encode(-0.0)
    assert encode({"a": 1, "b": [1.0]}) == encode({"b": [1], "a": 1.0})
    assert encode(True) != encode(1)  # noqa: FBT003 - a value to encode
    assert encode([True]) != encode([1])
