from datetime import UTC, datetime

from shared.engine.dmn import Model, compile_model
from shared.engine.dmn.scenarios.running import run_scenarios
from shared.engine.dmn.scenarios.scenario import Scenario
from tests.shared.engine.dmn.samples import table_model

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEES = [["< 18", '"child"'], ["[18..65)", '"adult"'], [">= 65", '"senior"']]


def fees() -> Model:
    return compile_model(table_model(["age"], FEES, hit_policy="FIRST"), file="fee.dmn")


def scenario(age: object, expect: object, decision: str = "D") -> Scenario:
    return Scenario(name=f"age {age}", decision=decision, given={"age": age}, expect=expect)


def test_scenarios_that_hold_pass_and_their_rows_are_reached() -> None:
    report = run_scenarios(fees(), [scenario(4, "child"), scenario(70, "senior")], now=NOW)
    assert report.failed == ()
    assert [row.rule for row in report.coverage.reached] == [1, 3]
    assert [row.rule for row in report.coverage.missed] == [2]
    assert round(report.coverage.percent) == 67


def test_another_answer_fails_and_says_which_row_gave_it() -> None:
    [failed] = run_scenarios(fees(), [scenario(18, "child")], now=NOW).failed
    assert (failed.answer, failed.why) == ("adult", "another answer than expected")
    assert [row.rule_id for row in failed.rows] == ["r2"]


def test_a_decision_that_is_not_there_fails_its_scenario_only() -> None:
    report = run_scenarios(fees(), [scenario(1, "child", "X"), scenario(1, "child")], now=NOW)
    [failed] = report.failed
    assert "there is no such decision" in failed.why


def test_a_missing_answer_may_be_expected() -> None:
    assert run_scenarios(fees(), [scenario("old", None)], now=NOW).failed == ()
