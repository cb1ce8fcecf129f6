import pytest

from tests.shared.engine.answers import assert_answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in [1, 2, 3] return i + 1", "[2, 3, 4]"),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in -1..1 return i", "[-1, 0, 1]"),
        ("for i in 1..2, j in [10, 20] return i + j", "[11, 21, 12, 22]"),
        ("for i in 1..3, j in 1..i return j", "[1, 1, 2, 1, 2, 3]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
        ('for d in @"2026-02-27"..@"2026-03-01" return d.day', "[27, 28, 1]"),
        ("for i in [1..3] return i", "[1, 2, 3]"),
        ("for i in (1..4) return i", "[2, 3]"),
        ("for i in [] return i", "[]"),
        ("for i in null return i", "null"),
        ("for i in 1.5..3 return i", "null"),
        ("some i in [1, 2, 3] satisfies i > 2", "true"),
        ("some i in [] satisfies true", "false"),
        ("every i in [] satisfies false", "true"),
        ("every i in [1, 2] satisfies i > 1", "false"),
        ("some i in [null, true] satisfies i", "true"),
        ("every i in [null, true] satisfies i", "null"),
        ('some i in [1] satisfies "yes"', "null"),
    ],
)
def test_loops_answer_as_the_standard_says(text: str, expected: str) -> None:
    assert_answer(text, expected)


def test_each_turn_has_a_scope_of_its_own() -> None:
    assert_answer("for f in (for i in 1..3 return function() i) return f()", "[1, 2, 3]")


def test_partial_is_a_copy() -> None:
    assert_answer("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]")
