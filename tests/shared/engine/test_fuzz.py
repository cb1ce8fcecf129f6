"""Bad input: whatever the text, only the documented errors, and always an end.

Three sources of texts: characters at random, grammar at random, and real expressions mutated.
Hypothesis prints the failing text; `FUZZ_EXAMPLES=20000` runs more of it.
"""

from __future__ import annotations

import contextlib
import os
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.engine.dmn import compile_model
from shared.engine.feel import LimitExceeded, evaluate, from_python, passes_tests, write
from shared.engine.feel.library import LIBRARY
from shared.engine.feel.regex import compile_pattern
from shared.engine.feel.running import FeelError, Run
from shared.errors import ModelError
from tests.shared.engine.answers import value_of
from tests.shared.engine.dmn.samples import decision, input_data, literal, model, table_model

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "250"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=10_000, suppress_health_check=[HealthCheck.too_slow]
)
PIECES = [
    *"()[]{},:.@-+*/<>=?\"'\\ \n",
    *("..", "**", "<=", ">=", "!=", "->", "//", "/*", "*/", "and", "or", "between", "in"),
    *("instance of", "if", "then", "else", "for", "return", "some", "every", "satisfies"),
    *("function", "external", "true", "false", "null", "not", "list<", "context<", "number"),
    *("1", "0", "1e6000", "1e-6000", ".5", '"a"', '"', "@", '@"P1D"', '@"2026-01-31"', "x", "a b"),
    *("item", "partial", "\x00", "\ud83d", "é", "\U0001f40e"),
]
LEAVES = st.sampled_from(
    ["1", "-2.5", "0", "1e6144", '"a"', '"b c"', "true", "null", "x", "a b", "xs", "[]", "{}",
     '@"2026-01-31"', '@"10:00:00Z"', '@"P1D"', '@"P1M"', "[1..5]", "(< 3)", "item", "count"]
)  # fmt: skip
NAMES = st.sampled_from(sorted(LIBRARY))
VARIABLES = {"x": 3, "a b": "text", "xs": [1, {"x": 2}, None]}


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", "<=", "and", "or"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{k: {}, x: {}}}".format, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({}).k".format, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("(for i in {} return {})".format, inner, inner),
        st.builds("(some i in {} satisfies {})".format, inner, inner),
        st.builds("({} in ({}, > {}))".format, inner, inner, inner),
        st.builds("({} between {} and {})".format, inner, inner, inner),
        st.builds("(function(x) {})({})".format, inner, inner),
        st.builds("{}({})".format, NAMES, inner),
        st.builds("{}({}, {})".format, NAMES, inner, inner),
        st.builds("{}({}, {}, {})".format, NAMES, inner, inner, inner),
        st.builds("sort({}, function(a, b) {})".format, inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, _compound, max_leaves=14)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals()
    | st.dates() | st.times() | st.datetimes() | st.timedeltas() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)  # fmt: skip


def try_to_evaluate(text: str) -> Any:
    """The value, or None where the text or the evaluation is refused as documented."""
    try:
        return evaluate(text, VARIABLES).value
    except ModelError:
        return None


@FUZZ
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_pieces_of_feel_in_any_order_raise_only_what_is_documented(text: str) -> None:
    try_to_evaluate(text)
    try_to_evaluate(text.replace(" ", ""))


@FUZZ
@given(st.text(max_size=60))
def test_any_characters_raise_only_what_is_documented(text: str) -> None:
    try_to_evaluate(text)
    with contextlib.suppress(ModelError):
        passes_tests(text, 1)


@FUZZ
@given(EXPRESSIONS)
def test_any_well_formed_expression_has_a_value_or_is_stopped(text: str) -> None:
    value = try_to_evaluate(text)
    if isinstance(value, Decimal):
        assert value.is_finite(), text


@FUZZ
@given(EXPRESSIONS, st.data())
def test_a_mutated_expression_raises_only_what_is_documented(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    try_to_evaluate(text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:])


@FUZZ
@given(st.text("ab()[]{}*+?|.\\^$-123,pPdwsic ", max_size=25), st.text("ab \n", max_size=25))
def test_any_pattern_matches_or_is_refused(pattern: str, text: str) -> None:
    try:
        compile_pattern(pattern, "").search(text, 0, Run())
        compile_pattern(pattern, "i").replace(text, "$1", Run())
    except (FeelError, LimitExceeded):
        pass


@FUZZ
@given(VALUES)
def test_any_python_value_becomes_a_value_or_is_refused(value: object) -> None:
    try:
        converted = from_python(value)
    except FeelError:
        return
    assert from_python(converted) == converted or converted != converted  # noqa: PLR0124 - NaN


@FUZZ
@given(st.sampled_from(["> 5", "[1..3]", '"a"', "-", "? = 1", "not(2)"]), VALUES)
def test_a_table_takes_any_input(cell: str, value: object) -> None:
    compiled = compile_model(table_model(["n"], [[cell, "1"], ["-", "2"]], hit_policy="FIRST"))
    assert compiled.evaluate("D", {"n": value}).value in (1, 2)


DOCUMENT = model(
    input_data("n", "number"),
    decision("d", literal("n + 1", "number"), needs=["i_n"]),
    table_model(["m"], [["> 5", '"a"']]).split(">", 1)[1].removesuffix("</definitions>"),
)


@FUZZ
@given(st.data())
def test_a_mutated_model_is_read_or_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(DOCUMENT)))
    end = data.draw(st.integers(start, min(len(DOCUMENT), start + 40)))
    piece = data.draw(st.sampled_from(["", "<", ">", '"', "decision", "#i_n", "&amp;", "&x;", "1"]))
    text = DOCUMENT[:start] + piece + DOCUMENT[end:]
    for lenient in (True, False):
        try:
            compiled = compile_model(text, lenient=lenient)
            for name in compiled.decisions:
                compiled.evaluate(name, {"n": 1, "m": 2})
        except ModelError:
            pass


@given(st.decimals(-(10**20), 10**20, places=6), st.decimals(-(10**20), 10**20, places=6))
def test_arithmetic_is_that_of_decimals(a: Decimal, b: Decimal) -> None:
    assert value_of("a + b - b = a", a=a, b=b) is True
    assert value_of("a < b or a = b or a > b", a=a, b=b) is True
    assert value_of("-(-a) = a", a=a) is True


WRITTEN = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text('ab"\\ é', max_size=4)


@given(st.lists(WRITTEN | st.lists(WRITTEN | st.lists(WRITTEN), max_size=3), max_size=3))
def test_what_is_written_reads_back(value: object) -> None:
    text = write([from_python(value)])
    assert value_of(text) == [from_python(value)]


@pytest.mark.parametrize("count", [10, 40])
@pytest.mark.timeout(30)
def test_nested_names_calls_and_filters_take_no_exponential_time(count: int) -> None:
    for text in (
        "x" + "[x" * count + "]" * count,
        "f(" * count + ")" * count,
        "a b " * count,
        "{k: " * count + "1" + "}" * count,
        "if true then " * count + "1" + " else 2" * count,
        "not(" * count + "true" + ")" * count,
        "x in (" * count + "1" + ")" * count,
        "for i in [1] return " * count + "i",
    ):
        try_to_evaluate(text)
