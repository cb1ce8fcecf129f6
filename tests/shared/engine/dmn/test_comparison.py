from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.engine.dmn import Model, compile_model
from shared.engine.dmn.comparison import NO_ANSWER, Flip, Recorded, compare, row_name
from tests.shared.engine.dmn.samples import table_model

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AGES = [["< 18", '"child"', "5"], [">= 18", '"adult"', "10"]]


def fees(rules: list[list[str]]) -> Model:
    return compile_model(table_model(["age"], rules, outputs=("group", "fee")))


def decided(model: Model, *ages: Any) -> list[Recorded]:
    """What a model decided, each for a case of its own."""
    made = []
    for number, age in enumerate(ages, 1):
        result = model.evaluate("D", {"age": age}, now=NOW)
        rows = tuple(row_name(*match) for match in result.matched)
        made.append(
            Recorded(
                case_id=f"case-{number}",
                decision="D",
                at=NOW,
                given={"age": age},
                answer=result.value,
                rows=rows,
            )
        )
    return made


def test_the_same_version_flips_nothing() -> None:
    model = fees(AGES)
    comparison = compare(model, decided(model, 1, 17, 18, 80))
    assert (comparison.decisions, comparison.flipped, comparison.flip_share) == (4, 0, 0)
    assert (comparison.matrix, comparison.rows, comparison.cases) == ((), {}, ())


def test_flips_are_told_by_output_row_and_case() -> None:
    candidate = fees([["< 21", '"child"', "5"], [">= 21", '"adult"', "10"]])
    comparison = compare(candidate, decided(fees(AGES), 17, 18, 20, 21))
    assert comparison.flip_share == 0.5
    assert dict(comparison.matrix) == {
        Flip("D", "group", "adult", "child"): 2,
        Flip("D", "fee", "10", "5"): 2,
    }
    assert comparison.rows == {"D#r1": (1, 3), "D#r2": (3, 1)}
    assert comparison.cases == ("case-2", "case-3")


def test_an_answer_that_is_lost_is_a_flip() -> None:
    candidate = fees([["< 10", '"child"', "5"]])
    comparison = compare(candidate, decided(fees(AGES), 4, 30))
    assert (comparison.flipped, comparison.unanswered) == (1, 1)
    [(flip, count)] = comparison.matrix
    assert (flip.output, flip.after, count) == ("", NO_ANSWER, 1)


def test_a_decision_that_is_no_more_is_a_flip_and_the_rest_is_still_compared() -> None:
    recorded = decided(fees(AGES), 4)
    renamed = [*recorded, *recorded]
    renamed[0] = Recorded(
        case_id="case-9", decision="X", at=NOW, given={}, answer=Decimal(1), rows=()
    )
    comparison = compare(fees(AGES), renamed)
    assert (comparison.decisions, comparison.flipped, comparison.unanswered) == (2, 1, 1)


def test_nothing_recorded_flips_nothing() -> None:
    assert compare(fees(AGES), []).flip_share == 0
