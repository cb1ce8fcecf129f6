"""The queries: values travel as parameters, and every path asked for is indexed."""

import re

import pytest

from shared.adapters.cosmos.containers import CASES
from shared.adapters.cosmos.queries import (
    Query,
    cases_wanted,
    of_case,
    tasks_counted,
    tasks_wanted,
    waiting,
)
from shared.ports.case_store import CaseFilter, TaskFilter
from tests.shared.ports.samples import NOON

NASTY = "x' OR 1=1 --"
EVERY_QUERY = [
    of_case(NASTY, NASTY),
    waiting("undeliveredSince", before=NOON, limit=5),
    waiting("unresolvedSince", limit=5),
    cases_wanted(CaseFilter(stages=(NASTY, "b"), member_id=NASTY, due_before=NOON, after=NASTY)),
    tasks_wanted(TaskFilter(queues=(NASTY,), statuses=("a", "b"), claimed_by=NASTY, offset=3)),
    tasks_counted(TaskFilter(claimed_by=NASTY)),
]


@pytest.mark.parametrize("query", EVERY_QUERY)
def test_values_travel_as_parameters(query: Query) -> None:
    assert NASTY not in query.text
    named = re.findall(r"@p\d+", query.text)
    assert named == [parameter["name"] for parameter in query.parameters]


@pytest.mark.parametrize("query", EVERY_QUERY)
def test_every_path_asked_for_is_indexed(query: Query) -> None:
    assert set(re.findall(r"c\.(\w+)", query.text)) <= set(CASES.indexed)
