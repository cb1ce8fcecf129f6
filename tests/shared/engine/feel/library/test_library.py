"""Built-ins, mostly by the examples that the standard prints beside them (DMN 1.5, 10.3.4)."""

import pytest

from shared.engine.feel.library import LIBRARY
from tests.shared.engine.answers import assert_answer, reasons_of

CONVERSION = [
    ('number("1 000,0", " ", ",")', "1000.0"),
    ('number("1,000.5", ",", ".")', "1000.5"),
    ('number("1", ",", ",")', "null"),
    ('number("x")', "null"),
    ("string(1.1)", '"1.1"'),
    ("string(null) = null", "true"),
    ('string([1, "a", {b: null}])', '"[1, \\"a\\", {b: null}]"'),
    ('string(@"P1Y2M")', '"P1Y2M"'),
    ("string(function() 1)", "null"),
    ("not(true)", "false"),
    ("not(null) = null", "true"),
    ('range("[18..21)") = [18..21)', "true"),
    ('range("(..)")', "null"),
    ('is(date("2012-12-25"), time("23:00:50"))', "false"),
    ('is(date("2012-12-25"), date("2012-12-25"))', "true"),
    ('is(time("23:00:50z"), time("23:00:50"))', "false"),
    ('is(time("23:00:50Z"), time("23:00:50+00:00"))', "true"),
]
TEXT = [
    ('substring("foobar", 3)', '"obar"'),
    ('substring("foobar", 3, 3)', '"oba"'),
    ('substring("foobar", -2, 1)', '"a"'),
    ('substring("\\U01F40Eab", 2)', '"ab"'),
    ('substring("foobar", 0)', "null"),
    ('string length("\\U01F40Eab")', "3"),
    ('upper case("aBc4")', '"ABC4"'),
    ('lower case("aBc4")', '"abc4"'),
    ('substring before("foobar", "bar")', '"foo"'),
    ('substring before("foobar", "xyz")', '""'),
    ('substring after("foobar", "ob")', '"ar"'),
    ('substring after("", "a")', '""'),
    ('contains("foobar", "of")', "false"),
    ('starts with("foobar", "fo")', "true"),
    ('ends with("foobar", "r")', "true"),
    ('string join(["a", "b", "c"], "_and_")', '"a_and_b_and_c"'),
    ('string join(["a", null, "c"])', '"ac"'),
    ("string join([1])", "null"),
    ('matches("foobar", "^fo*b")', "true"),
]
LISTS = [
    ("list contains([1, 2, null], null)", "true"),
    ("count([1, 2, [3]])", "3"),
    ("count(null)", "null"),
    ("min([1, 2, 3])", "1"),
    ("min(1)", "1"),
    ("min([]) = null", "true"),
    ('max("a", "b")', '"b"'),
    ('max(1, "b")', "null"),
    ("sum([1, 2, 3])", "6"),
    ("sum([])", "null"),
    ("mean(1, 2, 3)", "2"),
    ("all([false, null, true])", "false"),
    ("all([])", "true"),
    ("all([null])", "null"),
    ("any([])", "false"),
    ("any(false, null, true)", "true"),
    ("sublist([4, 5, 6], 1, 2)", "[4, 5]"),
    ("sublist([4, 5, 6], -2)", "[5, 6]"),
    ("append([1], 2, 3)", "[1, 2, 3]"),
    ("concatenate([1, 2], [3])", "[1, 2, 3]"),
    ("insert before([1, 3], 1, 2)", "[2, 1, 3]"),
    ("remove([1, 2, 3], 2)", "[1, 3]"),
    ("remove([1], 2)", "null"),
    ("list replace([2, 4, 7, 8], 3, 6)", "[2, 4, 6, 8]"),
    ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]"),
    ("list replace([2], function(item, newItem) 1, 5)", "null"),
    ("reverse([1, 2, 3])", "[3, 2, 1]"),
    ("index of([1, 2, 3, 2], 2)", "[2, 4]"),
    ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 2, 3, 2, 1])", "[1, 2, 3]"),
    ("flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]"),
    ("product([2, 3, 4])", "24"),
    ("median(8, 2, 5, 3, 4)", "4"),
    ("median([6, 1, 2, 3])", "2.5"),
    ("stddev([2, 4, 7, 5]) * stddev([2, 4, 7, 5]) - 13 / 3 < 1e-30", "true"),
    ("stddev(1)", "null"),
    ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
    ("mode([])", "[]"),
    ("sort([3, 1, 4, 5, 2], function(x, y) x < y)", "[1, 2, 3, 4, 5]"),
    ("sort([1, 2], function(x, y) 1)", "null"),
]
NUMBERS = [
    ("decimal(1/3, 2)", ".33"),
    ("decimal(2.5, 0)", "2"),
    ("decimal(1, 7000)", "null"),
    ("floor(-1.5)", "-2"),
    ("floor(-1.56, 1)", "-1.6"),
    ("ceiling(1.56, 1)", "1.6"),
    ("round up(-5.5, 0)", "-6"),
    ("round down(-5.5, 0)", "-5"),
    ("round half up(-5.5, 0)", "-6"),
    ("round half down(-5.5, 0)", "-5"),
    ("round half up(1.126, 2)", "1.13"),
    ("abs(-10)", "10"),
    ('abs(@"-PT5H")', '@"PT5H"'),
    ('abs(@"-P5M")', '@"P5M"'),
    ("modulo(-12, 5)", "3"),
    ("modulo(12, -5)", "-3"),
    ("modulo(10.1, 4.5)", "1.1"),
    ("modulo(1, 0)", "null"),
    ("sqrt(16)", "4"),
    ("sqrt(-1)", "null"),
    ("decimal(log(10), 8)", "2.30258509"),
    ("log(0)", "null"),
    ("decimal(exp(5), 8)", "148.41315910"),
    ("odd(5)", "true"),
    ("odd(-5)", "true"),
    ("even(5)", "false"),
]
MOMENTS = [
    ('date("2012-12-25").month', "12"),
    ("date(2012, 12, 25)", '@"2012-12-25"'),
    ("date(2012, 13, 25)", "null"),
    ('date("2023-02-29")', "null"),
    ('date(date and time("2012-12-25T11:00:00Z"))', '@"2012-12-25"'),
    ('date and time(@"2012-12-24", @"23:59:00Z")', '@"2012-12-24T23:59:00Z"'),
    ('time("23:59:00z")', "null"),
    ('time(11, 45, 30.5, duration("-PT5H")) = @"11:45:30.5-05:00"', "true"),
    ("time(25, 0, 0)", "null"),
    ('duration("P2DT20H14M").hours', "20"),
    ('duration("P2Y2M").years', "2"),
    ('duration("P1Y1D")', "null"),
    ('years and months duration(@"2011-12-22", @"2013-08-24")', '@"P1Y8M"'),
    ('years and months duration(@"2013-08-24", @"2011-12-22")', '@"-P1Y8M"'),
    ("day of year(date(2019, 9, 17))", "260"),
    ("day of week(date(2019, 9, 17))", '"Tuesday"'),
    ("month of year(date(2019, 9, 17))", '"September"'),
    ("week of year(date(2005, 1, 1))", "53"),
    ('week of year(@"2003-12-29T10:00:00")', "1"),
    ('@"2012-12-25".weekday', "2"),
    ('@"2012-12-25T11:00:00+02:00".time offset', '@"PT2H"'),
    ('@"2012-12-25T11:00:00@Europe/Paris".timezone', '"Europe/Paris"'),
]
INTERVALS = [
    ("before(1, 10)", "true"),
    ("before([1..5), 5)", "true"),
    ("before([1..5], 5)", "false"),
    ("before([1..10), [10..20])", "true"),
    ("after([5..10], 4)", "true"),
    ("after((10..20], 10)", "true"),
    ("meets([1..5], [5..10])", "true"),
    ("meets([1..5), [5..10])", "false"),
    ("met by([5..10], [1..5])", "true"),
    ("overlaps([1..5], [3..8])", "true"),
    ("overlaps([1..5), [5..8])", "false"),
    ("overlaps before([1..5], [3..8])", "true"),
    ("overlaps before([1..5], [1..8])", "false"),
    ("overlaps after([3..8], [1..5])", "true"),
    ("finishes(10, [1..10])", "true"),
    ("finishes([5..10], [1..10])", "true"),
    ("finishes([5..10), [1..10])", "false"),
    ("finished by([1..10], 10)", "true"),
    ("includes([1..10], 5)", "true"),
    ("includes((1..10], (1..10])", "true"),
    ("during(5, [1..10])", "true"),
    ("during([4..6], [1..10))", "true"),
    ("starts(1, [1..10])", "true"),
    ("starts([1..5], [1..10])", "true"),
    ("started by([1..10], [1..5])", "true"),
    ("coincides(5, 5)", "true"),
    ("coincides([1..5], [1..5))", "false"),
    ("coincides([1..5], 5)", "null"),
    ('before(1, "a")', "null"),
]
CONTEXTS = [
    ('get value({key1: "value1"}, "key1")', '"value1"'),
    ('get value({a: 1}, "b") = null', "true"),
    ('get entries({a: 1}) = [{key: "a", value: 1}]', "true"),
    ('context([{key: "a", value: 1}, {key: "b", value: 2}])', "{a: 1, b: 2}"),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
    ('context put({x: 1}, "y", 2)', "{x: 1, y: 2}"),
    ('context put({x: 1, y: {a: 0}}, ["y", "a"], 2)', "{x: 1, y: {a: 2}}"),
    ('context put({x: 1}, ["y", "a"], 2)', "null"),
    ("context merge([{x: 1}, {y: 2}, {x: 3}])", "{x: 3, y: 2}"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        case
        for family in (CONVERSION, TEXT, LISTS, NUMBERS, MOMENTS, INTERVALS, CONTEXTS)
        for case in family
    ],
)
def test_a_built_in_answers_as_the_standard_says(text: str, expected: str) -> None:
    assert_answer(text, expected)


def test_every_built_in_of_the_standard_is_there() -> None:
    assert set(LIBRARY) == {
        *("date", "date and time", "time", "number", "string", "duration", "not", "range"),
        *("years and months duration", "substring", "string length", "upper case", "lower case"),
        *("substring before", "substring after", "replace", "contains", "starts with"),
        *("ends with", "matches", "split", "string join", "list contains", "count", "min", "max"),
        *("sum", "mean", "all", "any", "sublist", "append", "concatenate", "insert before"),
        *("remove", "list replace", "reverse", "index of", "union", "distinct values", "flatten"),
        *("product", "median", "stddev", "mode", "decimal", "floor", "ceiling", "round up"),
        *("round down", "round half up", "round half down", "abs", "modulo", "sqrt", "log"),
        *("exp", "odd", "even", "is", "before", "after", "meets", "met by", "overlaps"),
        *("overlaps before", "overlaps after", "finishes", "finished by", "includes", "during"),
        *("starts", "started by", "coincides", "day of year", "day of week", "month of year"),
        *("week of year", "sort", "get value", "get entries", "context", "context put"),
        *("context merge", "now", "today"),
    }


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_a_built_in_never_raises_whatever_it_is_given(name: str) -> None:
    arguments = ["null", "1", '"a"', "[1]", "{a: 1}", '@"2026-01-01"', "[1..2]", "function(x) x"]
    for count in range(4):
        for argument in arguments:
            reasons_of(f"{name}({', '.join([argument] * count)})")
