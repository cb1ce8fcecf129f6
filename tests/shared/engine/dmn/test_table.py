from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.dmn import compile_model
from shared.engine.feel.temporal import parse_date
from shared.errors import ModelError
from tests.shared.engine.dmn.samples import table_model

GRADES = [["> 10", '"high"'], ["> 5", '"middle"'], ["-", '"low"']]


def answer(xml: str, **inputs: object) -> Any:
    return compile_model(xml).evaluate("D", inputs)


@pytest.mark.parametrize(
    ("hit_policy", "value", "expected"),
    [
        ("FIRST", 20, "high"),
        ("FIRST", 7, "middle"),
        ("RULE ORDER", 20, ["high", "middle", "low"]),
        ("COLLECT", 7, ["middle", "low"]),
        ("PRIORITY", 20, "low"),
        ("OUTPUT ORDER", 20, ["low", "middle", "high"]),
    ],
)
def test_a_hit_policy_chooses_among_the_rules_that_match(
    hit_policy: str, value: int, expected: object
) -> None:
    xml = table_model(["n"], GRADES, hit_policy=hit_policy, allowed='"low", "middle", "high"')
    assert answer(xml, n=value).value == expected


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)]
)
def test_collect_aggregates(aggregation: str, expected: int) -> None:
    rules = [["> 1", "1"], ["> 2", "2"], ["> 3", "3"]]
    xml = table_model(["n"], rules, hit_policy="COLLECT", aggregation=aggregation)
    assert answer(xml, n=9).value == Decimal(expected)


def test_unique_answers_null_and_names_the_rules_that_all_match() -> None:
    result = answer(table_model(["n"], GRADES), n=20)
    assert result.value is None
    assert result.diagnostics[0].message == "hit policy UNIQUE, but rules 1, 2, 3 match"
    assert [match.rule for match in result.matched] == [1, 2, 3]


def test_any_wants_the_same_output_of_all() -> None:
    same = [["> 1", '"a"'], ["> 2", '"a"']]
    different = [["> 1", '"a"'], ["> 2", '"b"']]
    assert answer(table_model(["n"], same, hit_policy="ANY"), n=9).value == "a"
    assert answer(table_model(["n"], different, hit_policy="ANY"), n=9).value is None


def test_no_match_answers_the_default_or_null_with_a_reason() -> None:
    rules = [["> 10", '"high"']]
    assert answer(table_model(["n"], rules, default='"none"'), n=1).value == "none"
    result = answer(table_model(["n"], rules), n=1)
    assert result.value is None
    assert result.diagnostics[0].message == "no rule of the table matches"


def test_several_outputs_make_a_context() -> None:
    xml = table_model(["n"], [["> 1", '"a"', "n * 2"]], outputs=("name", "twice"))
    assert answer(xml, n=4).value == {"name": "a", "twice": Decimal(8)}


def test_the_matched_rule_is_told_by_decision_number_and_id() -> None:
    match = answer(table_model(["n"], GRADES, hit_policy="FIRST"), n=7).matched[0]
    assert (match.decision, match.rule, match.rule_id) == ("D", 2, "r2")


def test_cells_may_be_more_than_literals() -> None:
    rules = [
        ["? > limit", "-", '"over"'],
        ["null", "-", '"missing"'],
        ["limit", "-", '"at"'],
        ["-", "-", '"under"'],
    ]
    xml = table_model(["n", "limit"], rules, hit_policy="FIRST")
    assert answer(xml, n=6, limit=5).value == "over"
    assert answer(xml, n=5, limit=5).value == "at"
    assert answer(xml, n=4, limit=5).value == "under"
    assert answer(xml, n=None, limit=5).value == "missing"


def test_a_null_input_fails_comparisons_with_one_reason_for_the_column() -> None:
    result = answer(table_model(["n"], [*GRADES[:2]], hit_policy="FIRST"), n=None)
    assert result.value is None
    assert [d.message for d in result.diagnostics] == [
        "a null and a number have no order",
        "no rule of the table matches",
    ]
    assert result.diagnostics[0].element == "D, input n"


def test_a_value_outside_the_allowed_ones_is_reported() -> None:
    xml = table_model(["s"], [["-", "1"]], allowed_inputs='"a", "b"')
    assert answer(xml, s="a").diagnostics == ()
    assert answer(xml, s="c").diagnostics[0].message == "the value is not among the allowed values"


def test_a_broken_cell_is_named_with_its_rule_and_column() -> None:
    xml = table_model(["n"], [["> 1", "1"], ["> > 2", "2"]])
    with pytest.raises(ModelError, match=r"fee.dmn, D, rule 2, n, column 3: expected an") as caught:
        compile_model(xml, file="fee.dmn")
    assert (caught.value.file, caught.value.element) == ("fee.dmn", "D, rule 2, n")


def test_priority_without_its_output_values_is_refused() -> None:
    with pytest.raises(ModelError, match="PRIORITY needs the output values"):
        compile_model(table_model(["n"], GRADES, hit_policy="PRIORITY"))


CELLS = st.sampled_from(
    ["-", "", "1", "3", "1, 5", "not(3)", "not(1, [4..6])", "< 2", ">= 4", "[2..4]", "(2..4)",
     "]2..4]", "[2..4[", "[1..2], [4..5)", "= 3", "-1", "< -1, > 5", "null", "? = 3", "2 + 1",
     '"a"', "[1, 2]", "true"]
)  # fmt: skip
VALUES = st.sampled_from(
    [None, -1, 0, 1, 1.5, 2, 3, 4, 4.5, 5, 6, 7, "a", "b", True, False, [1, 2]]
)


@given(st.lists(CELLS, min_size=1, max_size=12), VALUES)
def test_the_index_of_a_column_agrees_with_asking_every_cell(
    cells: list[str], value: object
) -> None:
    xml = table_model(["n"], [[cell, str(i)] for i, cell in enumerate(cells)], hit_policy="COLLECT")
    result = compile_model(xml).evaluate("D", {"n": value}, trace=True)
    asked = [row.rule for row in result.trace[0].rows if all(c.matched for c in row.cells)]
    assert [match.rule for match in result.matched] == asked


DAYS = st.sampled_from(["2026-01-01", "2026-01-15", "2026-02-01", "2026-03-01"])


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=6), DAYS)
def test_a_column_of_dates_is_indexed_like_one_of_numbers(
    spans: list[tuple[str, str]], day: str
) -> None:
    cells = [f'[date("{min(span)}")..@"{max(span)}"]' for span in spans]
    xml = table_model(["d"], [[cell, "1"] for cell in cells], hit_policy="COLLECT")
    model = compile_model(xml)
    expected = [i for i, span in enumerate(spans, 1) if min(span) <= day <= max(span)]
    result = model.evaluate("D", {"d": parse_date(day)})
    assert [match.rule for match in result.matched] == expected
