import pytest

from shared.engine.feel import compile_tests, passes_tests
from tests.shared.engine.answers import assert_answer


@pytest.mark.parametrize(
    ("tests", "value", "passes"),
    [
        ("-", None, True),
        ("", 1, True),
        ("5", 5, True),
        ("5", 6, False),
        ("5", None, False),
        ("null", None, True),
        ("null", 1, False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ('not("a")', None, True),
        ("not(< 5)", 7, True),
        ("< 5", 4, True),
        ("< 5", None, False),
        ("<= 5, > 10", 11, True),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("true", True, True),
        ("true", False, False),
        ("? > 5 and ? < 9", 7, True),
        ("odd(?)", 3, True),
        ('starts with(?, "a")', "abc", True),
        ("[1, 2, 3]", 2, True),
        ("list contains(?, 2)", [1, 2], True),
        ('< date("2026-02-01")', "no date", False),
        ("= 5", 5, True),
        ("!= 5", 4, True),
        ("limit", 3, True),
        ("limit > 2", "whatever", True),
        ("limit > 5", "whatever", False),
        ("not(limit)", 3, False),
    ],
)
def test_a_cell_passes_as_the_standard_says(tests: str, value: object, passes: bool) -> None:  # noqa: FBT001 - a table of cases
    assert passes_tests(tests, value, {"limit": 3}) is passes


def test_a_value_that_cannot_be_compared_fails_with_a_reason() -> None:
    outcome = compile_tests("< 5", element="Fee, rule 2").evaluate({"?": "a"})
    assert outcome.value is False
    assert outcome.diagnostics[0].message == "a string and a number have no order"
    assert outcome.diagnostics[0].element == "Fee, rule 2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in [1..10]", "true"),
        ("5 in (1, 5)", "true"),
        ("5 in [[1..3], [4..6]]", "true"),
        ("5 in (< 3, > 4)", "true"),
        ('"b" in ["a", "b"]', "true"),
        ("[1, 2] in [[1, 2]]", "true"),
        ("5 in (null..10]", "null"),
        ('"a" in < 5', "null"),
        ("(< 10) = (< 10)", "true"),
        ("(=10) = [10..10]", "false"),
        ("10 in (!= 10)", "false"),
        ("(<= 10).end included", "true"),
    ],
)
def test_in_answers_as_the_standard_says(text: str, expected: str) -> None:
    assert_answer(text, expected)
