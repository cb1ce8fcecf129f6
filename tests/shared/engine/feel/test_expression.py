from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from shared.engine.feel import (
    Date,
    DaysDuration,
    FeelError,
    LimitExceeded,
    compile_expression,
    compile_tests,
    evaluate,
    passes_tests,
)
from shared.errors import ModelError
from tests.shared.engine.answers import value_of

DOUBLING = (
    "{"
    + "".join(f"{after}: [{','.join([before] * 8)}], " for before, after in pairwise("1abcdefgh"))
    + "r: h = h}.r"
)


def test_an_expression_is_compiled_once_and_evaluated_often() -> None:
    price = compile_expression("unit price * quantity", names=["unit price"])
    assert price.evaluate({"unit price": 2, "quantity": 3}).value == 6
    assert price.evaluate({"unit price": 5, "quantity": 3}).value == 15


def test_plain_python_values_go_in() -> None:
    assert value_of("a + b", a=1, b=0.5) == Decimal("1.5")
    assert value_of("d + w", d=date(2026, 2, 27), w=timedelta(days=2)) == Date(2026, 3, 1)
    assert value_of("xs[2].name", xs=({"name": "a"}, {"name": "b"})) == "b"
    assert value_of("w", w=timedelta(hours=1)) == DaysDuration(3_600_000_000_000)


def test_a_value_without_a_feel_counterpart_is_refused() -> None:
    with pytest.raises(FeelError, match="object"):
        evaluate("a", {"a": object()})
    with pytest.raises(FeelError, match="finite"):
        evaluate("a", {"a": float("nan")})


def test_the_caller_says_what_time_it_is() -> None:
    now = datetime(2026, 5, 17, 8, 30, tzinfo=UTC)
    assert evaluate("today()", now=now).value == Date(2026, 5, 17)
    assert evaluate("string(now())", now=now).value == "2026-05-17T08:30:00Z"
    assert evaluate("now()").diagnostics[0].message == "now(): the caller gave no time"


def test_a_diagnostic_names_the_element_the_text_and_the_column() -> None:
    expression = compile_expression('1 + (2 * "x")', element="Fee")
    first = expression.evaluate().diagnostics[0]
    assert (first.element, first.expression, first.column) == ("Fee", '1 + (2 * "x")', 8)
    assert first.message == "a number and a string cannot be multiplied"


def test_a_broken_text_is_refused_at_its_column() -> None:
    with pytest.raises(ModelError, match="Fee, column 5: expected an expression") as caught:
        compile_expression("1 + * 2", element="Fee")
    assert (caught.value.element, caught.value.column) == ("Fee", 5)


def test_unary_tests_say_whether_a_value_passes() -> None:
    assert passes_tests("[18..65)", 18)
    assert not passes_tests("[18..65)", 65)
    assert passes_tests('not("a", "b")', "c")
    assert passes_tests("-", None)
    assert passes_tests("< limit", 3, {"limit": 4})
    assert passes_tests("count(?) > 1", [1, 2])
    assert compile_tests("> 5").evaluate({"?": 6}).value is True


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000 return i",
        "for i in 1..100000, j in 1..100000 return 0",
        "{f: function(x) f(x), r: f(1)}.r",
        '{f: function(s) f(s + s), r: f("ab")}.r',
        'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "(a+)+b")',
        DOUBLING,
    ],
)
def test_what_would_not_end_is_stopped(text: str) -> None:
    with pytest.raises(LimitExceeded):
        evaluate(text)


def test_a_stopped_evaluation_is_an_error_of_the_model() -> None:
    assert issubclass(LimitExceeded, ModelError)


@pytest.mark.parametrize(
    "text",
    ["__import__", "x.__class__", '"".__class__.__mro__', "[1].append[1]", "{}.keys", "print"],
)
def test_nothing_of_python_is_in_reach(text: str) -> None:
    assert evaluate(text, {"x": 1}).value is None
