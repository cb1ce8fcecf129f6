"""Equivalence against brute force over every value that a cell could tell apart."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from shared.engine.dmn import DecisionTable, compile_model
from shared.engine.dmn.analysis.cells import accepted_by
from shared.engine.dmn.analysis.equivalence import are_equivalent
from shared.engine.dmn.model import Model
from tests.shared.engine.dmn.samples import table_model

NUMBERS = st.sampled_from(["-", "1", "2", "< 2", ">= 2", "[1..3)", "not(2)", "1, 3"])
WORDS = st.sampled_from(["-", '"a"', '"b"', 'not("a")', '"a", "c"'])
ROWS = st.lists(st.tuples(NUMBERS, WORDS, st.sampled_from(["1", "2"])), min_size=1, max_size=4)
POLICIES = st.sampled_from(["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"])


def compiled(rows: list[tuple[str, str, str]], policy: str) -> Model:
    return compile_model(table_model(["n", "w"], rows, hit_policy=policy))


def table_of(model: Model) -> DecisionTable:
    [(_, table)] = model.tables
    return table


@given(ROWS, ROWS, POLICIES)
def test_equivalence_is_what_brute_force_finds(
    one: list[tuple[str, str, str]], other: list[tuple[str, str, str]], policy: str
) -> None:
    left, right = compiled(one, policy), compiled(other, policy)
    grid = product([0, 1, 1.5, 2, 2.5, 3, 4], ["a", "b", "c", "d"])
    asked = [{"n": number, "w": word} for number, word in grid]
    same = all(left.evaluate("D", each).value == right.evaluate("D", each).value for each in asked)
    assert are_equivalent(table_of(left), table_of(right), (None, None)) == same


def test_only_allowed_values_are_looked_at() -> None:
    one = compiled([("1", '"a"', "1"), ("-", "-", "2")], "FIRST")
    other = compiled([("1", '"a"', "1"), ("-", '"a", "b"', "2")], "FIRST")
    allowed = accepted_by('"a", "b"')
    assert are_equivalent(table_of(one), table_of(other), (None, allowed))
    assert not are_equivalent(table_of(one), table_of(other), (None, None))


def test_what_cannot_be_told_is_not_called_equivalent() -> None:
    same = compiled([("? > 1", "-", "1")], "UNIQUE")
    assert not are_equivalent(table_of(same), table_of(same), (None, None))
    mixed = compiled([("1", "-", "1"), ('"one"', "-", "1")], "FIRST")
    assert not are_equivalent(table_of(mixed), table_of(mixed), (None, None))
