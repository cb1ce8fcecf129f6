"""Faults put into tables are found, with the cells that cause them; sound tables have none."""

import random
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.dmn import compile_model
from shared.engine.dmn.analysis import Analysis, Finding, Kind, Severity, analyse
from shared.errors import ModelError
from tests.shared.engine.dmn.samples import (
    decision,
    input_data,
    literal,
    model,
    table,
    table_model,
)

SHIPPED = sorted((Path(__file__).parents[5] / "models" / "decisions").glob("*.dmn"))
AGES = [["< 18", '"child"'], ["[18..65)", '"adult"'], [">= 65", '"senior"']]


def found(rules: list[list[str]], hit_policy: str = "UNIQUE", **details: str) -> Analysis:
    inputs = ["n", "w"][: len(rules[0]) - 1]
    return analyse(table_model(inputs, rules, hit_policy=hit_policy, **details), file="t.dmn")


def of(analysis: Analysis, kind: Kind) -> list[Finding]:
    return [finding for finding in analysis.findings if finding.kind is kind]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_no_shipped_table_has_an_error(file: Path) -> None:
    assert analyse(file.read_bytes(), file=file.name).errors == ()


def test_a_sound_table_has_no_findings() -> None:
    assert found(AGES).findings == ()


def test_a_gap_has_an_example_and_the_cells_that_alone_keep_it_out() -> None:
    [gap] = of(found([["< 18", "1"], ["> 18", "2"]]), Kind.GAP)
    assert gap.example == {"n": "18"}
    assert [(cell.rule_id, cell.column, cell.text) for cell in gap.cells] == [
        ("r1", "n", "< 18"),
        ("r2", "n", "> 18"),
    ]


def test_a_default_leaves_no_gap() -> None:
    assert found([["< 18", "1"], ["> 18", "2"]], default="0").findings == ()


def test_without_allowed_values_no_gap_is_claimed_beyond_what_cells_name() -> None:
    analysis = found([['"a"', "1"], ['"b"', "2"]])
    assert of(analysis, Kind.GAP) == []
    [note] = of(analysis, Kind.NOT_ANALYSED)
    assert "has no allowed values" in note.message


def test_with_allowed_values_it_is() -> None:
    analysis = found([['"a"', "1"], ['"b"', "2"]], allowed_inputs='"a", "b", "c"')
    [gap] = of(analysis, Kind.GAP)
    assert gap.example == {"n": '"c"'}


@pytest.mark.parametrize(
    ("hit_policy", "outputs", "is_error"),
    [
        ("UNIQUE", ("1", "1"), True),
        ("ANY", ("1", "2"), True),
        ("ANY", ("1", "1.0"), False),
        ("FIRST", ("1", "2"), False),
        ("COLLECT", ("1", "2"), False),
    ],
)
def test_an_overlap_is_an_error_where_the_hit_policy_forbids_it(
    hit_policy: str,
    outputs: tuple[str, str],
    is_error: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    one, other = outputs
    analysis = found([["<= 18", one], [">= 18", other]], hit_policy)
    assert bool(analysis.errors) == is_error
    if is_error:
        [overlap] = of(analysis, Kind.OVERLAP)
        assert overlap.example == {"n": "18"}
        assert [cell.text for cell in overlap.cells] == ["<= 18", ">= 18"]


def test_the_same_conditions_twice_are_a_duplicate_however_they_are_written() -> None:
    [duplicate] = of(found([["1, 2", "1"], ["2, 1", "1"]], "FIRST"), Kind.DUPLICATE)
    assert [cell.rule for cell in duplicate.cells] == [1, 2]
    assert duplicate.severity is Severity.WARNING
    assert of(found([["1", "1"], ["1", "2"]], "COLLECT"), Kind.DUPLICATE) == []
    assert of(found([["? > 1", "1"], ["? > 1", "1"]], "COLLECT"), Kind.DUPLICATE) != []
    assert of(found([["? > 1", "1"], ["? > 2", "1"]], "COLLECT"), Kind.DUPLICATE) == []


def test_a_row_after_one_that_takes_all_is_shadowed_by_it() -> None:
    [shadowed] = of(found([["< 5", "1"], ["-", "2"], ["3", "3"]], "FIRST"), Kind.SHADOWED)
    assert [cell.rule for cell in shadowed.cells] == [3, 1]


def test_a_last_row_that_only_a_missing_value_reaches_is_not_shadowed() -> None:
    rules = [["true", "1"], ["false", "2"], ["-", "3"]]
    assert of(found(rules, "FIRST"), Kind.SHADOWED) == []


def test_a_value_that_is_not_allowed_makes_its_row_dead() -> None:
    analysis = found([['"lwo"', "1"], ['"high"', "2"]], allowed_inputs='"low", "high"')
    [value] = of(analysis, Kind.VALUE)
    [dead] = of(analysis, Kind.DEAD)
    assert value.cells == dead.cells
    assert value.cells[0].text == '"lwo"'
    assert len(analysis.errors) == 2


def test_an_output_that_is_not_allowed_is_found() -> None:
    [value] = of(found([["-", '"deny"']], allowed='"approve", "review"'), Kind.VALUE)
    assert (value.cells[0].rule, value.cells[0].text) == (1, '"deny"')


def test_cells_of_another_type_than_their_column_are_found() -> None:
    logic = table(["n"], [['"one"', "1"], ["> 1", "2"], ['> "b"', "3"]])
    typed = model(input_data("n", "number"), decision("D", logic, needs=["i_n"]))
    places = [finding.cells[0].text for finding in of(analyse(typed), Kind.TYPE)]
    assert places == ['"one"', '> "b"']


def test_cells_beyond_literals_are_named_and_never_called_faulty() -> None:
    analysis = found([["? > 1 and ? < 3", "1"], ["2", "2"]])
    assert analysis.errors == ()
    assert of(analysis, Kind.GAP) == []
    assert any(
        [cell.rule for cell in note.cells] == [1] for note in of(analysis, Kind.NOT_ANALYSED)
    )


def test_columns_of_several_kinds_are_named() -> None:
    notes = [note.message for note in found([["1", "1"], ['"a"', "2"]]).findings]
    assert "input n: its cells are of several kinds" in notes


def test_a_circle_of_decisions_is_told_with_its_way() -> None:
    circle = model(
        decision("A", literal("1"), needs=["d_B"]),
        decision("B", literal("1"), needs=["d_C"]),
        decision("C", literal("1"), needs=["d_A"]),
        decision("E", literal("1"), needs=["d_A"]),
    )
    [cycle] = analyse(circle).findings
    assert (cycle.kind, cycle.severity) == (Kind.CYCLE, Severity.ERROR)
    assert cycle.message == "A needs B needs C needs A"


def test_every_text_that_is_no_feel_is_named_with_its_character() -> None:
    broken = of(found([["> > 1", "1"], ["2", "1 +"]]), Kind.MODEL)
    assert [(each.element, each.character > 0) for each in broken] == [
        ("D, rule 1, n", True),
        ("D, rule 2, output 1", True),
    ]


def test_a_model_that_cannot_be_linked_is_one_error() -> None:
    [error] = analyse(model(decision("A", literal("1"), needs=["#nowhere"]))).findings
    assert error.kind is Kind.MODEL
    assert error.element == "A"


def test_what_is_no_model_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(ModelError, match="document type"):
        analyse(bomb)


def test_long_lists_of_findings_are_cut_and_say_so() -> None:
    analysis = found([[f"{number}", "1"] for number in range(30) for _ in range(2)])
    assert len(of(analysis, Kind.DUPLICATE)) == 21
    assert "10 more of this kind" in analysis.findings[-1].message or any(
        "10 more of this kind" in finding.message for finding in analysis.findings
    )


def test_a_table_of_too_many_rows_is_named() -> None:
    [note] = found([[f"{number}", "1"] for number in range(1001)]).findings
    assert note.kind is Kind.NOT_ANALYSED


def test_what_would_take_too_long_is_named_at_once() -> None:
    chance = random.Random(1)
    starts = [[chance.randint(0, 90) for _ in range(6)] for _ in range(150)]
    rows = [[*(f"[{n}..{n + chance.randint(40, 90)}]" for n in row), "1"] for row in starts]
    analysis = analyse(table_model(list("abcdef"), rows, hit_policy="FIRST"))
    notes = {note.message for note in of(analysis, Kind.NOT_ANALYSED)}
    assert "gaps beyond 500000 combinations of values were not looked for" in notes
    assert "shadowed rows were not looked for: over 500000 combinations of values" in notes


NUMBERS = st.sampled_from(["-", "1", "2", "< 2", ">= 2", "[1..3)", "not(2)", "1, 3", "> 3"])
WORDS = st.sampled_from(["-", '"a"', '"b"', 'not("a")', '"a", "c"'])
ROWS = st.lists(st.tuples(NUMBERS, WORDS, st.sampled_from(["1", "2"])), min_size=1, max_size=5)
GRID = [
    {"n": number, "w": word}
    for number, word in product([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, None], ["a", "b", "c", None])
]
ALLOWED = (
    '<itemDefinition name="tN"><typeRef>number</typeRef>'
    "<allowedValues><text>[0..4]</text></allowedValues></itemDefinition>"
    '<itemDefinition name="tW"><typeRef>string</typeRef>'
    '<allowedValues><text>"a", "b", "c"</text></allowedValues></itemDefinition>'
)


def closed(rows: list[tuple[str, str, str]], hit_policy: str) -> str:
    logic = table(["n", "w"], rows, hit_policy=hit_policy)
    return model(
        ALLOWED,
        input_data("n", "tN"),
        input_data("w", "tW"),
        decision("D", logic, needs=["i_n", "i_w"]),
    )


@given(ROWS)
def test_gaps_overlaps_and_dead_rows_are_those_of_brute_force(
    rows: list[tuple[str, str, str]],
) -> None:
    xml = closed(rows, "UNIQUE")
    compiled, analysis = compile_model(xml), analyse(xml)
    known = [each for each in GRID if None not in each.values()]
    fits = [{match.rule for match in compiled.evaluate("D", each).matched} for each in known]
    assert bool(of(analysis, Kind.GAP)) == any(not rules for rules in fits)
    pairs = {tuple(c.rule for c in f.cells) for f in of(analysis, Kind.DUPLICATE)}
    assert bool(of(analysis, Kind.OVERLAP) or pairs) == any(len(rules) > 1 for rules in fits)
    dead = {finding.cells[0].rule for finding in of(analysis, Kind.DEAD)}
    never = set(range(1, len(rows) + 1)) - set().union(*fits)
    # Each cell of a row may be possible by itself while the domain holds; columns are independent.
    assert dead == never
    for gap in of(analysis, Kind.GAP):
        sample = {name: _value(text) for name, text in gap.example.items()}
        assert not compiled.evaluate("D", sample).matched


@given(ROWS)
def test_shadowed_rows_are_those_of_brute_force(rows: list[tuple[str, str, str]]) -> None:
    xml = closed(rows, "FIRST")
    compiled, analysis = compile_model(xml), analyse(xml)
    first = {match.rule for each in GRID for match in compiled.evaluate("D", each).matched[:1]}
    late = {finding.cells[0].rule for finding in of(analysis, Kind.SHADOWED)}
    late |= {finding.cells[1].rule for finding in of(analysis, Kind.DUPLICATE)}
    late |= {finding.cells[0].rule for finding in of(analysis, Kind.DEAD)}
    never = set(range(1, len(rows) + 1)) - first
    assert late <= never
    negated = any("not" in text for row in rows for text in row)
    assert late == never or negated  # Whether a negation takes a missing value is not decided.


def _value(text: str) -> object:
    return text.strip('"') if text.startswith('"') else float(text)
