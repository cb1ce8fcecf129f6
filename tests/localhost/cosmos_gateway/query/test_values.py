from localhost.cosmos_gateway.query.values import UNDEFINED, is_equal, is_number, order


def test_values_of_different_types_differ_and_have_no_order() -> None:
    assert is_equal(1, 1.0) is True
    assert is_equal("a", "b") is False
    assert is_equal(1, "1") is False
    assert is_equal([1], {"a": 1}) is False
    assert is_equal(1, UNDEFINED) is UNDEFINED
    assert is_equal(UNDEFINED, UNDEFINED) is UNDEFINED
    assert order(1, 2) == -1
    assert order("b", "a") == 1
    assert order(True, False) == 1  # noqa: FBT003 - values to compare
    assert order(None, 0) is UNDEFINED
    assert order([1], [2]) is UNDEFINED


def test_numbers_are_doubles() -> None:
    assert is_equal(2**53, 2**53 + 1) is True
    assert order(10**400, 10**399) == 0
    assert is_number(1.5)
    assert not is_number(True)  # noqa: FBT003 - a value to test
