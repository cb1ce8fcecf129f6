from shared.engine.dmn import compile_model
from shared.engine.dmn.analysis.domains import allowed_inputs, input_domains, type_name_of
from tests.shared.engine.dmn.samples import decision, input_data, model, table, table_model

LEVEL = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef>'
    '<allowedValues><text>"low", "high"</text></allowedValues></itemDefinition>'
)


def test_the_type_of_the_input_that_a_column_looks_at_is_the_columns() -> None:
    logic = table(["level"], [['"low"', "1"]])
    levels = compile_model(
        model(LEVEL, input_data("level", "tLevel"), decision("D", logic, needs=["i_level"]))
    )
    [(_, found)] = levels.tables
    assert type_name_of(found.inputs[0], levels) == "tLevel"
    [domain] = input_domains(found, levels)
    assert domain is not None
    assert domain.values == ("low", "high")


def test_the_columns_own_allowed_values_come_first() -> None:
    own = compile_model(table_model(["n"], [["1", "1"]], allowed_inputs="1, 2"))
    [(_, found)] = own.tables
    domain = allowed_inputs(found.inputs[0], own)
    assert domain is not None
    assert domain.values == (1, 2)


def test_a_column_without_either_is_open() -> None:
    untyped = compile_model(table_model(["n + 1"], [["1", "1"]]))
    [(_, found)] = untyped.tables
    assert type_name_of(found.inputs[0], untyped) == ""
    assert input_domains(found, untyped) == (None,)
