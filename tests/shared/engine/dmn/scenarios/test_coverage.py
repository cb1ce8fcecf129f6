from shared.engine.dmn import Match, compile_model
from shared.engine.dmn.scenarios.coverage import coverage_of
from tests.shared.engine.dmn.samples import decision, literal, model, table_model


def test_rows_that_never_decide_are_missed() -> None:
    tables = compile_model(table_model(["n"], [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"]]))
    coverage = coverage_of(tables, [Match("D", 2, "r2"), Match("D", 2, "r2")])
    assert coverage.percent == 25
    assert [row.rule for row in coverage.missed] == [1, 3, 4]


def test_a_model_without_tables_is_covered() -> None:
    assert coverage_of(compile_model(model(decision("D", literal("1")))), []).percent == 100
