import pytest

from shared.engine.feel import evaluate
from shared.errors import ModelError
from tests.shared.engine.answers import value_of


@pytest.mark.parametrize(
    ("value", "kind", "belongs"),
    [
        ("1", "number", True),
        ("1", "string", False),
        ("1", "Any", True),
        ("null", "number", False),
        ("null", "Null", True),
        ("1", "Null", False),
        ('@"P1D"', "days and time duration", True),
        ('@"P1M"', "years and months duration", True),
        ('@"2026-01-01"', "date", True),
        ('@"2026-01-01"', "date and time", False),
        ("[1, null]", "list<number>", True),
        ('[1, "a"]', "list<number>", False),
        ("[[1]]", "list<list<number>>", True),
        ("1", "list<number>", False),
        ("{a: 1, b: 2}", "context<a: number>", True),
        ("{b: 2}", "context<a: number>", False),
        ("[1..2]", "range<number>", True),
        ("[1..2]", "range<string>", False),
        ("abs", "function", True),
        ("1", "function", False),
        ("function(x: number) x", "function<number> -> Any", True),
        ("function(x: number) x", "function<number, number> -> Any", False),
        ("function(x) x", "function<number> -> Any", True),
        ("function(x: list<Any>) x", "function<list<number>> -> Any", True),
        ("function(x: list<number>) x", "function<list<Any>> -> Any", False),
        ("function(x: range<Any>) x", "function<range<number>> -> Any", True),
        ("function(x: context<a: Any>) x", "function<context<a: number, b: date>> -> Any", True),
        ("function(x: context<a: date>) x", "function<context<a: number>> -> Any", False),
        ("function(f: function<number> -> Any) 1", "function<function<Any> -> Any> -> Any", True),
        ("function(f: function<number> -> Any) 1", "function<function<> -> Any> -> Any", False),
        ("function(f: function) 1", "function<function<Any> -> Any> -> Any", True),
    ],
)
def test_a_value_is_an_instance_of_a_type_or_not(value: str, kind: str, belongs: bool) -> None:  # noqa: FBT001 - a table of cases
    assert value_of(f"({value}) instance of {kind}") is belongs


@pytest.mark.parametrize("kind", ["nothing", "list<number, number>", "range<number, string>"])
def test_a_type_that_is_not_there_is_refused(kind: str) -> None:
    with pytest.raises(ModelError):
        evaluate(f"1 instance of {kind}")
