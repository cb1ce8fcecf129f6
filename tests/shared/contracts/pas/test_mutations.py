"""Property: whatever is done to a request, it is read or refused with reasons; nothing else."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from samples.catalogue import samples
from shared.contracts.pas import (
    Malformed,
    answer_bundle,
    operation_outcome,
    read_inquiry,
    read_submit,
    validate_response,
)

type Path = tuple[str | int, ...]
type Resource = dict[str, Any]

MUTATIONS = 2_000
VALUES: list[object] = [
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    10**400,
    True,
    [],
    {},
    [[]],
    [None],
    ["x"],
    [{}],
    {"a": 1},
    {"reference": "#x"},
    {"reference": 5},
    {"coding": "x"},
    {"coding": [5]},
    {"coding": [{"code": {}}]},
    [{"url": []}],
    "2020-13-45",
    "https://x.example/Patient/1",
    "urn:uuid:",
    "\u0000",
    {"resourceType": ["x"]},
    {"resourceType": "Patient", "id": "x"},
]


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    children: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = iter(enumerate(value))
    for key, child in children:
        yield from paths(child, (*path, key))


def mutated(bundle: Resource, chance: random.Random) -> Resource:
    """The bundle with one place removed, repeated or replaced."""
    changed = copy.deepcopy(bundle)
    *steps, last = chance.choice(list(paths(changed)))
    place: Any = changed
    for step in steps:
        place = place[step]
    deed = chance.random()
    if deed < 0.2:
        del place[last]
    elif deed < 0.3 and isinstance(place, list):
        place.append(copy.deepcopy(place[-1]))
    else:
        place[last] = copy.deepcopy(chance.choice(VALUES))
    return changed


def outcome_of[T](read: Callable[[bytes], T], bundle: Resource) -> T | Malformed:
    try:
        return read(json.dumps(bundle).encode())
    except Malformed as refused:
        return refused


@pytest.mark.parametrize("name", samples())
def test_a_mutated_request_is_answered_or_refused_with_reasons(name: str, noon: datetime) -> None:
    seed = sum(map(ord, name))
    chance = random.Random(seed)
    accepted = 0
    for number in range(MUTATIONS // len(samples())):
        bundle = mutated(samples()[name], chance)
        told = f"reproduce with seed {seed}, mutation {number}"
        submission = outcome_of(read_submit, bundle)
        if isinstance(submission, Malformed):
            assert submission.status in {400, 413}, told
            assert any(issue.severity == "error" for issue in submission.issues), told
            assert json.dumps(operation_outcome(submission.issues)), told
            continue
        accepted += 1
        answer = answer_bundle(
            submission.bundle, submission.request, [], case_id="pa-1", answered_at=noon
        )
        version = submission.request.profile_version
        issues = validate_response(answer, version=version)
        faults = [issue for issue in issues if issue.severity == "error"]
        assert not faults, f"{told}: {faults}"
    assert accepted, "a mutation of an optional element is accepted"


def test_a_mutated_inquiry_is_read_or_refused(published: Callable[[str], bytes]) -> None:
    seed = 20
    chance = random.Random(seed)
    bundle = json.loads(published("pas-2.2.1/Bundle-PASClaimInquiryBundleExample.json"))
    refused = 0
    for number in range(MUTATIONS // 4):
        outcome = outcome_of(read_inquiry, mutated(bundle, chance))
        if isinstance(outcome, Malformed):
            assert outcome.issues, f"reproduce with seed {seed}, mutation {number}"
            refused += 1
    assert 0 < refused < MUTATIONS // 4


def test_random_bytes_are_refused() -> None:
    chance = random.Random(7)
    for _ in range(200):
        with pytest.raises(Malformed):
            read_submit(chance.randbytes(chance.randrange(200)))
