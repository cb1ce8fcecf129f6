from datetime import UTC, datetime

import pytest

from shared.engine.dmn import compile_model
from shared.engine.dmn.scenarios.mutation import mutate
from shared.engine.dmn.scenarios.scenario import Scenario
from shared.errors import ModelError
from tests.shared.engine.dmn.samples import (
    decision,
    input_data,
    model,
    table,
    table_model,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AGES = [["< 18", '"child"'], [">= 18", '"adult"']]


def scenarios(*answers: tuple[object, object]) -> list[Scenario]:
    return [
        Scenario(name=str(given), decision="D", given={"n": given}, expect=expect)
        for given, expect in answers
    ]


def test_scenarios_at_the_boundaries_notice_every_mistake() -> None:
    report = mutate(
        compile_model(table_model(["n"], AGES)),
        scenarios((17, "child"), (18, "adult"), (30, "adult")),
        now=NOW,
    )
    assert report.survivors == ()
    assert report.score == 100
    assert report.made == 10


def test_without_the_boundary_its_mistake_survives() -> None:
    report = mutate(
        compile_model(table_model(["n"], AGES)), scenarios((1, "child"), (30, "adult")), now=NOW
    )
    assert {survivor.mistake for survivor in report.survivors} == {"n is <= 18", "n is > 18"}
    assert report.score == 80


def test_a_mistake_that_changes_no_answer_is_none() -> None:
    rules = [['"a"', "1"], ['"b"', "2"]]
    report = mutate(
        compile_model(table_model(["n"], rules, hit_policy="FIRST", allowed_inputs='"a", "b"')),
        scenarios(("a", 1), ("b", 2)),
        now=NOW,
    )
    assert report.survivors == ()
    # The two rows never fit together, and the second may as well be a dash.
    assert report.equivalent == 2


def test_no_scenarios_notice_nothing() -> None:
    report = mutate(compile_model(table_model(["n"], AGES)), [], now=NOW)
    assert report.score == 0


def test_a_table_within_a_context_is_mutated_too() -> None:
    inner = table(["n"], AGES)
    boxed = f'<context><contextEntry><variable name="x"/>{inner}</contextEntry></context>'
    nested = compile_model(model(input_data("n"), decision("D", boxed, needs=["i_n"])))
    report = mutate(nested, scenarios((17, {"x": "child"}), (18, {"x": "adult"})), now=NOW)
    assert report.made == 10
    assert report.score == 100


def test_imports_are_not_followed() -> None:
    library = compile_model(model(own="urn:library"))
    using = compile_model(
        model('<import name="lib" namespace="urn:library" importType="DMN"/>'),
        imports={"urn:library": library},
    )
    with pytest.raises(ModelError, match="imports"):
        mutate(using, [], now=NOW)
