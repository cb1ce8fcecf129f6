from decimal import Decimal

import pytest

from shared.engine.dmn import compile_model
from shared.engine.dmn.scenarios.scenario import plain, read_scenarios, same, typed_inputs
from shared.engine.feel.temporal import Date
from shared.errors import ModelError
from tests.shared.engine.dmn.samples import input_data, model

ONE = '{"name": "a", "decision": "D", "given": {"n": 1}, "expect": 2}'


def test_numbers_of_a_scenario_are_exact() -> None:
    [scenario] = read_scenarios('{"scenarios": [' + ONE.replace("2}", "2.10}") + "]}")
    assert scenario.expect == Decimal("2.10")
    assert str(scenario.expect) == "2.10"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "list of scenarios"),
        ("{", "list of scenarios"),
        ('{"scenarios": {}}', "a list of at most"),
        ('{"scenarios": [{"name": "a", "decision": "D", "given": {}}]}', "scenario 1"),
        ('{"scenarios": [' + ONE + "," + ONE + "]}", "two scenarios have this name"),
        ('{"scenarios": ' + "[" * 100_000, "list of scenarios"),
    ],
)
def test_a_broken_scenario_file_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        read_scenarios(text, "fee.scenarios.json")
    assert caught.value.file == "fee.scenarios.json"


def test_texts_are_dates_where_the_model_has_dates() -> None:
    dated = compile_model(model(input_data("day", "date"), input_data("word", "string")))
    given = typed_inputs(dated, {"day": "2026-01-31", "word": "2026-01-31"})
    assert given == {"day": Date(2026, 1, 31), "word": "2026-01-31"}


def test_a_text_that_is_no_date_is_refused_without_being_quoted() -> None:
    dated = compile_model(model(input_data("day", "date")))
    with pytest.raises(ModelError, match="day: the text is no date") as caught:
        typed_inputs(dated, {"day": "secret"})
    assert "secret" not in str(caught.value)


def test_an_answer_is_plain_and_true_is_not_one() -> None:
    assert plain({"on": [Date(2026, 1, 2)], "n": Decimal(1)}) == {"on": ["2026-01-02"], "n": 1}
    assert same({"a": [Decimal(1), True]}, {"a": [1, True]})
    assert not same({"a": [Decimal(1)]}, {"a": [True]})
    assert not same([1], [1, 2])
