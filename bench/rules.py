"""Decision tables per second: the same ten rules over four inputs, side by side.

`python -m bench.rules` prints them. zen-engine, a rule engine in Rust, is no part of the product;
it is installed into the environment the first time that it is measured.
"""

from __future__ import annotations

import importlib
import json
import random
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from shared.engine.dmn import compile_model
from shared.engine.feel import from_python
from shared.engine.feel.running import Run

if TYPE_CHECKING:
    from collections.abc import Callable

type Figures = dict[str, dict[str, float | str]]
type Case = dict[str, Any]

ZEN = "zen-engine==2.1.3"
UNIT = "evaluations/s"
CASES = 64
ROUNDS = 5
ROUND_SECONDS = 0.4
INPUTS = (("service", "string"), ("age", "number"), ("cost", "number"), ("inNetwork", "boolean"))
RULES = (
    ('"imaging"', "< 18", "<= 500", "true", "approve"),
    ('"imaging"', "< 18", "> 500", "-", "review"),
    ('"imaging"', "[18..65)", "<= 1000", "true", "approve"),
    ('"imaging"', "[18..65)", "> 1000", "true", "ask"),
    ('"imaging"', ">= 65", "-", "-", "approve"),
    ('"surgery"', "-", "<= 5000", "true", "ask"),
    ('"surgery"', "-", "> 5000", "-", "review"),
    ('"therapy","equipment"', "-", "<= 300", "-", "approve"),
    ('"therapy","equipment"', "-", "> 300", "true", "ask"),
    ("-", "-", "-", "-", "review"),
)


def dmn_model_10x4() -> Figures:
    """Our engine, all of it: inputs converted and checked, a decision looked up, a result made."""
    model = compile_model(dmn_document())
    return _figure("dmn_model_10x4", lambda case: model.evaluate("Route", case).value, cases())


def dmn_table_10x4() -> Figures:
    """Our engine, the compiled table alone, on inputs that are already FEEL values."""
    logic = compile_model(dmn_document()).linked.decisions["Route"].logic
    scopes = [{name: from_python(value) for name, value in case.items()} for case in cases()]
    run = Run()

    def decide(scope: Case) -> Any:
        run.matched.clear()
        return logic(scope, run)

    return _figure("dmn_table_10x4", decide, scopes)


def zen_10x4() -> Figures:
    """zen-engine on the same table in its own format, compiled once."""
    decision = _zen().ZenEngine().create_decision(json.dumps(zen_document()))
    return _figure("zen_10x4", lambda case: decision.evaluate(case)["result"]["route"], cases())


def python_10x4() -> Figures:
    """The rules as a programmer would write them."""
    return _figure("python_10x4", by_hand, cases())


def rules() -> Figures:
    """All four, one after the other, in one run."""
    return {**dmn_model_10x4(), **dmn_table_10x4(), **zen_10x4(), **python_10x4()}


def cases() -> list[Case]:
    """Inputs that reach every rule, the same in every run."""
    chance = random.Random(20260517)  # noqa: S311 - a benchmark wants the same numbers each time
    services = ("imaging", "surgery", "therapy", "equipment", "other")
    return [
        {
            "service": chance.choice(services),
            "age": chance.randrange(100),
            "cost": chance.randrange(0, 8000, 50),
            "inNetwork": chance.random() < 0.5,  # noqa: PLR2004 - even odds
        }
        for _ in range(CASES)
    ]


def by_hand(case: Case) -> str:  # noqa: C901, PLR0911, PLR0912 - what a table saves us from
    """The ten rules as if and elif."""
    service, age, cost, in_network = case["service"], case["age"], case["cost"], case["inNetwork"]
    if service == "imaging":
        if age < 18:  # noqa: PLR2004 - the rules' own numbers, here and below
            if cost <= 500 and in_network:  # noqa: PLR2004
                return "approve"
            if cost > 500:  # noqa: PLR2004
                return "review"
        elif age < 65:  # noqa: PLR2004
            if cost <= 1000 and in_network:  # noqa: PLR2004
                return "approve"
            if cost > 1000 and in_network:  # noqa: PLR2004
                return "ask"
        else:
            return "approve"
    elif service == "surgery":
        if cost <= 5000 and in_network:  # noqa: PLR2004
            return "ask"
        if cost > 5000:  # noqa: PLR2004
            return "review"
    elif service in {"therapy", "equipment"}:
        if cost <= 300:  # noqa: PLR2004
            return "approve"
        if in_network:
            return "ask"
    return "review"


def dmn_document() -> str:
    """The rules in DMN."""
    columns = "".join(
        f'<input label="{name}"><inputExpression typeRef="{kind}"><text>{name}</text>'
        "</inputExpression></input>"
        for name, kind in INPUTS
    )
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
        + f'<outputEntry><text>"{route}"</text></outputEntry></rule>'
        for *cells, route in RULES
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>'
        for name, _ in INPUTS
    )
    data = "".join(
        f'<inputData name="{name}" id="{name}"><variable name="{name}" typeRef="{kind}"/>'
        "</inputData>"
        for name, kind in INPUTS
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:bench" '
        f'name="Bench">{data}<decision name="Route" id="route">'
        f'<variable name="Route" typeRef="string"/>{needs}<decisionTable hitPolicy="FIRST">'
        f"{columns}<output/>{rows}</decisionTable></decision></definitions>"
    )


def zen_document() -> dict[str, Any]:
    """The rules in zen-engine's JSON Decision Model."""
    names = [name for name, _ in INPUTS]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in names],
        "outputs": [{"id": "route", "name": "route", "field": "route"}],
        "rules": [
            {
                "_id": str(index),
                **{
                    name: "" if cell == "-" else cell
                    for name, cell in zip(names, cells, strict=True)
                },
                "route": f'"{route}"',
            }
            for index, (*cells, route) in enumerate(RULES)
        ],
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    return {"nodes": nodes, "edges": edges}


def main() -> None:
    """Print the figures, highest first."""
    figures = sorted(rules().items(), key=lambda item: -float(item[1]["value"]))
    for name, figure in figures:
        sys.stdout.write(f"{name:16} {float(figure['value']):>12,.0f} {figure['unit']}\n")


def _figure(name: str, decide: Callable[[Case], Any], given: list[Case]) -> Figures:
    """The best of several rounds, once the answers are known to be right."""
    wrong = [
        number
        for number, (case, scope) in enumerate(zip(cases(), given, strict=True))
        if decide(scope) != by_hand(case)
    ]
    if wrong:
        raise AssertionError(f"{name} answers cases {wrong} otherwise than the rules by hand")
    best = max(_round(decide, given) for _ in range(ROUNDS))
    return {name: {"value": round(best), "unit": UNIT}}


def _round(decide: Callable[[Case], Any], given: list[Case]) -> float:
    count = 0
    start = perf_counter()
    while (spent := perf_counter() - start) < ROUND_SECONDS:
        for case in given:
            decide(case)
        count += len(given)
    return count / spent


def _zen() -> Any:
    try:
        return importlib.import_module("zen")
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", ZEN], check=True)  # noqa: S603 - our own pin
        importlib.invalidate_caches()
        return importlib.import_module("zen")


if __name__ == "__main__":
    main()
