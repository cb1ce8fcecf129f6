from datetime import date

import pytest

from shared.adapters.rules.evaluating import answer, table_rows
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
        answered = answer(FEES, "fees", "D", given, NOON)
    [record] = records
    assert record.given == {"day": {"date": "2025-12-31"}}
    assert record.answer == {"number": "1.50"}
    assert (record.rows, record.version) == (answered.rows, FEES.content_hash)
    again = answer(FEES, "fees", "D", read_inputs(record.given), record.at)
    assert again == answered


def test_nothing_is_noted_where_nobody_gathers() -> None:
    answer(FEES, "fees", "D", {"day": date(2025, 12, 31)}, NOON)
    with gathering() as records:
        pass
    assert records == []


def test_the_rows_of_a_table_come_as_they_are_written() -> None:
    assert table_rows(FEES, "fees", "D") == (
        TableRow({"day": '< @"2026-01-01"'}, ("1.50",)),
        TableRow({"day": "-"}, ("2",)),
    )
    with pytest.raises(PermanentError, match="fees has no table E"):
        table_rows(FEES, "fees", "E")
