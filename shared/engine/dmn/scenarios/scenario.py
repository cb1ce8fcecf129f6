"""Scenario files: inputs and the answer that their author expects, as JSON beside the model."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel.ranges import CONVERSIONS
from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.engine.dmn.model import Model

SCENARIOS_MAX = 20_000
TEMPORAL = Date | DateTime | Time | DaysDuration | MonthsDuration
WRITTEN_AS: Mapping[str, str] = {
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "duration",
    "years and months duration": "duration",
}
"""How a value of a temporal type is read from the text that JSON has for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One test of a decision.

    Attributes:
        name: what it shows, in words.
        given: inputs as JSON has them; dates, times and durations are texts.
        expect: the answer, likewise; None where there is to be no answer.
    """

    name: str
    decision: str
    given: Mapping[str, Any]
    expect: Any


def read_scenarios(text: str | bytes, file: str = "") -> tuple[Scenario, ...]:
    """The scenarios of a file.

    Raises:
        ModelError: it is no scenario file; it names the file and the scenario.
    """
    try:
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        listed = document["scenarios"]
        if not isinstance(listed, list) or len(listed) > SCENARIOS_MAX:
            raise ModelError(f"scenarios is a list of at most {SCENARIOS_MAX}", file=file)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError("no JSON object with a list of scenarios", file=file) from error
    scenarios = tuple(_scenario(each, number, file) for number, each in enumerate(listed, 1))
    for name, count in Counter(scenario.name for scenario in scenarios).items():
        if count > 1:
            raise ModelError("two scenarios have this name", file=file, element=name)
    return scenarios


def _scenario(each: Any, number: int, file: str) -> Scenario:
    match each:
        case {"name": str() as name, "decision": str() as decision, "given": dict() as given}:
            if "expect" in each:
                return Scenario(name=name, decision=decision, given=given, expect=each["expect"])
    raise ModelError(
        "a scenario has a name, a decision, given and expect",
        file=file,
        element=f"scenario {number}",
    )


def typed_inputs(model: Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs from JSON, with texts read as dates, times and durations where the model has those.

    Raises:
        ModelError: a text is no value of its input's type; it names the input, not the text.
    """
    kinds = {
        data.name: WRITTEN_AS.get(data.variable.type_ref.removeprefix("feel:"))
        for data in model.definitions.inputs
    }
    return {name: _typed(name, value, kinds.get(name)) for name, value in given.items()}


def _typed(name: str, value: Any, kind: str | None) -> Any:
    if kind is None or not isinstance(value, str):
        return value
    try:
        return CONVERSIONS[kind](value)
    except FeelError as error:
        raise ModelError(f"the text is no {kind}", element=name) from error


def plain(value: Any) -> Any:
    """An answer as JSON has it: dates, times and durations as texts."""
    if isinstance(value, TEMPORAL):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def same(answer: Any, expected: Any) -> bool:
    """Whether two JSON values are the same; true is not 1."""
    if isinstance(answer, dict) and isinstance(expected, dict):
        return answer.keys() == expected.keys() and all(
            same(value, expected[name]) for name, value in answer.items()
        )
    if isinstance(answer, list) and isinstance(expected, list):
        return len(answer) == len(expected) and all(map(same, answer, expected))
    return isinstance(answer, bool) == isinstance(expected, bool) and bool(answer == expected)
