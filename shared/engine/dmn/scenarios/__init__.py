"""Tests of a model that its owners write: scenarios, what they reach, what they would notice."""

from shared.engine.dmn.scenarios.coverage import Coverage
from shared.engine.dmn.scenarios.mutation import MutationReport, Survivor, mutate
from shared.engine.dmn.scenarios.running import Outcome, Report, run_scenarios
from shared.engine.dmn.scenarios.scenario import Scenario, read_scenarios

__all__ = [
    "Coverage",
    "MutationReport",
    "Outcome",
    "Report",
    "Scenario",
    "Survivor",
    "mutate",
    "read_scenarios",
    "run_scenarios",
]
