import pytest

from tests.shared.engine.answers import assert_answer, reasons_of, value_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{f: function(x) x * 2, r: f(4)}.r", "8"),
        ("{f: function(x) if x = 0 then 1 else x * f(x - 1), r: f(5)}.r", "120"),
        ("(function(x) function(y) x + y)(1)(2)", "3"),
        ("[function(x) x + 1][1](1)", "2"),
        ("(function(x: number) x)([1])", "1"),
        ("(function(x: list<number>) x)(1)", "[1]"),
        ('(function(x: date and time) x.hour)(@"2026-01-01")', "0"),
        ('(function(x: number) x)("a")', "null"),
        ("(function(x) x)()", "null"),
        ("(function(x) x)(y: 1)", "null"),
        ("(1)(2)", "null"),
        ("unknown(1)", "null"),
        ("abs()", "null"),
        ("abs(1, 2)", "null"),
        ("abs(n: -1)", "1"),
        ("abs(m: -1)", "null"),
        ('string length(["a"])', "1"),
        ("max(1, 2, 3)", "3"),
        ('(function(x) external {java: {class: "A", method: "b"}})(1)', "null"),
    ],
)
def test_calls_answer_as_the_standard_says(text: str, expected: str) -> None:
    assert_answer(text, expected)


def test_a_value_does_not_hide_the_built_in_of_its_name() -> None:
    assert value_of("[{count: 3, xs: [1]}][count(xs) = 1].count") == [3]


def test_a_function_of_the_scope_hides_the_built_in_of_its_name() -> None:
    assert value_of("{abs: function(n) 7, r: abs(-1)}.r") == 7


def test_the_reason_names_the_function_and_the_parameter() -> None:
    assert reasons_of('substring("abc", "x")') == [
        "substring(): 'start position' is of the wrong type"
    ]
