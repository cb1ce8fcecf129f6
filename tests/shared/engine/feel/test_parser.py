import pytest

from shared.engine.feel import compile_expression, evaluate
from shared.engine.feel.syntax import Arithmetic, Filter, Path, walk
from shared.errors import ModelError
from tests.shared.engine.answers import assert_answer, value_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("2 ** 3 ** 2", "64"),
        ("-2 ** 2", "4"),
        ("2 ** -1", "0.5"),
        ("--1", "1"),
        (".5 + 1.25e2", "125.5"),
        ("1 + 2 = 3 and not(1 = 2)", "true"),
        ("true or false and false", "true"),
        ("1 < 2 and 2 < 3", "true"),
        ("2 between 1 and 3 and true", "true"),
        ("1 in (2, 1)", "true"),
        ("1 in (> 0)", "true"),
        ("if 1 > 2 then 3 else 4 + 5", "9"),
        ("for i in 1..3 return i * 2", "[2, 4, 6]"),
        ("some i in [1, 2] satisfies i > 1", "true"),
        ("every i in [1, 2], j in [3] satisfies i < j", "true"),
        ("(function(a, b) a + b)(1, 2)", "3"),
        ("(function(a: number, b: number) a - b)(b: 1, a: 5)", "4"),
        ("[1, 2, 3][-1]", "3"),
        ("[[1, 2], [3]][2][1]", "3"),
        ("{a: {b: 1}}.a.b", "1"),
        ("{a: 1, b: a + 1}.b", "2"),
        ('{"a b": 1}.a b', "1"),
        ("{a+b: 1, c: a+b}.c", "1"),
        ("1 /* one */ + // two\n 2", "3"),
        ('"a\\u0041\\n" = "aA\n"', "true"),
        ('"\\U01F40E"', '"\U0001f40e"'),
        ("[1..3] = [1..3]", "true"),
        ("2 in ]1..3[", "true"),
        ("1 in (1..3]", "false"),
        ("3 in [1..3[", "false"),
        ("5 instance of number", "true"),
        ("[1] instance of list<number>", "true"),
        ("{a: 1} instance of context<a: number>", "true"),
        ("(function(x: number) x) instance of function<number> -> Any", "true"),
        ('date and time("2017-03-10T11:45:30").year', "2017"),
        ('@"P1D" + @"P2D"', '@"P3D"'),
    ],
)
def test_an_expression_reads_as_the_standard_says(text: str, expected: str) -> None:
    assert_answer(text, expected)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("1 +", 4),
        ("(1", 3),
        ("[1, 2", 6),
        ("{a 1}", 2),
        ("{a: 1, a: 2}", 9),
        ("if true then 1", 15),
        ("for in [1] return 1", 5),
        ("for i [1] return i", 5),
        ("function(1) 2", 10),
        ("1 2", 3),
        ("f(a: 1, 2)", 9),
        ("1 instance number", 12),
        ("1 in", 5),
        ('"open', 1),
        ("@1", 3),
        ("a.1", 2),
        ("1 # 2", 3),
        ("< 5", 1),
    ],
)
def test_a_text_that_is_no_feel_is_refused_at_its_column(text: str, column: int) -> None:
    with pytest.raises(ModelError) as caught:
        compile_expression(text)
    assert caught.value.column == column


def test_names_with_spaces_and_operators_depend_on_the_scope() -> None:
    assert value_of("a-b", a=5, b=3) == 2
    assert value_of("a-b", **{"a": 5, "b": 3, "a-b": 7}) == 7
    assert value_of("loan  amount / 2", **{"loan amount": 10}) == 5
    assert (
        value_of("person.first name", person={"first name": "Ada"}, **{"first name": ""}) == "Ada"
    )
    assert value_of("for loop var in [1, 2] return loop var * 2") == [2, 4]
    assert value_of("(function(first arg) first arg + 1)(first arg: 2)") == 3


def test_the_longest_known_name_wins() -> None:
    names = {"date": 1, "date and time": 2, "time": 3}
    assert value_of("date and time", **names) == 2


def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack() -> None:
    for text in ("(" * 500 + "1" + ")" * 500, "[" * 500, "-" * 500 + "1", "{a:" * 200):
        with pytest.raises(ModelError):
            compile_expression(text)


@pytest.mark.timeout(20)
def test_no_text_takes_exponential_time() -> None:
    for text in ("[1..a[ " * 60, "x in (" * 60, "1 in (1, (" * 40, "]1..2[" * 60):
        with pytest.raises(ModelError):
            compile_expression(text)


def test_a_long_chain_is_refused_or_evaluated() -> None:
    assert evaluate("+".join(["1"] * 200)).value == 200
    with pytest.raises(ModelError, match="nested too deeply"):
        evaluate("+".join(["1"] * 20_000))


def test_the_tree_can_be_walked() -> None:
    tree = compile_expression("a.b[item > 1] + 2").tree
    kinds = {type(node) for node in walk(tree)}
    assert {Arithmetic, Filter, Path} <= kinds
    assert tree.column == 14
