from shared.engine.dmn import compile_model
from shared.engine.dmn.scenarios.mutants import mutants_of
from tests.shared.engine.dmn.samples import table_model


def mistakes(rules: list[list[str]], hit_policy: str = "UNIQUE", allowed: str = "") -> set[str]:
    model = compile_model(table_model(["n"], rules, hit_policy=hit_policy, allowed_inputs=allowed))
    [(_, table)] = model.tables
    return {f"{mutant.rule}: {mutant.mistake}" for mutant in mutants_of(table, model)}


def test_the_end_of_an_interval_is_moved_and_its_condition_turned_round() -> None:
    assert mistakes([["[1..5)", "true"]]) == {
        "1: the row is left out",
        "1: n is -",
        "1: n is not([1..5))",
        "1: n is (1..5)",
        "1: n is [1..5]",
        "1: the output is false",
    }


def test_each_of_several_values_is_left_out_and_confused_with_its_neighbour() -> None:
    assert mistakes([['"a", "b"', "1"]], allowed='"a", "b", "c"') == {
        "1: the row is left out",
        "1: n is -",
        '1: n is not("a", "b")',
        '1: n is "b"',
        '1: n is "a"',
        '1: n is "b", "b"',
        '1: n is "a", "c"',
        "1: the output is 2",
    }


def test_rows_change_places_only_where_their_order_matters() -> None:
    rules = [["1", '"a"'], ["-", '"b"']]
    assert "1: the row and the next change places" in mistakes(rules, "FIRST")
    assert "1: the row and the next change places" not in mistakes(rules, "COLLECT")


def test_a_dash_is_narrowed_by_a_value_that_another_row_names() -> None:
    assert "2: n is not(1)" in mistakes([["1", '"a"'], ["-", '"b"']], "FIRST")


def test_a_cell_that_is_more_than_literals_is_only_widened() -> None:
    assert mistakes([["? > n", "n + 1"]]) == {
        "1: the row is left out",
        "1: n is -",
        "1: the output is null",
    }
