"""The queries: values travel as parameters, and every path asked for is indexed."""

import re
from dataclasses import fields

import pytest

from shared.adapters.cosmos.containers import CASES
from shared.adapters.cosmos.queries import (
    Query,
    cases_wanted,
    newest_of,
    of_case,
    tasks_counted,
    tasks_wanted,
    waiting,
)
from shared.ports.case_store import CaseFilter, TaskFilter
from tests.shared.ports.samples import NOON

NASTY = "x' OR 1=1 --"
EVERY_FIELD_OF_CASES = CaseFilter(
    stages=(NASTY, "b"),
    member_id=NASTY,
    provider_npi=NASTY,
    services=NASTY,
    decided_since=NOON.date(),
    ends_before=NOON.date(),
    due_before=NOON,
    after=NASTY,
    limit=7,
)
EVERY_FIELD_OF_TASKS = TaskFilter(
    queues=(NASTY,), statuses=("a", "b"), claimed_by=NASTY, limit=7, offset=3
)
EVERY_QUERY = [
    of_case(NASTY, NASTY),
    waiting("unopenedSince", before=NOON, limit=5),
    waiting("undeliveredSince", before=NOON, limit=5),
    waiting("unresolvedSince", limit=5),
    newest_of("decisions"),
    cases_wanted(EVERY_FIELD_OF_CASES),
    tasks_wanted(EVERY_FIELD_OF_TASKS),
    tasks_counted(EVERY_FIELD_OF_TASKS),
]


@pytest.mark.parametrize(
    ("wanted", "nothing"),
    [(EVERY_FIELD_OF_CASES, CaseFilter()), (EVERY_FIELD_OF_TASKS, TaskFilter())],
)
def test_no_field_of_a_filter_is_left_out(
    wanted: CaseFilter | TaskFilter, nothing: CaseFilter | TaskFilter
) -> None:
    same = [
        each.name
        for each in fields(wanted)
        if getattr(wanted, each.name) == getattr(nothing, each.name)
    ]
    assert same == []


@pytest.mark.parametrize("query", EVERY_QUERY)
def test_values_travel_as_parameters(query: Query) -> None:
    assert NASTY not in query.text
    named = re.findall(r"@p\d+", query.text)
    assert named == [parameter["name"] for parameter in query.parameters]


@pytest.mark.parametrize("query", EVERY_QUERY)
def test_every_path_asked_for_is_indexed(query: Query) -> None:
    assert _paths(query) <= set(CASES.indexed)


def test_every_indexed_path_is_asked_for() -> None:
    assert set(CASES.indexed) == set().union(*map(_paths, EVERY_QUERY))


def _paths(query: Query) -> set[str]:
    return set(re.findall(r"c\.(\w+)", query.text))
