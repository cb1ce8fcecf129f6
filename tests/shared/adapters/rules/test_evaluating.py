from datetime import date, timedelta

import pytest

from shared.adapters.rules.evaluating import Evaluator, table_rows
from shared.contracts.decision_log import read_inputs
from shared.engine.dmn import compile_model
from shared.errors import PermanentError
from shared.ports.decision_log import gathering
from shared.ports.rule_book import TableRow
from tests.shared.engine.dmn.samples import table_model
from tests.shared.ports.samples import NOON

FEES = compile_model(table_model(["day"], [['< @"2026-01-01"', "1.50"], ["-", "2"]], hit_policy="FIRST"))  # fmt: skip  # noqa: E501 - one table


def test_an_answer_is_noted_where_it_is_gathered() -> None:
    given = {"day": date(2025, 12, 31)}
    with gathering() as records:
        answered = Evaluator().answer(FEES, "fees", "D", given, NOON)
    [record] = records
    assert record.given == {"day": {"date": "2025-12-31"}}
    assert record.answer == {"number": "1.50"}
    assert (record.rows, record.version) == (answered.rows, FEES.content_hash)
    again = Evaluator().answer(FEES, "fees", "D", read_inputs(record.given), record.at)
    assert again == answered


def test_nothing_is_noted_where_nobody_gathers() -> None:
    Evaluator().answer(FEES, "fees", "D", {"day": date(2025, 12, 31)}, NOON)
    with gathering() as records:
        pass
    assert records == []


def test_a_question_asked_before_gets_the_same_answer_and_is_noted_again() -> None:
    evaluator, given = Evaluator(), {"day": date(2025, 12, 31)}
    first = evaluator.answer(FEES, "fees", "D", given, NOON)
    with gathering() as records:
        assert evaluator.answer(FEES, "fees", "D", given, NOON + timedelta(days=1)) is first
    assert [record.at for record in records] == [NOON + timedelta(days=1)]
    other = evaluator.answer(FEES, "fees", "D", {"day": date(2026, 1, 1)}, NOON)
    assert other.value != first.value


def test_a_model_that_asks_the_time_is_evaluated_every_time() -> None:
    model = compile_model(
        table_model(["day"], [["< today()", "1"], ["-", "2"]], hit_policy="FIRST")
    )
    evaluator, given = Evaluator(), {"day": NOON.date()}
    assert evaluator.answer(model, "fees", "D", given, NOON).value == 2
    assert evaluator.answer(model, "fees", "D", given, NOON + timedelta(days=1)).value == 1


def test_the_rows_of_a_table_come_as_they_are_written() -> None:
    assert table_rows(FEES, "fees", "D") == (
        TableRow({"day": '< @"2026-01-01"'}, ("1.50",)),
        TableRow({"day": "-"}, ("2",)),
    )
    with pytest.raises(PermanentError, match="fees has no table E"):
        table_rows(FEES, "fees", "E")
